"""Gains by configuration: a dot a seed, and their mean with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.comparison import numbers
from workbench.comparison.records import SeedSummary
from workbench.comparison.run_fields import of_metric
from workbench.plots import style
from workbench.plots.style import Theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

_LINE = 18


def seeds_figure(groups: Sequence[SeedSummary], *, theme: Theme = "both") -> go.Figure:
    """groups: ``seeds`` of the comparison.

    One line a configuration, in percentage points over the untrained encoder; the vertical line is
    no gain. The mean's interval holds the noise of samples and, from two seeds on, of seeds.
    """
    figure = style.figure(theme)
    places = list(range(len(groups)))
    names = [style.plain(group["name"]) for group in groups]
    figure.add_scatter(
        x=[100 * group["value"] for group in groups],
        y=[place - 0.12 for place in places],
        error_x=style.error_bars(groups, scale=100),
        mode="markers",
        marker={"size": 11, "color": style.colour(0), "symbol": "diamond"},
        name="mean, 95 %",
        customdata=[
            [name, 100 * group["low"], 100 * group["high"], len(group["gains"])]
            for name, group in zip(names, groups, strict=True)
        ],
        hovertemplate=f"%{{customdata[0]}}: {numbers.hover_interval(1, 2, numbers.POINTS)}, "
        "%{customdata[3]} runs<extra></extra>",
    )
    dots = [
        (place, names[place], seed, value)
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
        hovertemplate="%{customdata[0]}, seed %{customdata[1]}: "
        f"%{{x:{numbers.POINTS}}} points<extra></extra>",
    )
    of = next((of_metric(group.get("metric", "")) for group in groups), "")
    figure.add_vline(x=0, line={"width": 1.5, "color": style.text_colour(theme)})
    figure.update_xaxes(
        **style.axis(theme, f"points{of} over the untrained encoder", tickformat="+")
    )
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
