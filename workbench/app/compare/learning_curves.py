"""Loss curves with the level of guessing, checks over training, and spectra; live while any run
trains."""

from __future__ import annotations

import json
from collections.abc import Sequence

import streamlit as st

from workbench.app.runs.detail import theme
from workbench.app.shared import session
from workbench.app.shared.figure import plot
from workbench.app.shared.session import Located
from workbench.plots import checks_figure, curves_figure, spectrum_figure
from workbench.plots.checks import DRAWN
from workbench.store.store import ENDED, Store
from workbench.stored_runs import feature_spaces

_TICK = "2s"
_LOSS, _KNN = "loss", "check.knn"


def live(located: Sequence[Located]) -> bool:
    """Whether any of the runs is queued or runs."""
    return any(place.row.state not in ENDED for place in located)


def show(located: Sequence[Located]) -> None:
    """The curves of all runs, ticking while one lives; the page runs anew when one has ended."""
    ids = [place.row.id for place in located]
    states = [place.row.state for place in located]
    st.fragment(_curves, run_every=_TICK if live(located) else None)(ids, states)


def watch(located: Sequence[Located]) -> None:
    """Runs the page anew when a run has changed its state: for runs that are not over."""
    ids = [place.row.id for place in located if place.row.state not in ENDED]
    states = [place.row.state for place in located if place.row.state not in ENDED]
    if ids:
        st.fragment(_watch, run_every=_TICK)(ids, states)


def spectra(located: Sequence[Located]) -> None:
    """How many directions the representations use, of runs that wrote their spectrum."""
    found = {}
    titles = feature_spaces.unique_titles([place.row for place in located])
    for title, place in zip(titles, located, strict=True):
        path = place.folder / "spectrum.json"
        if path.exists():
            found[title] = json.loads(path.read_text("utf-8"))
    if not found:
        st.caption("None of these runs wrote its spectrum.")
        return
    plot(spectrum_figure(found, theme=theme()), "curves-spectrum", "Eigenvalue spectrum")


def _watch(ids: Sequence[str], states: Sequence[str]) -> None:
    store = session.store()
    rows = [store.find(run_id) for run_id in ids]
    if [None if row is None else row.state for row in rows] != list(states):
        st.rerun()


def _curves(ids: Sequence[str], states: Sequence[str]) -> None:
    found = [session.locate(run_id) for run_id in ids]
    there = [place for place in found if place is not None]
    if [place.row.state for place in there] != list(states):
        st.rerun()
    losses, knn, checked, chance = {}, {}, {}, {}
    titles = feature_spaces.unique_titles([place.row for place in there])
    for title, place in zip(titles, there, strict=True):
        store = Store.open(place.home, read_only=place.demo)
        metrics = store.metrics(place.row.id, [_LOSS, _KNN, *DRAWN])
        if metrics.get(_LOSS):
            losses[title] = metrics[_LOSS]
        if metrics.get(_KNN):
            knn[title] = metrics[_KNN]
        checked[title] = metrics
        chance[title] = place.row.summary.get("chance")
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
