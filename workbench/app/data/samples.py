"""Samples by split and class, page by page, in a fixed mixed order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import streamlit as st

from workbench.app.shared import paging, sample_cells
from workbench.config import DataConfig
from workbench.data.dataset import SPLITS, Dataset, SplitName
from workbench.plots import cards

_IMAGES, _TEXTS = 36, 12
_ALL, _MISSING = "all", "no label"


def show(data: Dataset, config: DataConfig) -> None:
    """Draw the choices and one page of samples."""
    left, right = st.columns(2)
    split = _split(data, left)
    rows = _of_class(data, data.rows(split), right)
    most = _IMAGES if data.info.modality == "image" else _TEXTS
    if not len(rows):
        st.info("No sample of this class is in this split.")
        return
    shown = rows[paging.page(len(rows), most, "page")]
    what = "images" if data.info.modality == "image" else "texts"
    st.caption(f"{len(rows):,} {what}, in a mixed order that stays the same.")
    st.html(cards.grid(sample_cells.cells(data, shown.tolist())))


def _split(data: Dataset, place: st.delta_generator.DeltaGenerator) -> SplitName:
    there = [name for name in SPLITS if data.info.counts.get(name)]
    words = {"training": "train"} | {name: name for name in there if name != "train"}
    chosen = place.segmented_control(
        "Split",
        [word for word, name in words.items() if name in there],
        required=True,
        default=next(word for word, name in words.items() if name in there),
        key="split",
        bind="query-params",
    )
    found: SplitName = words[str(chosen)]  # type: ignore[assignment]
    return found


def _of_class(
    data: Dataset, where: slice, place: st.delta_generator.DeltaGenerator
) -> npt.NDArray[np.int64]:
    """The rows of ``where`` that have the chosen class, mixed by a fixed draw."""
    rows: npt.NDArray[np.int64] = np.arange(where.start, where.stop)
    rows = np.random.default_rng(0).permutation(rows)
    label = data.info.label
    if label is None:
        return rows
    values = data.target(label.name)
    options = [_ALL, *label.classes, *([_MISSING] if (values < 0).any() else [])]
    chosen = place.selectbox(
        f"Class of '{label.name}'", list(dict.fromkeys(options)), key="class", bind="query-params"
    )
    if chosen == _ALL:
        return rows
    code = label.classes.index(chosen) if chosen in label.classes else -1
    found: npt.NDArray[np.int64] = rows[values[rows] == code]
    return found
