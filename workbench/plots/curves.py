"""Curves over training: one line a run, and the level of guessing as a dashed line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workbench.plots import style
from workbench.plots.style import Theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

Curve = Sequence[tuple[float, float]]


def curves_figure(
    curves: Mapping[str, Curve],
    *,
    chance: float | Mapping[str, float | None] | None = None,
    name: str = "loss",
    steps: str = "training step",
    log: bool = False,
    theme: Theme = "both",
    height: int = 300,
) -> go.Figure:
    """curves: {run's title: [(step, value), ...]}, as the store gives one metric of each run.

    chance: what guessing reaches: one number, or {title: number} where tasks differ; a dashed line
    each, in the run's colour. ``log`` draws a logarithmic y axis and leaves out values that are
    not positive.
    """
    figure = style.figure(theme, height=height + style.legend_room([*curves, "guessing"]))
    levels = chance if isinstance(chance, Mapping) else {}
    for index, (title, points) in enumerate(curves.items()):
        line = {"color": style.colour(index), "width": 2, "dash": style.dash(index)}
        shown = [(x, y) for x, y in points if not log or y > 0]
        figure.add_scatter(
            x=[x for x, _ in shown],
            y=[y for _, y in shown],
            name=title,
            mode="lines" if len(shown) > 1 else "markers",
            line=line,
            marker={"color": style.colour(index)},
            hovertemplate=f"%{{y:.4g}}<extra>{title}</extra>",
        )
        level = levels.get(title)
        if level is not None:
            _chance_line(figure, level, style.colour(index))
    if chance is not None and not isinstance(chance, Mapping):
        _chance_line(figure, chance, style.text_colour(theme))
    guessing = bool(figure.layout.shapes)
    if guessing:
        line = {"color": style.text_colour(theme), "dash": "dash", "width": 1.5}
        figure.add_scatter(x=[None], y=[None], mode="lines", name="guessing", line=line)
    figure.update_xaxes(**style.axis(theme, steps, showgrid=False, rangemode="tozero"))
    figure.update_yaxes(**style.axis(theme, name, type="log" if log else "linear"))
    figure.update_layout(hovermode="x unified", showlegend=len(curves) > 1 or guessing)
    return figure


def _chance_line(figure: go.Figure, level: float, colour: str) -> None:
    figure.add_hline(y=level, line={"dash": "dash", "width": 1.5, "color": colour}, opacity=0.8)
