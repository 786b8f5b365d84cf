"""Scores of features, factor by factor: a square a score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from workbench.plots import style
from workbench.plots.style import Theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

_LINE = 22
# The least difference that goes from the palest shade to the darkest.
_SPAN = 0.1


def factors_figure(rows: Mapping[str, Mapping[str, float]], *, theme: Theme = "both") -> go.Figure:
    """rows: {features: {factor: score in [0, 1]}}, drawn in their order, in percent.

    The colour runs within each column from its lowest score to its highest, or over ten points
    where these lie closer: noise is not shaded as a finding. Factors are not equally hard, so
    columns cannot be compared by their shade.
    """
    names = list(rows)
    factors = list(dict.fromkeys(factor for scores in rows.values() for factor in scores))
    scores = [[rows[name].get(factor) for factor in factors] for name in names]
    figure = style.figure(theme)
    figure.add_heatmap(
        z=[[_shade(scores, i, j) for j in range(len(factors))] for i in range(len(names))],
        x=[style.plain(factor) for factor in factors],
        y=[style.wrapped(name, _LINE) for name in names],
        text=[["" if v is None else f"{100 * v:.0f}" for v in row] for row in scores],
        texttemplate="%{text}",
        zmin=0.0,
        zmax=1.0,
        # Pale enough for the text's own colour to be read on every square, light or dark.
        colorscale=[
            [0.0, style.fade(style.COLOURS[0], 0.04)],
            [1.0, style.fade(style.COLOURS[0], 0.55)],
        ],
        textfont={"color": style.text_colour(theme)},
        showscale=False,
        hoverongaps=False,
        xgap=2,
        ygap=2,
        hovertemplate="%{y}<br>%{x}: %{text}%<extra></extra>",
    )
    figure.update_xaxes(**style.axis(theme, showgrid=False, side="top"))
    figure.update_yaxes(**style.axis(theme, showgrid=False, autorange="reversed"))
    figure.update_layout(height=60 + 44 * max(1, len(names)))
    return figure


def _shade(scores: list[list[float | None]], row: int, column: int) -> float | None:
    """The place of a score in [0, 1] within its column."""
    value = scores[row][column]
    if value is None:
        return None
    known = [score for line in scores if (score := line[column]) is not None]
    low = min(known)
    return (value - low) / max(_SPAN, max(known) - low)
