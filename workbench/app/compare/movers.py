"""Movers: samples whose neighbours changed most between two runs, with those of either."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
import streamlit as st

from workbench.app.shared import map_selection
from workbench.app.shared.maps import Shown
from workbench.app.shared.session import Located
from workbench.maps.movers import Moved, movers
from workbench.plots import sheets as html
from workbench.stored_runs import feature_spaces, neighbour_sheets
from workbench.stored_runs.feature_spaces import Stamps

_LISTED, _TOGETHER = 6, 20
_NEIGHBOURS = 6

Rows = npt.NDArray[np.int64]


def show(first: Located, second: Located, names: tuple[str, str], shown: Shown | None) -> None:
    """The most moved samples; each can be selected on the map, all of them too.

    names: what the two runs are called. shown: the maps of these data, None if there are none.
    """
    st.markdown("**Samples that moved most**")
    pair = [(place.home, place.row) for place in (first, second)]
    places = feature_spaces.with_embeddings(pair)
    if len(places) < len(pair):
        st.caption("One of these runs kept no embeddings, so its neighbours cannot be looked up.")
        return
    found = _moved(feature_spaces.stamps(places), _places=places)
    if found is None:
        st.caption("There are too few samples to have neighbours.")
        return
    rows, moved = found
    k = moved.near_a.shape[1]
    st.caption(
        f"On average a sample lost {moved.changed.mean():.0%} of its {k} nearest neighbours from "
        f"{names[0]} to {names[1]} (cosine in the representations themselves, {len(rows):,} "
        "training and validation samples). Listed are those that lost most, and whose neighbours "
        "went farthest."
    )
    most = rows[moved.order[:_TOGETHER]]
    if shown is not None:
        st.button(
            f"Select the {len(most)} most moved on the map",
            icon=":material/lasso_select:",
            on_click=partial(map_selection.choose, shown.key, most.tolist()),
        )
    _list(places[0], rows, moved, names, shown)


def _list(
    place: feature_spaces.Place, rows: Rows, moved: Moved, names: Sequence[str], shown: Shown | None
) -> None:
    data = feature_spaces.dataset(place)
    if data is None:
        st.caption("The samples of these runs are not on this machine.")
        return
    listed = moved.order[:_LISTED]
    near = [rows[side[listed][:, :_NEIGHBOURS]] for side in (moved.near_a, moved.near_b)]
    cells = neighbour_sheets.Cells(
        data, np.unique(np.concatenate([rows[listed], *map(np.ravel, near)]))
    )
    for number, position in enumerate(listed):
        sample = int(rows[position])
        sides = [
            cells.row(side[number], f"near it in {n}") for side, n in zip(near, names, strict=True)
        ]
        block = html.block(cells.query(sample), sides)
        if shown is None:
            st.html(block)
            continue
        left, right = st.columns([7, 1], vertical_alignment="center")
        left.html(block)
        both = np.concatenate([moved.near_a[position], moved.near_b[position]])
        right.button(
            "Select",
            key=f"mover-{sample}",
            icon=":material/lasso_select:",
            help=f"Selects '{data.ids[sample][:60]}' and its neighbours of either run on the map. "
            f"It lost {moved.changed[position]:.0%} of its neighbours.",
            on_click=partial(map_selection.choose, shown.key, [sample, *rows[both].tolist()]),
        )


@st.cache_data(max_entries=16, show_spinner="Comparing neighbourhoods")
def _moved(stamps: Stamps, *, _places: Sequence[feature_spaces.Place]) -> tuple[Rows, Moved] | None:
    one, other = feature_spaces.of_runs(_places, plain=False)[-2:]
    found = movers(one.features, other.features)
    return None if found is None else (one.rows, found)
