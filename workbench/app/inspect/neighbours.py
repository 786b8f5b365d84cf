"""The nearest neighbours of one sample, in the run's own space and in its untrained encoder's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from workbench.app.inspect import display
from workbench.app.shared.sample_cells import label_names
from workbench.app.shared.session import Located
from workbench.data.dataset import Dataset
from workbench.errors import WorkbenchError
from workbench.plots import sheets as html
from workbench.stored_runs import feature_spaces, neighbours
from workbench.stored_runs.neighbour_sheets import Cells
from workbench.stored_runs.neighbours import Near, Neighbourhood

PARAMETER = "sample"
KEY = "inspect-sample"
_NEIGHBOURS, _TEXTS = 8, 4
_LONGEST_NAME = 60


def show(place: Located, focus: int | None, source: str) -> int | None:
    """The neighbours of the sample that was clicked or is named in the address; its position in
    the cache, None if there is none.

    focus: what was clicked on a map; source: that map's name, so that an old click on one map does
    not come back after a new one on another.
    """
    data = feature_spaces.dataset((place.home, place.row))
    what = display.noun(data)
    st.markdown(f"**One {what} and its nearest neighbours**")
    if data is None:
        st.caption(
            "The samples of this run are not on this machine, so its neighbours cannot be shown."
        )
        return None
    row = _chosen(focus, f"{source}-{place.row.id}", data, what)
    if row is None:
        st.caption("Click a point on the map, or type its number.")
        return None
    _described(data, row)
    path = place.folder / "embeddings.safetensors"
    try:
        stamp = path.stat().st_mtime_ns if path.exists() else 0
        found = _neighbourhood(place.home, place.row.id, stamp, _place=place)
        k = _TEXTS if data.info.modality == "text" else _NEIGHBOURS
        trained, untrained = found.near(row, k)
    except WorkbenchError as error:
        display.problem(error)
        return row
    st.html(_sheet(data, row, trained, untrained))
    st.caption(
        f"By cosine in the representations themselves, not on a map, among {len(found.rows):,} "
        f"training and validation {what}s; below each its similarity"
        + (" and its label" if data.info.label else "")
        + f". {len(set(trained.rows) & set(untrained.rows))} of {len(trained.rows)} are the same "
        "for both."
    )
    return row


def _chosen(focus: int | None, source: str, data: Dataset, what: str) -> int | None:
    """The sample in question: a new click leads, then the number in the field, then the address."""
    last = data.rows("validation").stop - 1
    seen = f"inspect-focus-{source}"
    if focus is not None and st.session_state.get(seen) != focus:
        st.session_state[KEY] = focus
    elif KEY not in st.session_state:
        asked = str(st.query_params.get(PARAMETER, ""))
        known = asked.isdecimal() and len(asked) < 12 and int(asked) <= last
        st.session_state[KEY] = int(asked) if known else None
    elif (st.session_state[KEY] or 0) > last:
        # Of another run's data.
        st.session_state[KEY] = None
    st.session_state[seen] = focus
    given = st.number_input(
        f"Number of the {what}",
        min_value=0,
        max_value=last,
        step=1,
        key=KEY,
        placeholder="click a point, or type",
        help=f"Its place in the prepared data: training first, then validation, 0 to {last:,}.",
        width=220,
    )
    if given is None:
        if PARAMETER in st.query_params:
            del st.query_params[PARAMETER]
        return None
    if st.query_params.get(PARAMETER) != str(given):
        st.query_params[PARAMETER] = str(given)
    return int(given)


def _described(data: Dataset, row: int) -> None:
    name = data.ids[row]
    name = name if len(name) <= _LONGEST_NAME else f"…{name[1 - _LONGEST_NAME :]}"
    (label,) = label_names(data, np.array([row]))
    split = "training" if row < data.rows("train").stop else "validation"
    labelled = f", label **{display.plain(label)}**" if label else ""
    st.markdown(f"`{_code(name)}`, {split}{labelled}")


def _code(text: str) -> str:
    return text.replace("`", "'")


@st.cache_resource(max_entries=4, show_spinner="Reading the representations")
def _neighbourhood(home: Path, run_id: str, stamp: int, *, _place: Located) -> Neighbourhood:
    return neighbours.read((_place.home, _place.row))


def _sheet(data: Dataset, row: int, trained: Near, untrained: Near) -> str:
    rows = np.unique(np.concatenate([[row], trained.rows, untrained.rows]))
    cells = Cells(data, rows)
    parts = [
        html.row(_captioned(data, cells, near, "neighbour"), title, wrap=True)
        for title, near in (("trained", trained), ("untrained encoder", untrained))
    ]
    return html.sheet([html.block(cells.query(row), parts)])


def _captioned(data: Dataset, cells: Cells, near: Near, told: str) -> list[str]:
    names = label_names(data, near.rows)
    return [
        html.captioned(
            cells.one(int(row), f"{told} {place}"),
            f"{cosine:.3f}" + (f" · {name}" if name else ""),
        )
        for place, (row, cosine, name) in enumerate(
            zip(near.rows, near.cosine, names, strict=True), start=1
        )
    ]
