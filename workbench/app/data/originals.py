"""Originals next to what the encoder gets: scaled and cut pictures, or tokens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import streamlit as st

from workbench.app.data import frames
from workbench.app.shared import data_choice, messages, paging, sample_cells, session
from workbench.config import DataConfig
from workbench.data.dataset import Dataset
from workbench.data.thumbnails import rgb
from workbench.engine.data_replies import CutTextRecord, OriginalRecord
from workbench.errors import WorkbenchError
from workbench.plots import cards

_IMAGES, _TEXTS = 8, 4
_SIDE = 144


def show(data: Dataset, config: DataConfig) -> None:
    """Draw some samples of the training split, page by page, in a fixed shuffled order."""
    train = data.rows("train")
    rows = np.random.default_rng(0).permutation(np.arange(train.start, train.stop))
    image = data.info.modality == "image"
    shown = rows[paging.page(len(rows), _IMAGES if image else _TEXTS, "original")].tolist()
    try:
        originals = _originals(
            session.home(),
            data.info.fingerprint,
            tuple(shown),
            data_choice.allowed_folder(config),
            _config=config,
        )
    except WorkbenchError as error:
        messages.show_error(error)
        st.caption("What was prepared of the originals stays usable.")
        return
    if image:
        _pictures(data, shown, cast(list[OriginalRecord], originals))
    else:
        _texts(data, shown, cast(list[CutTextRecord], originals))


@st.cache_data(ttl=600, max_entries=64, show_spinner="Fetching the originals")
def _originals(
    home: Path,
    fingerprint: str,
    rows: tuple[int, ...],
    within: Path | None,
    *,
    _config: DataConfig,
) -> list[OriginalRecord] | list[CutTextRecord]:
    return session.engine().originals(_config, fingerprint, rows, within)


def _pictures(data: Dataset, rows: Sequence[int], originals: Sequence[OriginalRecord]) -> None:
    size = data.info.size or (1, 1)
    pixels = rgb(np.asarray(data.images[np.asarray(rows)]))
    pairs = []
    for picture, original in zip(pixels, originals, strict=True):
        right = cards.figure(
            picture, f"what the encoder gets of {original['name']}",
            ["encoder", f"{size[1]} x {size[0]}"], side=_SIDE,
        )  # fmt: skip
        pairs.append(cards.pair(_original(original, size, data.info.fit), right))
    st.html(cards.grid(pairs))
    st.write("At the left the original, at the right what the encoder gets before augmentation.")
    if any(frames.changes_shape(original, size) for original in originals):
        st.caption(frames.sentence(data.info.fit, data.info.shown))


def _original(original: OriginalRecord, size: tuple[int, int], fit: str | None) -> str:
    lines = [sample_cells.short(original["name"])]
    if original["size"] is not None:
        height, width = original["size"]
        count = original["channels"]
        channels = {1: "gray", 3: "colour"}.get(count or 0, f"{count} channels")
        deep = ", more than 8 bits" if original["deep"] else ""
        lines.append(f"{width} x {height}, {channels}{deep}")
    return frames.framed(original, lines, size, fit, side=_SIDE, what="original")


def _texts(data: Dataset, rows: Sequence[int], originals: Sequence[CutTextRecord]) -> None:
    st.write(
        "The raw text, and the tokens that the encoder gets. Words are in lower case and cut into "
        "pieces learned from the training texts (## continues a word)."
    )
    for row, original in zip(rows, originals, strict=True):
        pieces, tokens = original["pieces"], original["tokens"]
        with st.container(border=True):
            st.html(cards.cut_text(data.texts[row], original["kept"]))
            if tokens > len(pieces):
                st.caption(
                    f"The first {len(pieces)} of {tokens:,} tokens; what is struck out is cut."
                )
            else:
                st.caption(f"{tokens} tokens")
            st.html(cards.tokens(pieces))
