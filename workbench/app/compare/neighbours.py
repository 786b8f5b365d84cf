"""What lies near what, without labels: neighbour sheets, and the blind vote on them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.app.compare import blind_vote, neighbour_sheet
from workbench.app.shared.session import Located
from workbench.stored_runs import feature_spaces

_VIEWS = {"Neighbours": neighbour_sheet.show, "Blind vote": blind_vote.show}


def show(located: Sequence[Located]) -> None:
    """Draw the one that is looked at."""
    places = feature_spaces.with_embeddings([(place.home, place.row) for place in located])
    if not places:
        st.caption(
            "None of these runs kept its embeddings (the stored demo runs do not), so their "
            "neighbours cannot be looked up."
        )
        return
    if len(places) < len(located):
        st.caption("Runs on other data than the first, or without embeddings, are left out.")
    view = st.segmented_control(
        "View",
        list(_VIEWS),
        default="Neighbours",
        required=True,
        key="near-view",
        bind="query-params",
    )
    _VIEWS[str(view)](places)
