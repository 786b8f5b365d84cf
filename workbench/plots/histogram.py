"""A histogram of lengths or sizes, with a line where samples are cut."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from workbench.plots import style
from workbench.plots.style import Theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

_BINS = 30


def histogram_figure(
    values: dict[str, npt.NDArray[Any]],
    *,
    title: str,
    counted: str = "samples",
    mark: float | None = None,
    mark_title: str = "",
    height: int = 220,
    theme: Theme = "both",
) -> go.Figure:
    """Bars of each array of ``values`` (by name) over shared bins.

    title: of the axis. mark: a value with a line and ``mark_title`` at it. An empty array gives no
    bars; values that are all equal give one.
    """
    figure, unit = style.figure(theme, height=height), style.plain(counted)
    known = [np.asarray(array, float) for array in values.values() if len(array)]
    if known:
        low = min(float(array.min()) for array in known)
        high = max(float(array.max()) for array in known)
        edges = _edges(low, high)
        for at, (name, array) in enumerate(values.items()):
            shown = style.plain(name)
            counts, _ = np.histogram(np.asarray(array, float), edges)
            figure.add_bar(
                x=((edges[:-1] + edges[1:]) / 2).tolist(),
                y=counts.tolist(),
                width=(0.9 * np.diff(edges)).tolist(),
                name=shown,
                marker={"color": style.colour(at), "opacity": 0.85, "line": {"width": 0}},
                customdata=[_span(a, b) for a, b in pairwise(edges)],
                hovertemplate=f"{shown}: %{{customdata}}: %{{y}} {unit}<extra></extra>",
            )
    if mark is not None:
        figure.add_vline(x=mark, line={"dash": "dash", "width": 1.5, "color": style.colour(2)})
        # On the side with more room, so that the edge of the figure does not cut it.
        right = not known or mark < (min(low, mark) + max(high, mark)) / 2
        where = {"xanchor": "left", "xshift": 4} if right else {"xanchor": "right", "xshift": -4}
        figure.add_annotation(style.hint(mark_title, xref="x", x=mark, yanchor="top", **where))
    figure.update_layout(barmode="overlay", showlegend=len(known) > 1)
    figure.update_xaxes(**style.axis(theme, title, showgrid=False))
    if known:
        ends = [edges[0], edges[-1], *([] if mark is None else [mark])]
        figure.update_xaxes(range=[min(ends) - 1, max(ends) + 1])
    figure.update_yaxes(**style.axis(theme, counted))
    return figure


def _edges(low: float, high: float) -> npt.NDArray[np.float64]:
    """Edges of bins of whole width, for values that are whole numbers."""
    width = max(1.0, np.ceil((high - low + 1) / _BINS))
    return np.arange(np.floor(low) - 0.5, high + width, width)


def _span(low: float, high: float) -> str:
    first, last = int(np.ceil(low)), int(np.floor(high))
    return f"{first:,}" if first == last else f"{first:,} to {last:,}"
