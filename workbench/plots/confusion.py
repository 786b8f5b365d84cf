"""Which classes are taken for which, as squares: shares of each true class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.plots import style
from workbench.plots.style import Theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

# More classes than this leave no room for numbers, and more than that none for every name.
_MOST_NUMBERS = 12
_MOST_NAMES = 40
_LONGEST = 16


def confusion_figure(
    matrix: npt.NDArray[np.int64], classes: Sequence[str], *, theme: Theme = "both"
) -> go.Figure:
    """matrix: int64 (c, c), samples of each true class (row) that were said to be of each class
    (column); classes: c names.

    A square is coloured by its share of the true class, so that rare classes show as frequent ones
    do; right answers lie on the diagonal. Every square with samples can be clicked: its point
    carries (truth, said) as ``customdata``.
    """
    counts = np.asarray(matrix, np.int64)
    totals = np.maximum(1, counts.sum(axis=1, keepdims=True))
    shares = counts / totals
    c = len(counts)
    names = [_short(name) for name in classes]
    figure = style.figure(theme)
    figure.add_heatmap(
        z=np.where(counts > 0, shares, np.nan),
        text=[[str(v) if v else "" for v in row] for row in counts.tolist()],
        texttemplate="%{text}" if c <= _MOST_NUMBERS else None,
        textfont={"color": style.text_colour(theme)},
        zmin=0.0,
        zmax=1.0,
        # Pale enough for the text's own colour to be read on every square, light or dark.
        colorscale=[
            [0.0, style.fade(style.COLOURS[0], 0.08 if c <= _MOST_NUMBERS else 0.25)],
            [1.0, style.fade(style.COLOURS[0], 0.6 if c <= _MOST_NUMBERS else 1.0)],
        ],
        showscale=False,
        hoverinfo="skip",
        xgap=1,
        ygap=1,
    )
    truth, said = np.nonzero(counts)
    side = max(4.0, min(28.0, 420.0 / c))
    figure.add_scatter(
        x=said,
        y=truth,
        mode="markers",
        marker={"symbol": "square", "size": side, "color": "rgba(0,0,0,0)"},
        # Where a square was clicked, it keeps a frame.
        selected={"marker": {"color": style.fade(style.COLOURS[1], 0.55), "size": side}},
        unselected={"marker": {"color": "rgba(0,0,0,0)"}},
        customdata=np.stack([truth, said], axis=1),
        text=[
            f"{classes[i]}, taken for {classes[j]}: {counts[i, j]:,} of {totals[i, 0]:,} "
            f"({shares[i, j]:.0%})"
            if i != j
            else f"{classes[i]}, rightly: {counts[i, j]:,} of {totals[i, 0]:,} ({shares[i, j]:.0%})"
            for i, j in zip(truth.tolist(), said.tolist(), strict=True)
        ],
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )
    every = max(1, -(-c // _MOST_NAMES))
    ticks = {"tickvals": list(range(0, c, every)), "ticktext": names[::every]}
    shared = {"showgrid": False, "range": [-0.5, c - 0.5], "constrain": "domain"} | ticks
    figure.update_xaxes(**style.axis(theme, "said to be", tickangle=-45, **shared))
    down = shared | {"range": [c - 0.5, -0.5]}
    figure.update_yaxes(**style.axis(theme, "is", **down))
    longest = max((len(name) for name in names), default=1)
    figure.update_layout(height=int(110 + 5 * longest + np.clip(30 * c, 90, 520)))
    return figure


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
