"""Movers: the samples whose neighbours differ most between two runs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
import streamlit as st

from workbench.app.plain import plain
from workbench.app.shared import map_selection
from workbench.app.shared.maps import DrawnMaps
from workbench.maps.movers import NeighbourChanges, movers
from workbench.plots import sheets as html
from workbench.stored_runs import feature_spaces, neighbour_sheets
from workbench.stored_runs.feature_spaces import Stamps
from workbench.stored_runs.stored_run import StoredRun

_LISTED, _SELECTED = 6, 20
_NEIGHBOURS = 6

Rows = npt.NDArray[np.int64]


def show(
    first: StoredRun, second: StoredRun, names: tuple[str, str], maps: DrawnMaps | None
) -> None:
    """Draw the samples that moved most, with buttons that select one or all of them on the map.

    names: of the two runs. maps: of these data, None if none are drawn.
    """
    st.markdown("**Samples that moved most**")
    pair = feature_spaces.with_embeddings([first, second])
    if len(pair) < 2:
        st.caption("One of these runs kept no embeddings, so its neighbours cannot be looked up.")
        return
    compared = _movers(feature_spaces.stamps(pair), _runs=pair)
    if compared is None:
        st.caption("There are too few samples to have neighbours.")
        return
    rows, moved = compared
    k = moved.neighbours_a.shape[1]
    st.caption(
        f"On average a sample lost {moved.changed.mean():.0%} of its {k} nearest neighbours from "
        f"{plain(names[0])} to {plain(names[1])} (cosine in the representations themselves, "
        f"{len(rows):,} training and validation samples). Listed are those that lost most, and "
        "whose neighbours went farthest."
    )
    most = rows[moved.order[:_SELECTED]]
    if maps is not None:
        st.button(
            f"Select the {len(most)} most moved on the map",
            icon=":material/lasso_select:",
            on_click=partial(map_selection.choose, maps.key, most.tolist()),
        )
    _list(first, rows, moved, names, maps)


def _list(
    run: StoredRun,
    rows: Rows,
    moved: NeighbourChanges,
    names: Sequence[str],
    maps: DrawnMaps | None,
) -> None:
    data = run.samples
    if data is None:
        st.caption("The samples of these runs are not on this machine.")
        return
    listed = moved.order[:_LISTED]
    neighbours = [
        rows[of_run[listed][:, :_NEIGHBOURS]] for of_run in (moved.neighbours_a, moved.neighbours_b)
    ]
    cells = neighbour_sheets.Cells(
        data, np.unique(np.concatenate([rows[listed], *map(np.ravel, neighbours)]))
    )
    for number, position in enumerate(listed):
        sample = int(rows[position])
        neighbour_rows = [
            cells.row(of_run[number], f"near it in {name}")
            for of_run, name in zip(neighbours, names, strict=True)
        ]
        block = html.block(cells.query(sample), neighbour_rows)
        if maps is None:
            st.html(block)
            continue
        left, right = st.columns([7, 1], vertical_alignment="center")
        left.html(block)
        both = np.concatenate([moved.neighbours_a[position], moved.neighbours_b[position]])
        right.button(
            "Select",
            key=f"mover-{sample}",
            icon=":material/lasso_select:",
            help=f"Selects '{plain(data.ids[sample][:60])}' and its neighbours of either run on "
            f"the map. It lost {moved.changed[position]:.0%} of its neighbours.",
            on_click=partial(map_selection.choose, maps.key, [sample, *rows[both].tolist()]),
        )


@st.cache_data(max_entries=16, show_spinner="Comparing neighbourhoods")
def _movers(stamps: Stamps, *, _runs: Sequence[StoredRun]) -> tuple[Rows, NeighbourChanges] | None:
    """The samples that both runs have, and how far each of them moved."""
    first, second = feature_spaces.of_runs(_runs, plain=False)[-2:]
    moved = movers(first.features, second.features)
    return None if moved is None else (first.rows, moved)
