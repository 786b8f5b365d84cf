"""The neighbour sheet: the same samples with their neighbours in each feature space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from workbench.app.shared.neighbours import brightness
from workbench.stored_runs import feature_spaces, neighbour_sheets
from workbench.stored_runs.feature_spaces import Stamps
from workbench.stored_runs.neighbour_sheets import QUERIES
from workbench.stored_runs.stored_run import StoredRun

_DRAW = "near-draw"
_HOW = (
    "Samples are drawn at random from training and validation. Neighbours are nearest by cosine in "
    "the representations, not on a map."
)


@dataclass(frozen=True)
class _Brief:
    """How much is shown on a page that opens with the sheet: what stands below has to be seen, too.

    samples: how many. neighbours: pictures in each of their rows.
    """

    samples: int
    neighbours: int


# Three rows fit side by side with five neighbours each, four with four neighbours each. The rows of
# more than two runs go on in a second line.
_ONE_RUN, _TWO_RUNS, _MORE_RUNS = _Brief(3, 5), _Brief(3, 4), _Brief(2, 4)


def unlabelled(runs: Sequence[StoredRun]) -> bool:
    """Whether these runs can be judged by neighbours alone: none saw data with labels.

    Where the prepared data are gone, runs without scores count as unlabelled.
    """
    return bool(runs) and not any(_has_labels(run) for run in runs)


def show(runs: Sequence[StoredRun], *, brief: bool = False) -> None:
    """Draw the sheet of runs that kept their embeddings, and a button for other samples.

    brief: for a page that opens with the sheet. Fewer samples, below what the features predict.
    """
    draw = int(st.session_state.get(_DRAW, 0))
    text = _html(feature_spaces.stamps(runs), draw, brief, _runs=runs)
    if not text:
        st.caption("The samples of these runs are not on this machine.")
        return
    if brief:
        brightness.show(runs)
    data = runs[0].data
    plain = "words" if data is not None and data.info.modality == "text" else "pixels"
    left, right = st.columns([4, 1], vertical_alignment="center")
    left.markdown(
        "At the left a sample, at its right its nearest neighbours. Are those of a run more "
        f"similar than those by {plain} only? If not, the run has learned nothing that shows here.",
        help=_HOW,
    )
    if right.button("Other samples", icon=":material/shuffle:", width="stretch"):
        st.session_state[_DRAW] = draw + 1
        st.rerun()
    st.html(text)


def _has_labels(run: StoredRun) -> bool:
    data = run.data
    if data is None:
        return bool(run.row.summary.get("scores"))
    return data.info.label is not None


@st.cache_data(max_entries=16, show_spinner="Looking for neighbours")
def _html(stamps: Stamps, draw: int, brief: bool, *, _runs: Sequence[StoredRun]) -> str:
    data = _runs[0].data
    pictures = data is not None and data.info.modality == "image"
    size = {1: _ONE_RUN, 2: _TWO_RUNS}.get(len(_runs), _MORE_RUNS)
    sheet = neighbour_sheets.neighbour_sheet(
        _runs,
        queries=size.samples if brief else QUERIES,
        k=size.neighbours if brief and pictures else None,
        draw=draw,
    )
    return "" if sheet is None else neighbour_sheets.as_html(sheet)
