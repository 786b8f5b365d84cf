"""The nearest neighbours of one sample, by the run's encoder and by its untrained encoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from workbench.app.inspect import display
from workbench.app.plain import plain
from workbench.app.shared.sample_cells import label_names
from workbench.data.dataset import Dataset
from workbench.errors import WorkbenchError
from workbench.plots import sheets as html
from workbench.stored_runs import neighbours
from workbench.stored_runs.neighbour_sheets import Cells
from workbench.stored_runs.neighbours import Neighbours, UnitFeatures
from workbench.stored_runs.stored_run import StoredRun

PARAMETER = "sample"
KEY = "inspect-sample"
_NEIGHBOURS, _TEXTS = 8, 4
_LONGEST_NAME = 60


def show(run: StoredRun, focus: int | None, source: str) -> int | None:
    """Draw the neighbours of the chosen sample; returns its position in the cache, None if none is
    chosen.

    The sample was clicked on a map, typed, or is named in the address. focus: the sample clicked on
    a map. source: that map's name, so that an old click on one map does not count after a new click
    on another.
    """
    data = run.samples
    what = display.noun(data)
    st.markdown(f"**One {what} and its nearest neighbours**")
    if data is None:
        st.caption(
            "The samples of this run are not on this machine, so its neighbours cannot be shown."
        )
        return None
    row = _choice(focus, f"{source}-{run.id}", data, what)
    if row is None:
        st.caption("Click a point on the map, or type its number.")
        return None
    _description(data, row)
    try:
        features = _features(run.home, run.id, run.embeddings.stamp, _run=run)
        k = _TEXTS if data.info.modality == "text" else _NEIGHBOURS
        trained, untrained = features.nearest(row, k)
    except WorkbenchError as error:
        display.show_problem(error)
        return row
    st.html(_sheet(data, row, trained, untrained))
    st.caption(
        f"By cosine in the representations themselves, not on a map, among {len(features.rows):,} "
        f"training and validation {what}s; below each its similarity"
        + (" and its label" if data.info.label else "")
        + f". {len(set(trained.rows) & set(untrained.rows))} of {len(trained.rows)} are the same "
        "for both."
    )
    return row


def _choice(focus: int | None, source: str, data: Dataset, what: str) -> int | None:
    """The chosen sample: a new click decides, then the number in the field, then the address."""
    last = data.rows("validation").stop - 1
    last_focus = f"inspect-focus-{source}"
    if focus is not None and st.session_state.get(last_focus) != focus:
        st.session_state[KEY] = focus
    elif KEY not in st.session_state:
        text = str(st.query_params.get(PARAMETER, ""))
        valid = text.isdecimal() and len(text) < 12 and int(text) <= last
        st.session_state[KEY] = int(text) if valid else None
    elif (st.session_state[KEY] or 0) > last:
        # The number is of another run's data.
        st.session_state[KEY] = None
    st.session_state[last_focus] = focus
    number = st.number_input(
        f"Number of the {what}",
        min_value=0,
        max_value=last,
        step=1,
        key=KEY,
        placeholder="click a point, or type",
        help=f"Its place in the prepared data: training first, then validation, 0 to {last:,}.",
        width=220,
    )
    if number is None:
        if PARAMETER in st.query_params:
            del st.query_params[PARAMETER]
        return None
    if st.query_params.get(PARAMETER) != str(number):
        st.query_params[PARAMETER] = str(number)
    return int(number)


def _description(data: Dataset, row: int) -> None:
    name = data.ids[row]
    name = name if len(name) <= _LONGEST_NAME else f"…{name[1 - _LONGEST_NAME :]}"
    (label,) = label_names(data, np.array([row]))
    split = "training" if row < data.rows("train").stop else "validation"
    labelled = f", label **{plain(label)}**" if label else ""
    st.markdown(f"{plain(name)}, {split}{labelled}")


@st.cache_resource(max_entries=4, show_spinner="Reading the representations")
def _features(home: Path, run_id: str, stamp: float, *, _run: StoredRun) -> UnitFeatures:
    return neighbours.read(_run)


def _sheet(data: Dataset, row: int, trained: Neighbours, untrained: Neighbours) -> str:
    rows = np.unique(np.concatenate([[row], trained.rows, untrained.rows]))
    cells = Cells(data, rows)
    parts = [
        html.row(_captioned(data, cells, nearest), title, wrap=True)
        for title, nearest in (("trained", trained), ("untrained encoder", untrained))
    ]
    return html.sheet([html.block(cells.query(row), parts)])


def _captioned(data: Dataset, cells: Cells, nearest: Neighbours) -> list[str]:
    """The neighbours as cells, each with its similarity and its label."""
    labels = label_names(data, nearest.rows)
    return [
        html.captioned(
            cells.one(int(row), f"neighbour {rank}"),
            f"{cosine:.3f}" + (f" · {label}" if label else ""),
        )
        for rank, (row, cosine, label) in enumerate(
            zip(nearest.rows, nearest.cosine, labels, strict=True), start=1
        )
    ]
