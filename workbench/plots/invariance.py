"""How far each augmentation moves a representation: trained and untrained, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from workbench.plots import style
from workbench.plots.style import Theme
from workbench.records import InvarianceRecord, MovementRecord

if TYPE_CHECKING:
    import plotly.graph_objects as go

_NAMES: dict[Literal["trained", "untrained"], str] = {
    "trained": "trained",
    "untrained": "untrained encoder",
}


def invariance_figure(
    rows: Sequence[tuple[str, InvarianceRecord]], *, theme: Theme = "both"
) -> go.Figure:
    """rows: (title of an augmentation, its measurement), the first on top.

    0: the representation does not notice the augmentation. 1: it moves a sample as far as another
    sample lies, which is marked.
    """
    names = [style.wrapped(title, 24) for title, _ in rows]
    figure = style.figure(theme, height=130 + 34 * len(rows))
    for index, (which, name) in enumerate(_NAMES.items()):
        movements = [record[which] for _, record in rows]
        shown = [(i, ends) for i, row in enumerate(movements) if (ends := _ends(row)) is not None]
        figure.add_scatter(
            x=[value for _, (value, _, _) in shown],
            # Side by side and not over one another.
            y=[i + (-0.14 if index == 0 else 0.14) for i, _ in shown],
            error_x={
                "type": "data",
                "array": [high - value for _, (value, _, high) in shown],
                "arrayminus": [value - low for _, (value, low, _) in shown],
                "thickness": 1.5,
                "width": 3,
            },
            mode="markers",
            name=name,
            marker={
                "size": 10,
                "color": style.colour(0) if index == 0 else style.text_colour(theme),
                "symbol": "circle" if index == 0 else "circle-open",
            },
            customdata=[[low, high, style.plain(rows[i][0])] for i, (_, low, high) in shown],
            hovertemplate="%{customdata[2]}: %{x:.2f} [%{customdata[0]:.2f}, %{customdata[1]:.2f}]"
            f"<extra>{name}</extra>",
        )
    figure.add_vline(
        x=1.0, line={"dash": "dot", "width": 1.5, "color": style.text_colour(theme)}, opacity=0.7
    )
    figure.update_xaxes(
        **style.axis(
            theme, "distance moved (1: as far as another sample)", rangemode="tozero", range=None
        )
    )
    figure.update_yaxes(
        **style.axis(
            theme,
            tickvals=list(range(len(rows))),
            ticktext=names,
            range=[len(rows) - 0.5, -0.5],
            showgrid=False,
        )
    )
    return figure


def _ends(row: MovementRecord) -> tuple[float, float, float] | None:
    """(value, low, high); None where it cannot be told how far the augmentation moves."""
    value, low, high = row["value"], row["low"], row["high"]
    return None if value is None or low is None or high is None else (value, low, high)
