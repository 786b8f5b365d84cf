"""The live charts of one run. All who watch it share one reading of the store and one drawing."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import streamlit as st

from workbench.app.shared import run_words
from workbench.app.shared.figure import plot
from workbench.app.shared.session import Located
from workbench.plots import checks_figure, curves_figure
from workbench.plots.checks import DRAWN
from workbench.store.store import Store

_SHARED_SECONDS = 1.5
_CURVES = ("loss", "check.knn", "samples_per_second")
_POINTS = 150
Points = list[tuple[int, float]]
Metrics = dict[str, Points]
Shade = Literal["light", "dark"]


def show(located: Located, shade: Shade) -> None:
    """Draw what the run has written so far; nothing before that."""
    row = located.row
    metrics = _metrics(located.home, row.id, located.demo)
    if not metrics:
        return
    name = run_words.title(row)
    loss = _curve(
        row.id,
        "loss",
        _last(metrics, "loss"),
        shade,
        name,
        metrics.get("loss", []),
        row.summary.get("chance"),
    )
    knn = _curve(
        row.id,
        "share",
        _last(metrics, "check.knn"),
        shade,
        name,
        metrics.get("check.knn", []),
        None,
    )
    found = {key: points for key, points in metrics.items() if key in DRAWN}
    last = max((_last(metrics, key) for key in found), default=-1)
    checks = _checks(row.id, last, shade, name, found)
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
    """The last step of a metric, -1 before the first: what tells one drawing from the next."""
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
    shade: Shade,
    name: str,
    _points: Points,
    chance: float | None,
) -> Any:
    """One curve as a figure, None before its first point. A figure, and no dictionary, which
    Streamlit would check anew at every tick."""
    if not _points:
        return None
    height = 240 if kind == "loss" else 200
    return curves_figure({name: _points}, chance=chance, name=kind, theme=shade, height=height)


@st.cache_resource(max_entries=200, show_spinner=False)
def _checks(run_id: str, last: int, shade: Shade, name: str, _found: Metrics) -> Any:
    """The collapse checks as a figure, None before the first."""
    return checks_figure({name: _found}, theme=shade, height=180) if _found else None
