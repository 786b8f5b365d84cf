"""The mistakes of a run on validation samples: which class is predicted for which, and samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from workbench.app import tables
from workbench.app.plain import plain
from workbench.app.shared.figure import plot, theme
from workbench.comparison import Predictions
from workbench.comparison.run_fields import KNN, PROBE
from workbench.data.dataset import Dataset
from workbench.data.thumbnails import thumbnails
from workbench.evaluation.confusion import confusion, most_confused
from workbench.plots import sheets as html
from workbench.plots.confusion import confusion_figure
from workbench.stored_runs import validation_predictions
from workbench.stored_runs.stored_run import StoredRun

PARAMETER = "cell"
_SHOWN, _SIDE = 40, 56
_LISTED = 10
_TRUE, _PREDICTED = "true class", "predicted class"
_READOUTS = {"Simple classifier": PROBE, "Nearest neighbours": KNN}

Rows = npt.NDArray[np.int64]


class Cell(NamedTuple):
    """A square of the confusion matrix: positions of the true and the predicted class."""

    truth: int
    predicted: int


def show(run: StoredRun) -> None:
    """Draw the confusion matrix, the most frequent confusions, and the samples of a square."""
    data = run.data
    predictions = validation_predictions.predictions(run)
    label = None if data is None else data.info.label
    if predictions is None or not predictions.answers or data is None or label is None:
        st.caption(plain(_why_none(run, data)))
        return
    readout = _readout(predictions)
    predicted = np.asarray(predictions.answers[readout])
    matrix = confusion(predictions.truth, predicted, len(label.classes))
    right, n = int(np.trace(matrix)), int(matrix.sum())
    st.caption(
        f"{right:,} of {n:,} validation samples are classed rightly ({right / max(1, n):.0%}), by "
        f"{validation_predictions.READOUTS[readout]}. Click a square to see the samples behind it. "
        "Mistakes on test samples are not shown: whoever looks at them chooses by them."
    )
    key = f"{run.id}-{readout}"
    left, side = st.columns([3, 2])
    with left:
        _figure(matrix, label.classes, key)
    with side:
        _list(matrix, label.classes, key)
    cell = _chosen_cell(label.classes)
    if cell is not None:
        of_cell = (predictions.truth == cell.truth) & (predicted == cell.predicted)
        classes = label.classes[cell.truth], label.classes[cell.predicted]
        _samples(run, data, predictions.rows[of_cell], *classes)


def _why_none(run: StoredRun, data: Dataset | None) -> str:
    if data is None:
        return "The data of this run are not prepared here any more, so its mistakes have no names."
    if data.info.label is None:
        return "These data have no labels, so there is nothing that could be mistaken."
    if run.demo:
        return "The stored demo runs keep no predictions, so their mistakes cannot be shown."
    if not run.finished:
        return f"Predictions are made when a run is scored. This one is {run.row.state}."
    if run.row.summary.get("unscored"):
        return "The training time was too short for scores, so no class was predicted."
    if data.info.normal is not None:
        return (
            f"Training shows '{data.info.normal}' samples only, so no class is predicted. The "
            "scores say how well the unusual is found."
        )
    return "No predictions of validation samples were made: there are none with a known label."


def _readout(predictions: Predictions) -> str:
    titles = [title for title, protocol in _READOUTS.items() if protocol in predictions.answers]
    chosen = st.segmented_control(
        "Answered by",
        titles,
        default=titles[0],
        required=True,
        key="readout",
        bind="query-params",
    )
    return _READOUTS[str(chosen)]


def _figure(matrix: Rows, classes: Sequence[str], key: str) -> None:
    """Draw the matrix; clicking a square chooses it."""
    key = f"inspect-confusion-{key}"

    def clicked() -> None:
        points = st.session_state[key].selection.points
        if points:
            truth, predicted = points[0]["customdata"]
            _choose(Cell(int(truth), int(predicted)))

    plot(
        confusion_figure(matrix, classes, theme=theme()),
        key=key,
        on_select=clicked,
        alt="How many samples of each true class are predicted as each class",
    )


def _list(matrix: Rows, classes: Sequence[str], key: str) -> None:
    """Draw the most frequent confusions; clicking a row chooses its square."""
    key = f"inspect-confused-{key}"
    confusions = most_confused(matrix, _LISTED)
    if not confusions:
        st.write("No validation sample is taken for another class.")
        return

    def clicked() -> None:
        rows = st.session_state[key].selection.rows
        if rows:
            row = confusions[rows[0]]
            _choose(Cell(row.truth, row.predicted))

    st.markdown("**Most frequent mistakes**")
    frame = pd.DataFrame(
        {
            _TRUE: [classes[row.truth] for row in confusions],
            _PREDICTED: [classes[row.predicted] for row in confusions],
            "samples": [row.count for row in confusions],
            "share of true class": [f"{row.share:.0%}" for row in confusions],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        width="stretch",
        column_config=tables.column_help(frame.columns),
        key=key,
        on_select=clicked,
        selection_mode="single-row",
    )


def _choose(cell: Cell) -> None:
    """Write the square into the address."""
    st.query_params[PARAMETER] = f"{cell.truth}-{cell.predicted}"


def _chosen_cell(classes: Sequence[str]) -> Cell | None:
    """The square in the address; draws two fields that choose another one."""
    cell = _cell_in_address(len(classes))
    keys = ("inspect-truth", "inspect-said")
    for key, position in zip(keys, cell or (), strict=False):
        st.session_state[key] = position

    def changed() -> None:
        truth, predicted = (st.session_state[key] for key in keys)
        if truth is not None and predicted is not None:
            _choose(Cell(truth, predicted))

    for column, key, label in zip(st.columns(2), keys, (_TRUE, _PREDICTED), strict=True):
        column.selectbox(
            label,
            range(len(classes)),
            format_func=classes.__getitem__,
            placeholder="any class",
            key=key,
            on_change=changed,
        )
    return cell


def _cell_in_address(classes: int) -> Cell | None:
    parts = str(st.query_params.get(PARAMETER, "")).split("-")
    if len(parts) != 2 or not all(part.isdecimal() and len(part) < 6 for part in parts):
        return None
    cell = Cell(*map(int, parts))
    return cell if max(cell) < classes else None


def _samples(run: StoredRun, data: Dataset, rows: Rows, truth: str, predicted: str) -> None:
    what = f"{truth}, rightly" if truth == predicted else f"{truth}, taken for {predicted}"
    if not len(rows):
        st.write(f"No validation sample: {plain(what)}.")
        return
    count = "1 validation sample" if len(rows) == 1 else f"{len(rows):,} validation samples"
    st.markdown(f"**{count}: {plain(what)}**")
    if run.samples is None:
        st.caption("The samples of this run are not on this machine.")
        return
    shown = rows[:_SHOWN]
    if data.info.modality == "text":
        cells = [html.card(data.texts[row]) for row in shown]
    else:
        side = min(_SIDE, max(data.info.size or (_SIDE,)))
        cells = [
            html.picture(pixels, what, side=_SIDE) for pixels in thumbnails(data, shown, side=side)
        ]
    captioned = [
        html.captioned(cell, str(row)) for cell, row in zip(cells, shown.tolist(), strict=True)
    ]
    st.html(html.row(captioned, wrap=True))
    more = f" The first {_SHOWN} are shown." if len(rows) > _SHOWN else ""
    st.caption(f"Below each stands its number, to look it up under 'Samples'.{more}")
