"""Gains by configuration: a dot a seed, and their mean with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench.plots import style
from workbench.plots.style import Theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

_LINE = 18


def seeds_figure(groups: Sequence[Mapping[str, Any]], *, theme: Theme = "both") -> go.Figure:
    """groups: ``seeds`` of the comparison object.

    One line a configuration, in percentage points over the untrained encoder; the vertical line is
    no gain. The mean's interval holds the noise of samples and, from two seeds on, of seeds.
    """
    figure = style.figure(theme)
    places = list(range(len(groups)))
    means = [100 * group["value"] for group in groups]
    figure.add_scatter(
        x=means,
        y=[place - 0.12 for place in places],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [100 * g["high"] - mean for g, mean in zip(groups, means, strict=True)],
            "arrayminus": [mean - 100 * g["low"] for g, mean in zip(groups, means, strict=True)],
            "thickness": 2,
            "width": 0,
        },
        mode="markers",
        marker={"size": 11, "color": style.colour(0), "symbol": "diamond"},
        name="mean, 95 %",
        customdata=[[g["name"], 100 * g["low"], 100 * g["high"], len(g["gains"])] for g in groups],
        hovertemplate="%{customdata[0]}: %{x:+.1f} points [%{customdata[1]:+.1f}, "
        "%{customdata[2]:+.1f}], %{customdata[3]} runs<extra></extra>",
    )
    dots = [
        (place, group["name"], seed, value)
        for place, group in enumerate(groups)
        for seed, value in zip(group["seeds"], group["gains"], strict=True)
    ]
    figure.add_scatter(
        x=[100 * value for *_, value in dots],
        y=[place + 0.2 for place, *_ in dots],
        mode="markers",
        marker={"size": 8, "color": style.fade(style.colour(1), 0.75)},
        name="one seed",
        customdata=[[name, seed] for _, name, seed, _ in dots],
        hovertemplate="%{customdata[0]}, seed %{customdata[1]}: %{x:+.1f} points<extra></extra>",
    )
    figure.add_vline(x=0, line={"width": 1.5, "color": style.text_colour(theme)})
    figure.update_xaxes(**style.axis(theme, "points over the untrained encoder", tickformat="+"))
    figure.update_yaxes(
        **style.axis(
            theme,
            tickmode="array",
            tickvals=places,
            ticktext=[style.wrapped(group["name"], _LINE) for group in groups],
            range=[len(groups) - 0.5, -0.5],
            showgrid=False,
        )
    )
    figure.update_layout(height=110 + 50 * max(1, len(groups)), showlegend=True)
    return figure
