"""The live charts of one run. All who watch it share one reading of the store and one drawing."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import streamlit as st

from workbench.components import words
from workbench.components.session import Located
from workbench.plots import checks_figure, curves_figure
from workbench.runs.store import Store

_SHARED_SECONDS = 1.5
_CHECKS = (
    "check.z.std_sqrt_d",
    "check.z.rankme_ratio",
    "check.z.alignment",
    "check.h.std_sqrt_d",
    "check.h.rankme_ratio",
)
_CURVES = ("loss", "check.knn", "samples_per_second")
Metrics = dict[str, list[tuple[int, float]]]


def show(located: Located, shade: Literal["light", "dark"]) -> None:
    """Draw what the run has written so far; nothing before that."""
    row = located.row
    metrics = _metrics(located.home, row.id, located.demo)
    if not metrics:
        return
    stamp = sum(len(points) and points[-1][0] for points in metrics.values())
    loss, knn, checks = _figures(
        row.id, stamp, shade, words.title(row), row.summary.get("chance"), metrics
    )
    left, right = st.columns(2)
    with left:
        if loss is not None:
            st.markdown("**Loss**")
            _plot(loss, f"loss-{row.id}", "Loss over training steps")
        if knn is not None:
            st.markdown("**Nearest neighbours that share the label**")
            _plot(knn, f"knn-{row.id}", "Neighbours' accuracy over training steps")
    with right:
        if checks is not None:
            st.markdown("**Collapse check**")
            _plot(checks, f"checks-{row.id}", "Spread and directions used over training steps")
        speed = metrics.get("samples_per_second")
        if speed:
            st.metric("samples per second", f"{speed[-1][1]:,.0f}")


@st.cache_data(ttl=_SHARED_SECONDS, max_entries=200, show_spinner=False)
def _metrics(home: Path, run_id: str, read_only: bool) -> Metrics:
    return Store.open(home, read_only=read_only).metrics(run_id, [*_CURVES, *_CHECKS])


@st.cache_data(max_entries=100, show_spinner=False)
def _figures(
    run_id: str,
    stamp: int,
    shade: Literal["light", "dark"],
    name: str,
    chance: float | None,
    _metrics: Metrics,
) -> tuple[Any, Any, Any]:
    """Loss, neighbours' accuracy and checks as plotly dictionaries, None where there is nothing."""
    loss = knn = checks = None
    if _metrics.get("loss"):
        loss = curves_figure({name: _metrics["loss"]}, chance=chance, theme=shade, height=240)
    if _metrics.get("check.knn"):
        knn = curves_figure({name: _metrics["check.knn"]}, name="share", theme=shade, height=200)
    found = {key: points for key, points in _metrics.items() if key in _CHECKS}
    if found:
        checks = checks_figure({name: found}, theme=shade, height=180)
    return tuple(None if one is None else one.to_dict() for one in (loss, knn, checks))  # type: ignore[return-value]


def _plot(figure: Any, key: str, alt: str) -> None:
    st.plotly_chart(
        figure, key=key, theme=None, alt=alt, config={"displayModeBar": False}, width="stretch"
    )
