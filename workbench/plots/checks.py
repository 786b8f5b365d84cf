"""Collapse checks over training: spread, number of directions, distance of two views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from workbench.diagnostics.zones import COMPLETE_STD, DIMENSIONAL, LOW_RANK
from workbench.plots import style
from workbench.plots.style import Theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

Metrics = Mapping[str, Sequence[tuple[float, float]]]
_BAD, _DOUBTFUL = "#b4144a", "#e88519"


class _Panel(NamedTuple):
    """level: the value of isotropic embeddings. zones: from, to, colour, and the meaning of a point
    there in words, which stand above the panel: lines may run anywhere in it."""

    metric: str
    title: str
    level: float = 1.0
    zones: tuple[tuple[float, float, str, str], ...] = ()


# Below this the verdict also uses the participation ratio, which is not drawn.
_FEW = max(rank for _, rank in DIMENSIONAL if rank < LOW_RANK)
# Opacity of a zone, and of the mark before its words: paler than the lines, which share its colour.
_SHADE, _MARK = 0.2, 0.45
# Pixels: of a line of words above a panel, between two panels, and of the axis below the last.
_WORDS, _SPACE, _AXIS = 17, 16, 60
_PANELS = (
    _Panel(
        "std_sqrt_d",
        "spread",
        zones=((0.0, COMPLETE_STD, _BAD, "collapse zone: all in one place"),),
    ),
    _Panel(
        "rankme_ratio",
        "directions used",
        zones=(
            (0.0, _FEW, _BAD, "very few directions: may be a collapse"),
            (_FEW, LOW_RANK, _DOUBTFUL, "few directions: normal with few classes"),
        ),
    ),
)
# Views lie together in a collapsed network too, so this is shown only together with the spread.
_VIEWS = _Panel("alignment", "two views apart", level=2.0)

# The metrics of a run that the chart draws.
DRAWN = tuple(f"check.{space}.{panel.metric}" for space in "zh" for panel in (*_PANELS, _VIEWS))


def checks_figure(
    runs: Mapping[str, Metrics],
    *,
    shades: Mapping[str, int] | None = None,
    theme: Theme = "both",
    height: int = 230,
) -> go.Figure:
    """runs: {run's title: {"check.z.std_sqrt_d": [(step, value), ...], "check.z.rankme_ratio":
    ..., the same with "check.h."}}, as the store gives the metrics.

    Each run is shown by its projections z, or by h if its task has no z; its name then says so. The
    zones of the verdict are shaded. Spread is std times sqrt(d): below 0.32 all embeddings lie in
    one place. Directions used is RankMe as a share of isotropic data's: below 0.1 they are few.
    Where a run has "check.z.alignment", a third panel shows it: 0 is one point, 2 as far as two
    unrelated samples. shades: colour numbers by title (``style.shades``). height: of one panel.
    """
    paired = any(f"check.z.{_VIEWS.metric}" in metrics for metrics in runs.values())
    panels = (*_PANELS, _VIEWS) if paired else _PANELS
    names = list(runs)
    room = sum(map(_room, panels))
    layout = style.layout(theme, height=height * len(panels) + room + style.legend_room(names))
    layout |= {"showlegend": len(names) > 1, "hovermode": "x", "shapes": [], "annotations": []}
    traces: list[dict[str, Any]] = []
    for row, panel in enumerate(panels):
        lines = [
            _line(panel, row, style.run_line(name, index, shades), runs[name], name)
            for index, name in enumerate(names)
        ]
        traces += lines
        where = _domain(panels, row, height * len(panels) + room)
        _lay_out(layout, panels, row, where, [line["y"] for line in lines], theme)
    return style.whole(traces, layout)


def _line(
    panel: _Panel, row: int, look: dict[str, Any], metrics: Metrics, name: str
) -> dict[str, Any]:
    """The run's line in a panel. look: its colour, dash and opacity."""
    space = "z" if f"check.z.{panel.metric}" in metrics else "h"
    points = metrics.get(f"check.{space}.{panel.metric}", ())
    shown = style.plain(name if space == "z" else f"{name} (of h)")
    return {
        "type": "scatter",
        "x": [step for step, _ in points],
        "y": [value for _, value in points],
        "xaxis": _axis("x", row),
        "yaxis": _axis("y", row),
        "name": shown,
        "legendgroup": name,
        "showlegend": row == 0,
        "mode": "lines+markers",
        "marker": {"size": 4},
        **look,
        "hovertemplate": f"%{{y:.2f}}<extra>{shown}</extra>",
    }


def _room(panel: _Panel) -> int:
    """Pixels of height for the words above a panel."""
    return _WORDS * len(panel.zones)


def _domain(panels: Sequence[_Panel], row: int, height: int) -> list[float]:
    """From where to where a panel's plot reaches, as shares of the height that all share."""
    whole = height - _AXIS
    tall = (whole - sum(map(_room, panels)) - _SPACE * (len(panels) - 1)) / len(panels)
    below = sum(tall + _SPACE + _room(panel) for panel in panels[row + 1 :])
    return [below / whole, (below + tall) / whole]


def _lay_out(
    layout: dict[str, Any],
    panels: Sequence[_Panel],
    row: int,
    where: list[float],
    lines: Sequence[Sequence[float]],
    theme: Theme,
) -> None:
    """Adds a panel's axes, its zones with their words, and the dotted line of its level."""
    panel, last = panels[row], row == len(panels) - 1
    top = max(panel.level, *(value for line in lines for value in line), 0.0) * 1.05
    x, y = _axis("x", row), _axis("y", row)
    layout[f"xaxis{row + 1}" if row else "xaxis"] = style.axis(
        theme,
        "training step" if last else None,
        showgrid=False,
        anchor=y,
        matches=None if last else _axis("x", len(panels) - 1),
        showticklabels=last,
    )
    layout[f"yaxis{row + 1}" if row else "yaxis"] = style.axis(
        theme, panel.title, range=[0, top], anchor=x, domain=where
    )
    across = {"xref": f"{x} domain", "yref": y, "x0": 0, "x1": 1}
    for low, high, colour, _ in panel.zones:
        layout["shapes"].append(
            {"type": "rect", **across, "y0": low, "y1": high, "fillcolor": colour}
            | {"opacity": _SHADE, "line": {"width": 0}, "layer": "below"}
        )
    if panel.zones:
        key = "<br>".join(
            f"<span style='color:{style.fade(colour, _MARK)}'>■</span> {words}"
            for _, _, colour, words in panel.zones
        )
        place = {"xref": f"{x} domain", "x": 0, "yref": "paper", "y": where[1]}
        font = {"size": 12, "color": style.text_colour(theme)}
        layout["annotations"].append(
            place
            | {"text": key, "align": "left", "showarrow": False, "font": font}
            | {"xanchor": "left", "yanchor": "bottom"}
        )
    dotted = {"dash": "dot", "width": 1, "color": style.grid_colour(theme)}
    layout["shapes"].append(
        {"type": "line", **across, "y0": panel.level, "y1": panel.level, "line": dotted}
    )


def _axis(letter: str, row: int) -> str:
    """Plotly's name of an axis of a row: x, x2, x3."""
    return letter if row == 0 else f"{letter}{row + 1}"
