"""Neighbours without labels: the neighbour sheet, and the blind vote on it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.app.compare import blind_vote, neighbour_sheet
from workbench.stored_runs import feature_spaces
from workbench.stored_runs.stored_run import StoredRun

_VIEWS = {"Neighbours": neighbour_sheet.show, "Blind vote": blind_vote.show}


def show(runs: Sequence[StoredRun]) -> None:
    """Draw the chosen view."""
    embedded = feature_spaces.with_embeddings(runs)
    if not embedded:
        st.caption(
            "None of these runs kept its embeddings (the stored demo runs do not), so their "
            "neighbours cannot be looked up."
        )
        return
    if len(embedded) < len(runs):
        st.caption("Runs on other data than the first, or without embeddings, are left out.")
    view = st.segmented_control(
        "View",
        list(_VIEWS),
        default="Neighbours",
        required=True,
        key="near-view",
        bind="query-params",
    )
    _VIEWS[str(view)](embedded)
