"""Embedding maps as static figures, for notebooks and reports. Pages use the linked component."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from workbench.plots import class_colours, style
from workbench.plots.linked.parts import MapPanel
from workbench.plots.style import Theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

# SVG keeps hovering alive where all points coincide; WebGL is for more points than it can draw.
_MOST_SVG = 9000


def embedding_figure(
    panels: Sequence[MapPanel],
    labels: npt.NDArray[Any] | None = None,
    classes: Sequence[str] = (),
    *,
    texts: Sequence[str] | None = None,
    columns: int | None = None,
    theme: Theme = "both",
    height: int = 380,
) -> go.Figure:
    """Maps side by side, coloured by class; a click in the legend hides a class in all of them.

    labels: int, class of every sample of the data set (indexed by ``rows``), -1: none. texts: shown
    on hovering, indexed the same. columns: maps in a row; default up to 3. Every point carries its
    sample id in ``customdata``. The axes of a map have one scale and no numbers.
    """
    across = columns or min(3, max(1, len(panels)))
    down = math.ceil(max(1, len(panels)) / across)
    figure = _grid(panels, across, down)
    total = sum(len(panel.rows) for panel in panels)
    flat = any(np.ptp(panel.xy, axis=0).max(initial=0.0) < 1e-6 for panel in panels)
    draw = figure.add_scatter if total <= _MOST_SVG or flat else figure.add_scattergl
    in_legend: set[int] = set()
    for number, panel in enumerate(panels):
        where = {"row": number // across + 1, "col": number % across + 1}
        codes = np.full(len(panel.rows), -1) if labels is None else np.asarray(labels)[panel.rows]
        for index in np.unique(codes).tolist():
            name = style.plain(classes[index]) if 0 <= index < len(classes) else "no label"
            draw(
                **_points(panel, np.flatnonzero(codes == index), index, classes, texts),
                name=name,
                showlegend=labels is not None and index not in in_legend,
                hovertemplate=_hover(name if labels is not None else None, texts is not None),
                **where,
            )
            in_legend.add(index)
        figure.update_xaxes(constrain="domain", visible=False, **where)
        reference = "x" if number == 0 else f"x{number + 1}"
        figure.update_yaxes(scaleanchor=reference, constrain="domain", visible=False, **where)
    wide = style.legend_room([str(classes[i]) for i in in_legend if 0 <= i < len(classes)])
    figure.update_layout(
        style.layout(theme, height=height * down + min(wide, 160)),
        margin={"t": 58 if any(panel.subtitle for panel in panels) else 36, "l": 8, "r": 8, "b": 8},
        dragmode="pan",
    )
    figure.update_annotations(font={"size": 13, "color": style.text_colour(theme)})
    return figure


def _grid(panels: Sequence[MapPanel], across: int, down: int) -> go.Figure:
    """An empty figure with a place and a heading for each map."""
    from plotly.subplots import make_subplots

    return make_subplots(
        rows=down,
        cols=across,
        subplot_titles=[_heading(panel) for panel in panels],
        horizontal_spacing=0.03,
        vertical_spacing=0.1 if down > 1 else 0.0,
    )


def _points(
    panel: MapPanel,
    chosen: npt.NDArray[np.int64],
    index: int,
    classes: Sequence[str],
    texts: Sequence[str] | None,
) -> dict[str, Any]:
    """The points at positions ``chosen`` of a map, all of class ``index``, as a plotly trace."""
    ids = np.asarray(panel.rows)[chosen]
    colour, symbol = class_colours.look(classes, index)
    return {
        "x": np.asarray(panel.xy[chosen, 0], np.float32),
        "y": np.asarray(panel.xy[chosen, 1], np.float32),
        "mode": "markers",
        "legendgroup": str(index),
        "legendrank": 1000 + (index if index >= 0 else 999),
        "marker": {
            "size": 5 if len(panel.rows) > 500 else 6,
            "color": colour,
            "symbol": symbol,
            "opacity": 0.75,
            "line": {"width": 0},
        },
        "customdata": ids,
        "text": [_short(texts[i]) for i in ids] if texts is not None else None,
    }


def _heading(panel: MapPanel) -> str:
    small = [part for part in (panel.subtitle, panel.caption) if part]
    lines = "".join(
        f"<br><span style='font-size:11px'>{style.plain(part)}</span>" for part in small
    )
    return f"<b>{style.plain(panel.title)}</b>{lines}"


def _hover(name: str | None, texts: bool) -> str:
    parts = [name] if name else []
    parts += ["%{text}"] if texts else []
    return "<br>".join([*parts, "sample %{customdata}"]) + "<extra></extra>"


def _short(text: str, width: int = 60, most: int = 180) -> str:
    """Markup for a text in a hover card: wrapped and cut."""
    cut = text if len(text) <= most else f"{text[: most - 1]}…"
    words, lines = cut.split(), [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join(map(style.plain, lines))
