"""The originals beside what the encoder gets: scaled and cut pictures, or tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from workbench.app.shared import data_choice, messages, paging, sample_cells, session
from workbench.config import DataConfig
from workbench.data.dataset import Dataset
from workbench.data.decoding.decode import centre_box
from workbench.data.thumbnails import rgb
from workbench.errors import WorkbenchError
from workbench.plots import cards

_IMAGES, _TEXTS = 8, 4
_SIDE = 144


def show(data: Dataset, config: DataConfig) -> None:
    """Draw some samples of the training split, page by page, in a fixed mixed order."""
    where = data.rows("train")
    rows = np.random.default_rng(0).permutation(np.arange(where.start, where.stop))
    image = data.info.modality == "image"
    shown = rows[paging.page(len(rows), _IMAGES if image else _TEXTS, "original")].tolist()
    try:
        found = _originals(
            session.home(), data.info.fingerprint, tuple(shown), data_choice.allowed(config),
            _config=config,
        )  # fmt: skip
    except WorkbenchError as error:
        messages.tell(error)
        st.caption("What was prepared of the originals stays usable.")
        return
    if image:
        _pictures(data, shown, found)
    else:
        _texts(data, shown, found)


@st.cache_data(ttl=600, max_entries=64, show_spinner="Fetching the originals")
def _originals(
    home: Path,
    fingerprint: str,
    rows: tuple[int, ...],
    within: Path | None,
    *,
    _config: DataConfig,
) -> list[dict[str, Any]]:
    return session.engine().originals(_config, fingerprint, rows, within)


def _pictures(data: Dataset, rows: Sequence[int], found: Sequence[Mapping[str, Any]]) -> None:
    size = data.info.size or (1, 1)
    pixels = rgb(np.asarray(data.images[np.asarray(rows)]))
    pairs = []
    for picture, one in zip(pixels, found, strict=True):
        right = cards.figure(
            picture, f"what the encoder gets of {one['name']}",
            ["encoder", f"{size[1]} x {size[0]}"], side=_SIDE,
        )  # fmt: skip
        pairs.append(cards.pair(_original(one, size), right))
    st.write("At the left the original, at the right what the encoder gets before augmentation.")
    st.html(cards.grid(pairs))
    if any(_cut(one, size) for one in found):
        st.caption("The dashed frame is what is kept: the shorter side is scaled, the rest is cut.")


def _original(one: Mapping[str, Any], size: tuple[int, int]) -> str:
    name = str(one["name"])
    if one["picture"] is None:
        return cards.missing(str(one["error"]), [sample_cells.short(name)], side=_SIDE)
    height, width = one["size"]
    channels = {1: "gray", 3: "colour"}.get(one["channels"], f"{one['channels']} channels")
    lines = [
        sample_cells.short(name),
        f"{width} x {height}, {channels}" + (", more than 8 bits" if one["deep"] else ""),
    ]
    told = f"original {name}, {width} x {height} pixels"
    if not _cut(one, size):
        return cards.figure(one["picture"], told, lines, side=_SIDE)
    left, top, right, bottom = centre_box((height, width), size)
    box = (left / width, top / height, right / width, bottom / height)
    return cards.framed(one["picture"], told, box, lines, side=_SIDE)


def _cut(one: Mapping[str, Any], size: tuple[int, int]) -> bool:
    return bool(one["size"]) and one["size"][0] * size[1] != one["size"][1] * size[0]


def _texts(data: Dataset, rows: Sequence[int], found: Sequence[Mapping[str, Any]]) -> None:
    st.write(
        "The raw text, and the tokens that the encoder gets: words in lower case, cut into pieces "
        "that the training texts taught (## goes on with a word)."
    )
    for row, one in zip(rows, found, strict=True):
        pieces, tokens = one["pieces"], int(one["tokens"])
        with st.container(border=True):
            st.html(cards.cut_text(data.texts[row], int(one["kept"])))
            if tokens > len(pieces):
                st.caption(
                    f"The first {len(pieces)} of {tokens:,} tokens; what is struck out is cut."
                )
            else:
                st.caption(f"{tokens} tokens")
            st.html(cards.tokens(pieces))
