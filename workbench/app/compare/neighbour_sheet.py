"""The neighbour sheet: the same samples with their neighbours in each feature space."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.stored_runs import feature_spaces, neighbour_sheets
from workbench.stored_runs.feature_spaces import Stamps
from workbench.stored_runs.stored_run import StoredRun

_DRAW = "near-draw"


def show(runs: Sequence[StoredRun]) -> None:
    """Draw the sheet of runs that kept their embeddings, and a button for other samples."""
    draw = int(st.session_state.get(_DRAW, 0))
    text = _html(feature_spaces.stamps(runs), draw, _runs=runs)
    if not text:
        st.caption("The samples of these runs are not on this machine.")
        return
    st.write(
        "At the left a sample, at its right those that lie nearest to it. Where pixels or words "
        "only do as well as a run, the run has learned nothing that shows here."
    )
    st.html(text)
    st.caption(
        "Samples are drawn without labels from training and validation, by cosine in the "
        "representations themselves, not on a map."
    )
    if st.button("Other samples", icon=":material/shuffle:"):
        st.session_state[_DRAW] = draw + 1
        st.rerun()


@st.cache_data(max_entries=16, show_spinner="Looking for neighbours")
def _html(stamps: Stamps, draw: int, *, _runs: Sequence[StoredRun]) -> str:
    sheet = neighbour_sheets.neighbour_sheet(_runs, draw=draw)
    return "" if sheet is None else neighbour_sheets.as_html(sheet)
