"""How many people gave each answer: a bar an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.plots import style
from workbench.plots.style import Theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

_LINE = 34


def tally_figure(
    counts: Sequence[tuple[str, int]], *, marked: int | None = None, theme: Theme = "both"
) -> go.Figure:
    """counts: (answer, how many gave it), from top to bottom. marked: position of the right
    one, which has a tick."""
    figure = style.figure(theme)
    total = sum(votes for _, votes in counts)
    figure.add_bar(
        x=[votes for _, votes in counts],
        y=list(range(len(counts))),
        orientation="h",
        marker={
            "color": [
                style.colour(0) if marked in (None, place) else style.fade(style.COLOURS[0], 0.35)
                for place in range(len(counts))
            ],
            "line": {"width": 0},
        },
        text=[f"{votes}" for _, votes in counts],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{x} people<extra></extra>",
    )
    most = max([votes for _, votes in counts], default=0)
    figure.update_xaxes(
        **style.axis(
            theme,
            f"of {total} prediction{'s' * (total != 1)}",
            range=[0, max(4, 1.15 * most)],
            dtick=_step(most),
        )
    )
    figure.update_yaxes(
        **style.axis(
            theme,
            tickmode="array",
            tickvals=list(range(len(counts))),
            ticktext=[
                _lines(f"✓ {answer}" if place == marked else answer)
                for place, (answer, _) in enumerate(counts)
            ],
            range=[len(counts) - 0.5, -0.5],
            showgrid=False,
        )
    )
    figure.update_layout(height=70 + 46 * max(1, len(counts)), bargap=0.35)
    return figure


def _step(most: int) -> int:
    return 1 if most <= 8 else 5 if most <= 40 else 20


def _lines(text: str) -> str:
    """The whole answer, broken where a line is full."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) + 1 > _LINE:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join(map(style.plain, lines))
