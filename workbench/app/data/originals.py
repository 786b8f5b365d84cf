"""Originals next to what the encoder gets: scaled and cut pictures, or tokens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import streamlit as st

from workbench.app.shared import data_choice, messages, paging, sample_cells, session
from workbench.config import DataConfig
from workbench.data.dataset import Dataset
from workbench.data.decoding.decode import centre_box
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
        pairs.append(cards.pair(_original(original, size), right))
    st.write("At the left the original, at the right what the encoder gets before augmentation.")
    st.html(cards.grid(pairs))
    if any(_is_cut(original, size) for original in originals):
        st.caption("The dashed frame is what is kept: the shorter side is scaled, the rest is cut.")


def _original(original: OriginalRecord, size: tuple[int, int]) -> str:
    name = original["name"]
    if original["picture"] is None or original["size"] is None:
        return cards.missing(original["error"], [sample_cells.short(name)], side=_SIDE)
    height, width = original["size"]
    count = original["channels"]
    channels = {1: "gray", 3: "colour"}.get(count or 0, f"{count} channels")
    lines = [
        sample_cells.short(name),
        f"{width} x {height}, {channels}" + (", more than 8 bits" if original["deep"] else ""),
    ]
    alt = f"original {name}, {width} x {height} pixels"
    if not _is_cut(original, size):
        return cards.figure(original["picture"], alt, lines, side=_SIDE)
    left, top, right, bottom = centre_box((height, width), size)
    box = (left / width, top / height, right / width, bottom / height)
    return cards.framed(original["picture"], alt, box, lines, side=_SIDE)


def _is_cut(original: OriginalRecord, size: tuple[int, int]) -> bool:
    """Whether the original has another shape than ``size`` (height, width), and loses its edges."""
    if not original["size"]:
        return False
    height, width = original["size"]
    return height * size[1] != width * size[0]


def _texts(data: Dataset, rows: Sequence[int], originals: Sequence[CutTextRecord]) -> None:
    st.write(
        "The raw text, and the tokens that the encoder gets: words in lower case, cut into pieces "
        "that the training texts taught (## goes on with a word)."
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
