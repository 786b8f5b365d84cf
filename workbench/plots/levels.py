"""A few scores side by side: a dot with its interval each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench.plots import style
from workbench.plots.style import Theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

_LINE = 20


def levels_figure(
    rows: Sequence[tuple[str, Mapping[str, Any]]],
    *,
    name: str = "accuracy on test",
    theme: Theme = "both",
) -> go.Figure:
    """rows: (what was scored, score object), drawn from top to bottom. name: of the axis."""
    figure = style.figure(theme)
    values = [float(row["value"]) for _, row in rows]
    figure.add_scatter(
        x=values,
        y=list(range(len(rows))),
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [row["high"] - v for (_, row), v in zip(rows, values, strict=True)],
            "arrayminus": [v - row["low"] for (_, row), v in zip(rows, values, strict=True)],
            "thickness": 2,
            "width": 0,
        },
        mode="markers",
        marker={"size": 10, "color": style.colour(0)},
        customdata=[[title, row["low"], row["high"], row["n"]] for title, row in rows],
        hovertemplate="%{customdata[0]}: %{x:.3f} [%{customdata[1]:.3f}, %{customdata[2]:.3f}], "
        "n=%{customdata[3]}<extra></extra>",
        showlegend=False,
    )
    figure.update_xaxes(**style.axis(theme, name, range=[0, 1], tickformat=".0%"))
    figure.update_yaxes(
        **style.axis(
            theme,
            tickmode="array",
            tickvals=list(range(len(rows))),
            ticktext=[style.wrapped(title, _LINE) for title, _ in rows],
            range=[len(rows) - 0.5, -0.5],
            showgrid=False,
        )
    )
    figure.update_layout(height=80 + 40 * max(1, len(rows)))
    return figure
