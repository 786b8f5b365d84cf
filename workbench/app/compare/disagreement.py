"""Validation samples that one run gets right and the other wrong."""

from __future__ import annotations

from functools import partial
from html import escape

import numpy as np
import numpy.typing as npt
import streamlit as st

from workbench.app.plain import plain
from workbench.app.shared import map_selection
from workbench.app.shared.maps import DrawnMaps
from workbench.comparison import Predictions
from workbench.comparison.disagreement import disagreement
from workbench.plots import sheets as html
from workbench.stored_runs import neighbour_sheets, validation_predictions
from workbench.stored_runs.stored_run import StoredRun

_LISTED = 12

Rows = npt.NDArray[np.int64]


def show(
    first: StoredRun, second: StoredRun, names: tuple[str, str], maps: DrawnMaps | None
) -> None:
    """Draw both kinds of disagreement, each with a button that selects the samples on the map.

    names: of the two runs. maps: of these data, None if none are drawn.
    """
    st.markdown("**Right in one, wrong in the other**")
    of_first, of_second = map(validation_predictions.predictions, (first, second))
    protocol = validation_predictions.protocol([of_first, of_second])
    if of_first is None or of_second is None or protocol is None:
        st.caption(
            "There are no predictions to compare: the training time was too short for scores, or "
            "these runs are older than predictions of validation samples."
        )
        return
    differing = disagreement(of_first, of_second, protocol)
    if differing is None:
        st.caption("These runs answered on no sample in common.")
        return
    st.caption(
        f"Of {differing.n:,} validation samples, by "
        f"{validation_predictions.READOUTS[protocol]}: both right "
        f"{len(differing.both):,}, neither {len(differing.neither):,}. Test samples are not looked "
        "at."
    )
    wrong_answers = [
        (differing.only_a, names, of_second, "a"),
        (differing.only_b, names[::-1], of_first, "b"),
    ]
    for rows, (right, wrong), predictions, key in wrong_answers:
        st.write(plain(f"{right} right, {wrong} wrong: {len(rows):,}."))
        if len(rows):
            _cells(first, rows, predictions, protocol)
            if maps is not None:
                _select_button(rows, maps, f"only-{key}")


def _select_button(rows: Rows, maps: DrawnMaps, key: str) -> None:
    on_map = rows[np.isin(rows, maps.rows)]
    st.button(
        f"Select these {len(on_map):,} on the map"
        if len(on_map)
        else "None of these is on the map",
        key=key,
        icon=":material/lasso_select:",
        disabled=not len(on_map),
        on_click=partial(map_selection.choose, maps.key, on_map.tolist()),
        help=None
        if len(on_map) == len(rows)
        else f"{len(rows) - len(on_map):,} of them are not on the map, which shows a part of the "
        "samples.",
    )


def _cells(run: StoredRun, rows: Rows, predictions: Predictions, protocol: str) -> None:
    """Draw the first samples, each with its mistake in ``predictions``."""
    data = run.samples
    label = None if data is None else data.info.label
    if data is None or label is None:
        return
    listed = rows[:_LISTED]
    position = {int(row): i for i, row in enumerate(predictions.rows)}
    cells = neighbour_sheets.Cells(data, np.unique(listed))
    captioned = []
    for row in listed:
        i = position[int(row)]
        truth, predicted = predictions.truth[i], int(predictions.answers[protocol][i])
        mistake = f"{label.classes[truth]} taken for {label.classes[predicted]}"
        captioned.append(
            f'<div style="font-size:0.8rem;max-width:20rem;min-width:64px;">{cells.query(int(row))}'
            f"<div>{escape(mistake)}</div></div>"
        )
    st.html(html.row(captioned, wrap=True))
    if len(rows) > _LISTED:
        st.caption(f"The first {_LISTED} are shown.")
