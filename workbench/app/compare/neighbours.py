"""Neighbours without labels: the neighbour sheet, and the blind vote on it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from workbench.app.compare import blind_vote
from workbench.app.shared import maps
from workbench.app.shared.neighbours import sheet
from workbench.app.shared.section import section
from workbench.stored_runs import feature_spaces
from workbench.stored_runs.stored_run import StoredRun

_VIEWS = {"Neighbours": sheet.show, "Blind vote": blind_vote.show}


def show(runs: Sequence[StoredRun]) -> None:
    """Draw the chosen view."""
    embedded = _embedded(runs)
    if not embedded:
        return
    view = st.segmented_control(
        "View",
        list(_VIEWS),
        default="Neighbours",
        required=True,
        key="near-view",
        bind="query-params",
    )
    _VIEWS[str(view)](embedded)


def show_first(runs: Sequence[StoredRun]) -> None:
    """Draw the sheet, and the vote folded below it: the answer where there are no labels."""
    embedded = _first_seeds(_embedded(runs))
    if not embedded:
        return
    st.subheader("What does each run find similar?", anchor=False)
    sheet.show(embedded, brief=True)
    section(
        "Blind vote: which neighbours are more alike?", "vote", partial(blind_vote.show, embedded)
    )


def _first_seeds(runs: Sequence[StoredRun]) -> list[StoredRun]:
    """One run of each configuration, as many as there are maps side by side."""
    first: dict[str, StoredRun] = {}
    for run in runs:
        first.setdefault(run.configuration, run)
    return list(first.values())[: maps.MOST]


def _embedded(runs: Sequence[StoredRun]) -> list[StoredRun]:
    """The runs that kept embeddings of one data set; a caption says which are left out."""
    embedded = feature_spaces.with_embeddings(runs)
    if not embedded:
        st.caption(
            "None of these runs kept its embeddings, as stored demo runs do not. So there are no "
            "neighbours to show."
        )
    elif len(embedded) < len(runs):
        st.caption("Runs on other data than the first, or without embeddings, are left out.")
    return embedded
