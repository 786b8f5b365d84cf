"""The live charts of one run. All viewers share one reading of the store and one drawing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from workbench.app.shared import run_words
from workbench.app.shared.figure import Theme, plot
from workbench.plots import checks_figure, curves_figure
from workbench.plots.checks import DRAWN
from workbench.store.store import Store
from workbench.stored_runs.stored_run import StoredRun

if TYPE_CHECKING:
    import plotly.graph_objects as go

_SHARED_SECONDS = 1.5
_CURVES = ("loss", "check.knn", "samples_per_second")
_POINTS = 150
Points = list[tuple[int, float]]
Metrics = dict[str, Points]


def show(run: StoredRun, theme: Theme) -> None:
    """Draw the metrics that the run has written so far; nothing before the first."""
    row = run.row
    metrics = _metrics(run.home, row.id, run.demo)
    if not metrics:
        return
    name = run_words.title(row)
    loss = _curve(
        row.id,
        "loss",
        _last(metrics, "loss"),
        theme,
        name,
        metrics.get("loss", []),
        row.summary.get("chance"),
    )
    knn = _curve(
        row.id,
        "share",
        _last(metrics, "check.knn"),
        theme,
        name,
        metrics.get("check.knn", []),
        None,
    )
    checked = {key: points for key, points in metrics.items() if key in DRAWN}
    last = max((_last(metrics, key) for key in checked), default=-1)
    checks = _checks(row.id, last, theme, name, checked)
    left, right = st.columns(2)
    with left:
        if loss is not None:
            st.markdown("**Loss**")
            plot(loss, f"loss-{row.id}", "Loss over training steps")
        if knn is not None:
            st.markdown("**Nearest neighbours that share the label**")
            plot(knn, f"knn-{row.id}", "Neighbours' accuracy over training steps")
    with right:
        if checks is not None:
            st.markdown("**Collapse check**")
            plot(checks, f"checks-{row.id}", "Spread and directions used over training steps")
        speed = metrics.get("samples_per_second")
        if speed:
            st.metric("samples per second", f"{speed[-1][1]:,.0f}")


def _last(metrics: Metrics, name: str) -> int:
    """The last step of a metric, -1 before the first: a figure is drawn anew when it changes."""
    points = metrics.get(name)
    return points[-1][0] if points else -1


@st.cache_resource(ttl=_SHARED_SECONDS, max_entries=200, show_spinner=False)
def _metrics(home: Path, run_id: str, read_only: bool) -> Metrics:
    store = Store.open(home, read_only=read_only)
    return store.metrics(run_id, [*_CURVES, *DRAWN], max_points=_POINTS)


@st.cache_resource(max_entries=200, show_spinner=False)
def _curve(
    run_id: str,
    kind: str,
    last: int,
    theme: Theme,
    name: str,
    _points: Points,
    chance: float | None,
) -> go.Figure | None:
    """One curve as a figure, None before its first point. A dictionary in its place would be
    checked by Streamlit at every tick."""
    if not _points:
        return None
    height = 240 if kind == "loss" else 200
    return curves_figure({name: _points}, chance=chance, name=kind, theme=theme, height=height)


@st.cache_resource(max_entries=200, show_spinner=False)
def _checks(run_id: str, last: int, theme: Theme, name: str, _points: Metrics) -> go.Figure | None:
    """The collapse checks as a figure, None before the first."""
    return checks_figure({name: _points}, theme=theme, height=180) if _points else None
