"""Loss curves with the level of guessing, checks over training, and spectra."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from workbench.app.shared import run_words, session
from workbench.app.shared.figure import plot, theme
from workbench.comparison.run_fields import task_title
from workbench.plots import checks_figure, curves_figure, spectrum_figure, style
from workbench.plots.checks import DRAWN
from workbench.plots.curves import Curve
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
    ids = [run.id for run in runs]
    st.fragment(_curves, run_every=_TICK if any_live(runs) else None)(ids)


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
    figure = spectrum_figure(spectra, shades=_shades(runs, titles), theme=theme())
    plot(figure, "curves-spectrum", "Eigenvalue spectrum")


def _watch(ids: Sequence[str], states: Sequence[str]) -> None:
    store = session.store()
    rows = [store.find(run_id) for run_id in ids]
    if [None if row is None else row.state for row in rows] != list(states):
        st.rerun()


def _curves(ids: Sequence[str]) -> None:
    # It leaves it to ``_watch`` to run the page again: where two fragments ask for that at once,
    # the page is empty for a moment and jumps.
    runs = [run for run_id in ids if (run := session.find_run(run_id)) is not None]
    titles = run_words.unique_titles(runs)
    shades = _shades(runs, titles)
    metrics = {titles[run.id]: run.store.metrics(run.id, [_LOSS, _KNN, *DRAWN]) for run in runs}
    if not any(of_run.get(_LOSS) for of_run in metrics.values()):
        st.caption("No run has made a step yet.")
        return
    left, right = st.columns(2)
    with left:
        _losses(runs, titles, metrics, shades)
    with right:
        figure = checks_figure(metrics, shades=shades, theme=theme())
        plot(figure, "curves-checks", "Collapse checks over training")
    knn = {title: of_run[_KNN] for title, of_run in metrics.items() if of_run.get(_KNN)}
    if knn:
        name = "neighbours share the label"
        figure = curves_figure(knn, name=name, shades=shades, theme=theme())
        plot(figure, "curves-knn", "Neighbours' accuracy on validation samples over training")


def _losses(
    runs: Sequence[StoredRun],
    titles: Mapping[str, str],
    metrics: Mapping[str, Mapping[str, Curve]],
    shades: Mapping[str, int],
) -> None:
    """Draw a chart of losses for each task: every loss has a scale of its own."""
    by_task: dict[str, dict[str, Curve]] = {}
    chance = {titles[run.id]: run.row.summary.get("chance") for run in runs}
    for run in runs:
        points = metrics[titles[run.id]].get(_LOSS)
        if points:
            by_task.setdefault(task_title(run.config), {})[titles[run.id]] = points
    for task, losses in by_task.items():
        levels = {title: chance[title] for title in losses}
        figure = curves_figure(
            losses,
            chance=levels,
            name=f"loss of {task}" if len(by_task) > 1 else "loss",
            shades=shades,
            theme=theme(),
            height=300 if len(by_task) == 1 else 180,
        )
        plot(figure, f"curves-losses-{task}", f"Loss curves of {task}")
    if len(by_task) > 1:
        st.caption("Each task has its own loss and scale: do not compare them.")


def _shades(runs: Sequence[StoredRun], titles: Mapping[str, str]) -> dict[str, int]:
    return style.shades({titles[run.id]: run.configuration for run in runs})
