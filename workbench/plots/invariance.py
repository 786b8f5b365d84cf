"""How far each augmentation moves a representation: trained and untrained, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench.plots import style
from workbench.plots.style import Theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

_NAMES = {"trained": "trained", "untrained": "untrained encoder"}


def invariance_figure(
    rows: Sequence[tuple[str, Mapping[str, Any]]], *, theme: Theme = "both"
) -> go.Figure:
    """rows: (title of an augmentation, {"trained": ..., "untrained": ...}), the first on top; each
    with ``value``, ``low``, ``high`` as ``evaluation.invariance.Movement`` has them, None where
    there is nothing to show.

    0: the representation does not notice the augmentation. 1: it moves a sample as far as another
    sample lies, which is marked.
    """
    names = [style.wrapped(title, 24) for title, _ in rows]
    figure = style.figure(theme, height=130 + 34 * len(rows))
    for index, (which, name) in enumerate(_NAMES.items()):
        found = [row[which] for _, row in rows]
        shown = [i for i, one in enumerate(found) if one["value"] is not None]
        values = [found[i]["value"] for i in shown]
        figure.add_scatter(
            x=values,
            # Side by side and not over one another.
            y=[i + (-0.14 if index == 0 else 0.14) for i in shown],
            error_x={
                "type": "data",
                "array": [found[i]["high"] - found[i]["value"] for i in shown],
                "arrayminus": [found[i]["value"] - found[i]["low"] for i in shown],
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
            customdata=[[found[i]["low"], found[i]["high"], rows[i][0]] for i in shown],
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
