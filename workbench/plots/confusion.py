"""The confusion matrix as squares: shares of each true class by predicted class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.comparison import numbers
from workbench.plots import style
from workbench.plots.style import Theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

# More classes than the first leave no room for numbers, more than the second none for every name.
_MOST_NUMBERS = 12
_MOST_NAMES = 40
_LONGEST = 16


def confusion_figure(
    matrix: npt.NDArray[np.int64], classes: Sequence[str], *, theme: Theme = "both"
) -> go.Figure:
    """matrix: int64 (c, c), samples of each true class (row) by predicted class (column); classes:
    c names.

    A square is coloured by its share of the true class, so that rare classes show as frequent ones
    do; right answers lie on the diagonal. Every square with samples can be clicked: its point
    carries (true class, predicted class) as ``customdata``.
    """
    counts = np.asarray(matrix, np.int64)
    c = len(counts)
    names = [_short(name) for name in classes]
    figure = style.figure(theme)
    _add_squares(figure, counts, theme)
    _add_points(figure, counts, classes)
    every = max(1, -(-c // _MOST_NAMES))
    ticks = {
        "tickvals": list(range(0, c, every)),
        "ticktext": [style.plain(name) for name in names[::every]],
    }
    shared = {"showgrid": False, "range": [-0.5, c - 0.5], "constrain": "domain"} | ticks
    figure.update_xaxes(**style.axis(theme, "predicted class", tickangle=-45, **shared))
    down = shared | {"range": [c - 0.5, -0.5]}
    figure.update_yaxes(**style.axis(theme, "true class", **down))
    longest = max((len(name) for name in names), default=1)
    figure.update_layout(height=int(110 + 5 * longest + np.clip(30 * c, 90, 520)))
    return figure


def _add_squares(figure: go.Figure, counts: npt.NDArray[np.int64], theme: Theme) -> None:
    """Adds the coloured squares, with their counts where there is room for numbers."""
    with_numbers = len(counts) <= _MOST_NUMBERS
    figure.add_heatmap(
        z=np.where(counts > 0, counts / _totals(counts), np.nan),
        text=[[str(v) if v else "" for v in row] for row in counts.tolist()],
        texttemplate="%{text}" if with_numbers else None,
        textfont={"color": style.text_colour(theme)},
        zmin=0.0,
        zmax=1.0,
        # Pale enough for the text's own colour to be read on every square, light or dark.
        colorscale=[
            [0.0, style.fade(style.COLOURS[0], 0.08 if with_numbers else 0.25)],
            [1.0, style.fade(style.COLOURS[0], 0.6 if with_numbers else 1.0)],
        ],
        showscale=False,
        hoverinfo="skip",
        xgap=1,
        ygap=1,
    )


def _add_points(figure: go.Figure, counts: npt.NDArray[np.int64], classes: Sequence[str]) -> None:
    """Adds an invisible point on every square with samples: a heatmap cannot be clicked."""
    truth, predicted = np.nonzero(counts)
    side = max(4.0, min(28.0, 420.0 / len(counts)))
    figure.add_scatter(
        x=predicted,
        y=truth,
        mode="markers",
        marker={"symbol": "square", "size": side, "color": "rgba(0,0,0,0)"},
        # A clicked square keeps a frame.
        selected={"marker": {"color": style.fade(style.COLOURS[1], 0.55), "size": side}},
        unselected={"marker": {"color": "rgba(0,0,0,0)"}},
        customdata=np.stack([truth, predicted], axis=1),
        text=[
            _hover(counts, classes, i, j)
            for i, j in zip(truth.tolist(), predicted.tolist(), strict=True)
        ],
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )


def _hover(counts: npt.NDArray[np.int64], classes: Sequence[str], i: int, j: int) -> str:
    """The words on the square of true class ``i`` and predicted class ``j``."""
    total = _totals(counts)[i, 0]
    truth, predicted = style.plain(classes[i]), style.plain(classes[j])
    what = f"{truth}, rightly" if i == j else f"{truth}, taken for {predicted}"
    return f"{what}: {counts[i, j]:,} of {total:,} ({numbers.share(counts[i, j] / total)})"


def _totals(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """int64 (c, 1): samples of each true class, at least 1."""
    totals: npt.NDArray[np.int64] = np.maximum(1, counts.sum(axis=1, keepdims=True))
    return totals


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
