"""Curves over training: one line a run, and the level of guessing as a dashed line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench.plots import style
from workbench.plots.style import Theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

Curve = Sequence[tuple[float, float]]


def curves_figure(
    curves: Mapping[str, Curve],
    *,
    chance: float | Mapping[str, float | None] | None = None,
    name: str = "loss",
    steps: str = "training step",
    log: bool = False,
    shades: Mapping[str, int] | None = None,
    theme: Theme = "both",
    height: int = 300,
) -> go.Figure:
    """curves: {run's title: [(step, value), ...]}, as the store gives one metric of each run.

    chance: the level of guessing: one number, or {title: number} where tasks differ; a dashed line
    each, in the run's colour. shades: colour numbers by title (``style.shades``). ``log`` draws a
    logarithmic y axis and leaves out values that are not positive.
    """
    levels = chance if isinstance(chance, Mapping) else {}
    traces: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for index, (title, points) in enumerate(curves.items()):
        shown_title, look = style.plain(title), style.run_line(title, index, shades)
        colour = look["line"]["color"]
        shown = [(x, y) for x, y in points if not log or y > 0]
        traces.append(
            {
                "type": "scatter",
                "x": [x for x, _ in shown],
                "y": [y for _, y in shown],
                "name": shown_title,
                "mode": "lines" if len(shown) > 1 else "markers",
                **look,
                "marker": {"color": colour},
                "hovertemplate": f"%{{y:.4g}}<extra>{shown_title}</extra>",
            }
        )
        level = levels.get(title)
        if level is not None:
            lines.append(_chance_line(level, colour))
    if chance is not None and not isinstance(chance, Mapping):
        lines.append(_chance_line(chance, style.text_colour(theme)))
    if lines:
        dashed = {"color": style.text_colour(theme), "dash": "dash", "width": 1.5}
        traces.append(
            {"type": "scatter", "x": [None], "y": [None], "mode": "lines"}
            | {"name": "guessing", "line": dashed}
        )
    layout = style.layout(theme, height=height + style.legend_room([*curves, "guessing"]))
    layout |= {
        "xaxis": style.axis(theme, steps, showgrid=False, rangemode="tozero"),
        "yaxis": style.axis(theme, name, type="log" if log else "linear"),
        "hovermode": "x unified",
        "showlegend": len(curves) > 1 or bool(lines),
        "shapes": lines,
    }
    return style.whole(traces, layout)


def _chance_line(level: float, colour: str) -> dict[str, Any]:
    line = {"dash": "dash", "width": 1.5, "color": colour}
    across = {"xref": "x domain", "x0": 0, "x1": 1, "y0": level, "y1": level}
    return {"type": "line", **across, "line": line, "opacity": 0.8}
