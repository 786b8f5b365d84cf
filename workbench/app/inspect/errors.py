"""Which classes a run's readouts take for which, on validation samples, and the samples behind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from workbench.app.inspect import display
from workbench.app.runs import detail
from workbench.app.shared.figure import plot
from workbench.app.shared.session import Located
from workbench.comparison import Predictions
from workbench.comparison.reading import KNN, PROBE
from workbench.data.dataset import Dataset
from workbench.data.thumbnails import thumbnails
from workbench.evaluation.confusion import confusion, most_confused
from workbench.plots import sheets as html
from workbench.plots.confusion import confusion_figure
from workbench.stored_runs import feature_spaces, inspected, validation_predictions

PARAMETER = "cell"
_SHOWN, _SIDE = 40, 56
_LISTED = 10
_READOUTS = {"Simple classifier": PROBE, "Nearest neighbours": KNN}

Rows = npt.NDArray[np.int64]


def show(place: Located) -> None:
    """The confusion matrix, the most frequent confusions, and the samples of a chosen square."""
    data = inspected.data_of(place.row, place.home)
    found = validation_predictions.predictions(place.home, place.row.id)
    label = None if data is None else data.info.label
    if found is None or not found.answers or data is None or label is None:
        st.caption(_why_none(place, data))
        return
    readout = _readout(found)
    said = np.asarray(found.answers[readout])
    matrix = confusion(found.truth, said, len(label.classes))
    right, n = int(np.trace(matrix)), int(matrix.sum())
    st.caption(
        f"{right:,} of {n:,} validation samples are classed rightly ({right / max(1, n):.0%}), by "
        f"{validation_predictions.READ_BY[readout]}. Click a square to see the samples behind it. "
        "Mistakes on test samples are not shown: whoever looks at them chooses by them."
    )
    key = f"{place.row.id}-{readout}"
    left, side = st.columns([3, 2])
    with left:
        _figure(matrix, label.classes, key)
    with side:
        _list(matrix, label.classes, key)
    cell = _cell(label.classes)
    if cell is not None:
        mine = found.rows[(found.truth == cell[0]) & (said == cell[1])]
        _samples(place, data, mine, label.classes[cell[0]], label.classes[cell[1]])


def _why_none(place: Located, data: Dataset | None) -> str:
    if data is None:
        return "The data of this run are not prepared here any more, so its mistakes have no names."
    if data.info.label is None:
        return "These data have no labels, so there is nothing that could be mistaken."
    if place.demo:
        return "The stored demo runs keep no predictions, so their mistakes cannot be shown."
    if place.row.state != "finished":
        return f"Predictions are made when a run is scored. This one is {place.row.state}."
    if data.info.normal is not None:
        return (
            f"Training shows '{data.info.normal}' samples only, so nothing is told apart by class: "
            "the scores say how well the unusual is found."
        )
    return "No predictions of validation samples were made: there are none with a known label."


def _readout(found: Predictions) -> str:
    names = [name for name, protocol in _READOUTS.items() if protocol in found.answers]
    chosen = st.segmented_control(
        "Answered by",
        names,
        default=names[0],
        required=True,
        key="readout",
        bind="query-params",
    )
    return _READOUTS[str(chosen)]


def _figure(matrix: Rows, classes: Sequence[str], key: str) -> None:
    key = f"inspect-confusion-{key}"

    def clicked() -> None:
        points = st.session_state[key].selection.points
        if points:
            _go(*(int(place) for place in points[0]["customdata"]))

    plot(
        confusion_figure(matrix, classes, theme=detail.theme()),
        key=key,
        on_select=clicked,
        selection_mode="points",
        alt="How many samples of each class are said to be of each class",
    )


def _list(matrix: Rows, classes: Sequence[str], key: str) -> None:
    """The most frequent confusions; choosing a row shows its samples."""
    key = f"inspect-confused-{key}"
    confused = most_confused(matrix, _LISTED)
    if not confused:
        st.write("No validation sample is taken for another class.")
        return

    def chosen() -> None:
        rows = st.session_state[key].selection.rows
        if rows:
            _go(confused[rows[0]].truth, confused[rows[0]].predicted)

    st.markdown("**Most frequent mistakes**")
    st.dataframe(
        pd.DataFrame(
            {
                "is": [classes[one.truth] for one in confused],
                "said to be": [classes[one.predicted] for one in confused],
                "samples": [one.count for one in confused],
                "of its class": [f"{one.share:.0%}" for one in confused],
            }
        ),
        hide_index=True,
        width="stretch",
        key=key,
        on_select=chosen,
        selection_mode="single-row",
    )


def _go(truth: int, said: int) -> None:
    st.query_params[PARAMETER] = f"{truth}-{said}"


def _cell(classes: Sequence[str]) -> tuple[int, int] | None:
    """The square in question, by the address; two fields choose any other one."""
    asked = str(st.query_params.get(PARAMETER, "")).split("-")
    known = len(asked) == 2 and all(part.isdecimal() and len(part) < 6 for part in asked)
    places = [int(part) for part in asked] if known else []
    if any(place >= len(classes) for place in places):
        places = []
    keys = ("inspect-truth", "inspect-said")
    for key, place in zip(keys, places, strict=False):
        st.session_state[key] = place

    def picked() -> None:
        truth, said = (st.session_state[key] for key in keys)
        if truth is not None and said is not None:
            _go(truth, said)

    for column, key, label in zip(st.columns(2), keys, ("is", "said to be"), strict=True):
        column.selectbox(
            label,
            range(len(classes)),
            format_func=classes.__getitem__,
            placeholder="any class",
            key=key,
            on_change=picked,
        )
    return (places[0], places[1]) if places else None


def _samples(place: Located, data: Dataset, rows: Rows, truth: str, said: str) -> None:
    what = f"{truth}, rightly" if truth == said else f"{truth}, taken for {said}"
    if not len(rows):
        st.write(f"No validation sample: {display.plain(what)}.")
        return
    count = "1 validation sample" if len(rows) == 1 else f"{len(rows):,} validation samples"
    st.markdown(f"**{count}: {display.plain(what)}**")
    if feature_spaces.dataset((place.home, place.row)) is None:
        st.caption("The samples of this run are not on this machine.")
        return
    shown = rows[:_SHOWN]
    if data.info.modality == "text":
        cells = [html.card(data.texts[row]) for row in shown]
    else:
        side = min(_SIDE, max(data.info.size or (_SIDE,)))
        pictures = thumbnails(data, shown, side=side)
        cells = [html.picture(one, what, side=_SIDE) for one in pictures]
    cells = [html.captioned(c, str(row)) for c, row in zip(cells, shown.tolist(), strict=True)]
    st.html(html.row(cells, wrap=True))
    more = f" The first {_SHOWN} are shown." if len(rows) > _SHOWN else ""
    st.caption(f"Below each stands its number, to look it up under 'Samples'.{more}")
