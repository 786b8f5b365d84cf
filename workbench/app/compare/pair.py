"""Two runs, sample by sample: which samples moved most, and which only one run gets right."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.app.compare import disagreement, movers
from workbench.app.shared import run_words
from workbench.app.shared.maps import DrawnMaps
from workbench.app.shared.neighbours import sheet
from workbench.stored_runs.stored_run import StoredRun


def show(runs: Sequence[StoredRun], maps: Sequence[DrawnMaps]) -> None:
    """Draw the choice of two runs of one data set, and what differs between them.

    Without labels only what moved: nobody is right. maps: those on the page.
    """
    titles = run_words.unique_titles(runs)
    left, right = st.columns(2)
    with left:
        first = _choice("First run", runs, titles, "first")
    others = [run for run in runs if run.fingerprint == first.fingerprint and run is not first]
    # Another configuration is a more useful default than another seed.
    others.sort(key=lambda run: run.configuration == first.configuration)
    if not others:
        st.caption("It takes two runs of the same data: choose another one above.")
        return
    with right:
        second = _choice("Second run", others, titles, "second")
    of_data = (drawn for drawn in maps if drawn.runs[0].fingerprint == first.fingerprint)
    drawn_maps = next(of_data, None)
    names = titles[first.id], titles[second.id]
    movers.show(first, second, names, drawn_maps)
    if not sheet.unlabelled([first]):
        disagreement.show(first, second, names, drawn_maps)


def _choice(label: str, runs: Sequence[StoredRun], titles: dict[str, str], key: str) -> StoredRun:
    ids = [run.id for run in runs]
    chosen = st.selectbox(label, ids, format_func=titles.__getitem__, key=key, bind="query-params")
    return next((run for run in runs if run.id == chosen), runs[0])
