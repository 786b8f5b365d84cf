"""Validation samples that one run gets right and the other wrong."""

from __future__ import annotations

from functools import partial
from html import escape

import numpy as np
import numpy.typing as npt
import streamlit as st

from workbench.app.shared import map_selection
from workbench.app.shared.maps import Shown
from workbench.app.shared.session import Located
from workbench.comparison import Predictions
from workbench.comparison.disagreement import disagreement
from workbench.plots import sheets as html
from workbench.stored_runs import feature_spaces, neighbour_sheets, validation_predictions

_LISTED = 12

Rows = npt.NDArray[np.int64]


def show(first: Located, second: Located, names: tuple[str, str], shown: Shown | None) -> None:
    """Both kinds of disagreement, each a button that selects the samples on the map."""
    st.markdown("**Right in one, wrong in the other**")
    found = [
        validation_predictions.predictions(place.home, place.row.id) for place in (first, second)
    ]
    protocol = validation_predictions.protocol(found)
    if found[0] is None or found[1] is None or protocol is None:
        st.caption(
            "There are no predictions to compare: these runs have no labels to score with, or were "
            "scored before predictions of validation samples were kept."
        )
        return
    told = disagreement(found[0], found[1], protocol)
    if told is None:
        st.caption("These runs answered on no sample in common.")
        return
    st.caption(
        f"Of {told.n:,} validation samples, by "
        f"{validation_predictions.READ_BY[protocol]}: both right "
        f"{len(told.both):,}, neither {len(told.neither):,}. Test samples are not looked at."
    )
    _one(first, names, told.only_a, found, protocol, shown, "a")
    _one(first, names[::-1], told.only_b, found[::-1], protocol, shown, "b")


def _one(
    place: Located,
    names: tuple[str, ...],
    rows: Rows,
    found: list[Predictions | None],
    protocol: str,
    shown: Shown | None,
    key: str,
) -> None:
    """Samples that the first of ``names`` alone gets right."""
    st.write(f"{names[0]} right, {names[1]} wrong: {len(rows):,}.")
    if not len(rows):
        return
    _cells(place, rows, found[1], protocol)
    if shown is None:
        return
    there = rows[np.isin(rows, shown.rows)]
    st.button(
        f"Select these {len(there):,} on the map" if len(there) else "None of these is on the map",
        key=f"only-{key}",
        icon=":material/lasso_select:",
        disabled=not len(there),
        on_click=partial(map_selection.choose, shown.key, there.tolist()),
        help=None
        if len(there) == len(rows)
        else f"{len(rows) - len(there):,} of them are not on the map, which shows a part of the "
        "samples.",
    )


def _cells(place: Located, rows: Rows, wrong: Predictions | None, protocol: str) -> None:
    """The first samples, and what the wrong run takes them for."""
    data = feature_spaces.dataset((place.home, place.row))
    label = None if data is None else data.info.label
    if data is None or label is None or wrong is None:
        return
    listed = rows[:_LISTED]
    at = {int(row): i for i, row in enumerate(wrong.rows)}
    cells = neighbour_sheets.Cells(data, np.unique(listed))
    drawn = []
    for row in listed:
        i = at[int(row)]
        truth, taken = wrong.truth[i], int(wrong.answers[protocol][i])
        mistake = f"{label.classes[truth]} taken for {label.classes[taken]}"
        drawn.append(
            f'<div style="font-size:0.8rem;max-width:20rem;min-width:64px;">{cells.query(int(row))}'
            f"<div>{escape(mistake)}</div></div>"
        )
    st.html(html.row(drawn, wrap=True))
    if len(rows) > _LISTED:
        st.caption(f"The first {_LISTED} are shown.")
