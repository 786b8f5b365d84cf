"""The curves of a run's checks: loss, neighbours' accuracy, spread and directions used."""

from __future__ import annotations

import streamlit as st

from workbench.app.shared.figure import plot, theme
from workbench.plots import curves_figure
from workbench.store.rows import ENDED
from workbench.stored_runs.stored_run import StoredRun

_TICK = "2s"

# (step, value) pairs, by title.
Curves = dict[str, list[tuple[int, float]]]


def curves(run: StoredRun, space: str | None = None) -> Curves:
    """The curves that the run has so far. space: ``h`` or ``z``; default: z if it was checked."""
    names = [f"check.{name}.{metric}" for name in "hz" for metric in ("std_sqrt_d", "rankme")]
    metrics = run.store.metrics(run.id, ["loss", "check.knn", *names])
    space = space or ("z" if metrics.get("check.z.std_sqrt_d") else "h")
    titles = {
        "loss": "loss",
        "check.knn": "neighbours share the label",
        f"check.{space}.std_sqrt_d": "spread",
        f"check.{space}.rankme": "directions used (RankMe)",
    }
    return {title: metrics[name] for name, title in titles.items() if metrics.get(name)}


def show(run: StoredRun) -> None:
    """Draw the curves, every two seconds while the run is live."""
    st.fragment(_show, run_every=None if run.row.state in ENDED else _TICK)(run)


def _show(run: StoredRun) -> None:
    by_title = curves(run)
    if not by_title:
        st.caption("There are no curves yet.")
    for title, points in by_title.items():
        st.markdown(f"**{title[0].upper()}{title[1:]}**")
        figure = curves_figure(
            {title: points},
            chance=run.row.summary.get("chance") if title == "loss" else None,
            name=title if len(title) < 10 else "",
            theme=theme(),
            height=180,
        )
        plot(figure, key=f"inspect-curve-{run.id}-{title}", alt=f"{title} over training steps")
