"""Collapse checks over training: spread and number of directions, with the zones in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workbench.diagnostics.zones import COMPLETE_STD, DIMENSIONAL_RANK, LOW_RANK
from workbench.plots import style
from workbench.plots.style import Theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

Metrics = Mapping[str, Sequence[tuple[float, float]]]
_BAD, _DOUBTFUL = "#b4144a", "#e88519"
# (metric, axis title, [(low, high, colour, words)]); the words say what a point there means.
_PANELS: tuple[tuple[str, str, tuple[tuple[float, float, str, str], ...]], ...] = (
    (
        "std_sqrt_d",
        "spread",
        ((0.0, COMPLETE_STD, _BAD, "collapsed: all in one place"),),
    ),
    (
        "rankme_ratio",
        "directions used",
        (
            (0.0, DIMENSIONAL_RANK, _BAD, "collapsed: few directions"),
            (DIMENSIONAL_RANK, LOW_RANK, _DOUBTFUL, "few directions: look at the scores"),
        ),
    ),
)


def checks_figure(
    runs: Mapping[str, Metrics], *, theme: Theme = "both", height: int = 230
) -> go.Figure:
    """runs: {run's title: {"check.z.std_sqrt_d": [(step, value), ...], "check.z.rankme_ratio":
    ..., the same with "check.h."}}, as the store gives the metrics.

    Each run is shown by its projections z; a task that has none by h, and its name says so. Shaded
    are the zones of the verdict. Spread is std times sqrt(d): below 0.2 all embeddings lie in one
    place. Directions used is RankMe as a share of isotropic data's: below 0.08 they are few.
    """
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=len(_PANELS), cols=1, shared_xaxes=True, vertical_spacing=0.07)
    names = list(runs)
    figure.update_layout(
        style.layout(theme, height=height * len(_PANELS) + style.legend_room(names)),
        showlegend=len(names) > 1,
        hovermode="x",
    )
    for row, (metric, title, zones) in enumerate(_PANELS, start=1):
        top = 1.05
        for index, (name, metrics) in enumerate(runs.items()):
            space = "z" if f"check.z.{metric}" in metrics else "h"
            points = metrics.get(f"check.{space}.{metric}", ())
            top = max([top, *(1.05 * value for _, value in points)])
            shown = name if space == "z" else f"{name} (of h)"
            figure.add_scatter(
                x=[step for step, _ in points],
                y=[value for _, value in points],
                name=shown,
                legendgroup=name,
                showlegend=row == 1,
                mode="lines+markers",
                marker={"size": 4},
                line={"color": style.colour(index), "width": 2, "dash": style.dash(index)},
                hovertemplate=f"%{{y:.2f}}<extra>{shown}</extra>",
                row=row,
                col=1,
            )
        for low, high, colour, words in zones:
            _zone(figure, row, low, high, colour, words)
        figure.add_hline(
            y=1, line={"dash": "dot", "width": 1, "color": style.grid_colour(theme)}, row=row, col=1
        )
        last = row == len(_PANELS)
        figure.update_xaxes(
            **style.axis(theme, "training step" if last else None, showgrid=False), row=row, col=1
        )
        figure.update_yaxes(**style.axis(theme, title, range=[0, top]), row=row, col=1)
    return figure


def _zone(figure: go.Figure, row: int, low: float, high: float, colour: str, words: str) -> None:
    figure.add_hrect(
        y0=low,
        y1=high,
        fillcolor=colour,
        opacity=0.14,
        line_width=0,
        layer="below",
        annotation_text=words,
        annotation_position="top right",
        annotation_font={"size": 11},
        row=row,
        col=1,
    )
