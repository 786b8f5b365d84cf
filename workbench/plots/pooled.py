"""The pooled result of a class: the mean difference and its interval, seed after seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.comparison import numbers
from workbench.plots import style
from workbench.plots.style import Theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

Point = tuple[int, float, float, float]


def pooled_figure(
    points: Sequence[Point], *, stored: int = 0, theme: Theme = "both", height: int = 260
) -> go.Figure:
    """points: (seeds so far, mean, low, high), the difference in shares; drawn in points.

    stored: how many of the last points are of stored runs; their markers are open. The band is the
    95 % interval of the mean, from two seeds on; the line at 0 is no difference.
    """
    figure = style.figure(theme, height=height)
    made = len(points) - stored
    banded = [point for point in points if point[0] > 1]
    x = [point[0] for point in banded]
    figure.add_scatter(
        x=[*x, *reversed(x)],
        y=[*(100 * p[3] for p in banded), *(100 * p[2] for p in reversed(banded))],
        mode="lines",
        fill="toself",
        fillcolor=style.fade(style.COLOURS[0], 0.18),
        line={"width": 0},
        hoverinfo="skip",
        name="95 % interval",
    )
    figure.add_scatter(
        x=[point[0] for point in points],
        y=[100 * point[1] for point in points],
        mode="lines+markers",
        line={"color": style.colour(0), "width": 2},
        marker={"size": 7, "symbol": ["circle"] * made + ["circle-open"] * stored},
        name="mean difference",
        hovertemplate=f"%{{x}} seeds: %{{y:{numbers.POINTS}}} points<extra></extra>",
    )
    figure.add_hline(y=0, line={"width": 1.5, "color": style.text_colour(theme)})
    figure.update_xaxes(**style.axis(theme, "seeds", showgrid=False, dtick=1, tick0=1))
    figure.update_yaxes(**style.axis(theme, "difference in points", tickformat="+"))
    figure.update_layout(showlegend=True)
    if len(points) > 15:
        figure.update_xaxes(dtick=5)
    return figure
