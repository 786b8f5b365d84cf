"""What lies near what, without labels: neighbour sheets, the blind vote, agreement between runs."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.components import agreement_view, blind_vote, neighbour_sheet
from workbench.components.session import Located
from workbench.runs import spaces

_VIEWS = {
    "Neighbours": neighbour_sheet.show,
    "Blind vote": blind_vote.show,
    "Agreement": agreement_view.show,
}


def show(located: Sequence[Located]) -> None:
    """Draw them below one heading, and only the one that is looked at."""
    box = st.expander("What lies near what (no labels needed)", on_change="rerun", key="near")
    if not box.open:
        return
    with box:
        places = spaces.with_embeddings([(place.home, place.row) for place in located])
        if not places:
            st.caption(
                "None of these runs kept its embeddings (the stored demo runs do not), so their "
                "neighbours cannot be looked up."
            )
            return
        if len(places) < len(located):
            st.caption("Runs on other data than the first, or without embeddings, are left out.")
        view = st.segmented_control(
            "View", list(_VIEWS), default="Neighbours", required=True, key="near-view"
        )
        _VIEWS[str(view)](places)
