"""Neighbour sheets on the screen: the same samples, and what each way of seeing finds alike."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.stored_runs import feature_spaces, neighbour_sheets
from workbench.stored_runs.feature_spaces import Place, Stamps

_DRAW = "near-draw"


def show(places: Sequence[Place]) -> None:
    """The sheet of runs that kept their embeddings, and a button for other samples."""
    draw = int(st.session_state.get(_DRAW, 0))
    text = _html(feature_spaces.stamps(places), draw, _places=places)
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
def _html(stamps: Stamps, draw: int, *, _places: Sequence[Place]) -> str:
    found = neighbour_sheets.near(_places, draw=draw)
    return "" if found is None else neighbour_sheets.as_html(found)
