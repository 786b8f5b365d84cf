"""Samples by split and class, page by page, in a fixed shuffled order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from workbench.app.plain import plain
from workbench.app.shared import paging, sample_cells
from workbench.app.shared.run_words import SPLIT_NAMES
from workbench.config import DataConfig
from workbench.data.dataset import SPLITS, Dataset, SplitName
from workbench.plots import cards

_IMAGES, _TEXTS = 36, 12
_ALL, _MISSING = "all", "no label"


def show(data: Dataset, config: DataConfig) -> None:
    """Draw the choices and one page of samples."""
    left, right = st.columns(2)
    split = _split(data, left)
    rows = _rows_of_class(data, data.rows(split), right)
    most = _IMAGES if data.info.modality == "image" else _TEXTS
    if not len(rows):
        st.info("No sample of this class is in this split.")
        return
    shown = rows[paging.page(len(rows), most, "page")]
    what = "images" if data.info.modality == "image" else "texts"
    st.caption(f"{len(rows):,} {what}, in a mixed order that stays the same.")
    st.html(cards.grid(sample_cells.cells(data, shown.tolist())))


def _split(data: Dataset, column: DeltaGenerator) -> SplitName:
    splits = {SPLIT_NAMES[name]: name for name in SPLITS if data.info.counts.get(name)}
    chosen = column.segmented_control(
        "Split",
        list(splits),
        required=True,
        default=next(iter(splits)),
        key="split",
        bind="query-params",
    )
    return splits[str(chosen)]


def _rows_of_class(data: Dataset, split: slice, column: DeltaGenerator) -> npt.NDArray[np.int64]:
    """The rows of ``split`` that have the chosen class, shuffled by a fixed seed."""
    rows: npt.NDArray[np.int64] = np.arange(split.start, split.stop)
    rows = np.random.default_rng(0).permutation(rows)
    label = data.info.label
    if label is None:
        return rows
    values = data.target(label.name)
    options = [_ALL, *label.classes, *([_MISSING] if (values < 0).any() else [])]
    chosen = column.selectbox(
        f"Class of '{plain(label.name)}'",
        list(dict.fromkeys(options)),
        key="class",
        bind="query-params",
    )
    if chosen == _ALL:
        return rows
    code = label.classes.index(chosen) if chosen in label.classes else -1
    of_class: npt.NDArray[np.int64] = rows[values[rows] == code]
    return of_class
