"""Loss curves with the level of guessing, checks over training, and spectra."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.app.shared import run_words, session
from workbench.app.shared.figure import plot, theme
from workbench.plots import checks_figure, curves_figure, spectrum_figure
from workbench.plots.checks import DRAWN
from workbench.store.rows import ENDED
from workbench.stored_runs.spectra import read_spectra
from workbench.stored_runs.stored_run import StoredRun

_TICK = "2s"
_LOSS, _KNN = "loss", "check.knn"


def any_live(runs: Sequence[StoredRun]) -> bool:
    """Whether any of the runs has not ended."""
    return any(run.row.state not in ENDED for run in runs)


def show(runs: Sequence[StoredRun]) -> None:
    """Draw the curves of all runs, every two seconds while one is live."""
    ids, states = [run.id for run in runs], [run.row.state for run in runs]
    st.fragment(_curves, run_every=_TICK if any_live(runs) else None)(ids, states)


def watch(runs: Sequence[StoredRun]) -> None:
    """Run the page again when a live run changes its state."""
    live = [run for run in runs if run.row.state not in ENDED]
    if live:
        ids, states = [run.id for run in live], [run.row.state for run in live]
        st.fragment(_watch, run_every=_TICK)(ids, states)


def show_spectra(runs: Sequence[StoredRun]) -> None:
    """Draw the eigenvalue spectra of runs that wrote them."""
    titles = run_words.unique_titles(runs)
    spectra = {titles[run.id]: of_run for run in runs if (of_run := read_spectra(run)) is not None}
    if not spectra:
        st.caption("None of these runs wrote its spectrum.")
        return
    plot(spectrum_figure(spectra, theme=theme()), "curves-spectrum", "Eigenvalue spectrum")


def _watch(ids: Sequence[str], states: Sequence[str]) -> None:
    store = session.store()
    rows = [store.find(run_id) for run_id in ids]
    if [None if row is None else row.state for row in rows] != list(states):
        st.rerun()


def _curves(ids: Sequence[str], states: Sequence[str]) -> None:
    runs = [run for run_id in ids if (run := session.find_run(run_id)) is not None]
    if [run.row.state for run in runs] != list(states):
        st.rerun()
    losses, knn, checked, chance = {}, {}, {}, {}
    titles = run_words.unique_titles(runs)
    for run in runs:
        title, metrics = titles[run.id], run.store.metrics(run.id, [_LOSS, _KNN, *DRAWN])
        if metrics.get(_LOSS):
            losses[title] = metrics[_LOSS]
        if metrics.get(_KNN):
            knn[title] = metrics[_KNN]
        checked[title] = metrics
        chance[title] = run.row.summary.get("chance")
    if not losses:
        st.caption("No run has made a step yet.")
        return
    left, right = st.columns(2)
    with left:
        plot(curves_figure(losses, chance=chance, theme=theme()), "curves-losses", "Loss curves")
        st.caption("Losses of different tasks are not comparable with each other.")
    with right:
        plot(
            checks_figure(checked, theme=theme()), "curves-checks", "Collapse checks over training"
        )
    if knn:
        figure = curves_figure(knn, name="neighbours share the label", theme=theme())
        plot(figure, "curves-knn", "Neighbours' accuracy on validation samples over training")
