"""A few scores side by side: a dot with its interval each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.comparison import numbers
from workbench.plots import style
from workbench.plots.style import Theme
from workbench.records import Score

if TYPE_CHECKING:
    import plotly.graph_objects as go

_LINE = 20


def levels_figure(
    rows: Sequence[tuple[str, Score]],
    *,
    name: str = "accuracy on test",
    theme: Theme = "both",
) -> go.Figure:
    """rows: (title, score), drawn from top to bottom. name: of the axis."""
    figure = style.figure(theme)
    figure.add_scatter(
        x=[float(row["value"]) for _, row in rows],
        y=list(range(len(rows))),
        error_x=style.error_bars([row for _, row in rows]),
        mode="markers",
        marker={"size": 10, "color": style.colour(0)},
        customdata=[[style.plain(title), row["low"], row["high"], row["n"]] for title, row in rows],
        hovertemplate=f"%{{customdata[0]}}: {numbers.hover_interval(1, 2, numbers.SHARE)}, "
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
