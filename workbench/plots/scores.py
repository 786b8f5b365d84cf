"""Gains over the untrained encoder, a dot with its interval for each run and protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench import comparison
from workbench.plots import style
from workbench.plots.style import Theme
from workbench.plots.words import PROTOCOLS

if TYPE_CHECKING:
    import plotly.graph_objects as go

_MARKS = ("circle", "diamond", "square", "triangle-up")


def scores_figure(
    runs: Sequence[Mapping[str, Any]],
    *,
    metric: str = "accuracy",
    target: str | None = None,
    over: str = "random init",
    theme: Theme = "both",
) -> go.Figure:
    """runs: run objects as ``workbench show --json`` gives them.

    One line a run, one mark a protocol, in percentage points with the 95 % interval; the vertical
    line is no gain. metric: runs without it show ``auroc`` (anomaly detection) instead. target:
    which label column; default: the first of each run. Runs without gains are named below.
    """
    figure = style.figure(theme)
    found = [(run, _gains(run, metric, target, over)) for run in runs]
    scored = [(run, rows) for run, rows in found if rows]
    protocols = list(dict.fromkeys(row["protocol"] for _, rows in scored for row in rows))
    offsets = {name: _offset(i, len(protocols)) for i, name in enumerate(protocols)}
    for number, protocol in enumerate(protocols):
        points = [
            (place, row)
            for place, (_, rows) in enumerate(scored)
            for row in rows
            if row["protocol"] == protocol
        ]
        values = [100 * row["value"] for _, row in points]
        figure.add_scatter(
            x=values,
            y=[place + offsets[protocol] for place, _ in points],
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [
                    100 * row["high"] - v for (_, row), v in zip(points, values, strict=True)
                ],
                "arrayminus": [
                    v - 100 * row["low"] for (_, row), v in zip(points, values, strict=True)
                ],
                "thickness": 2,
                "width": 0,
            },
            mode="markers",
            marker={
                "size": 10,
                "color": style.colour(number),
                "symbol": _MARKS[number % len(_MARKS)],
            },
            name=PROTOCOLS.get(protocol, protocol),
            customdata=[
                [comparison.title(scored[place][0]), 100 * row["low"], 100 * row["high"], row["n"]]
                for place, row in points
            ],
            hovertemplate="%{customdata[0]}: %{x:+.1f} points "
            "[%{customdata[1]:+.1f}, %{customdata[2]:+.1f}], n=%{customdata[3]}<extra></extra>",
        )
    titles = [comparison.title(run) for run, _ in scored]
    figure.add_vline(x=0, line={"width": 1.5, "color": style.text_colour(theme)})
    figure.update_xaxes(**style.axis(theme, "points over the untrained encoder", tickformat="+"))
    figure.update_yaxes(**style.titles_axis(theme, titles, showgrid=False))
    names = [PROTOCOLS.get(name, name) for name in protocols]
    per_run = 24 + 22 * max(1, len(protocols))
    figure.update_layout(
        height=90 + per_run * max(1, len(scored)) + style.legend_room(names), showlegend=True
    )
    left_out = [comparison.title(run) for run, rows in found if not rows]
    if left_out:
        figure.add_annotation(
            **style.hint(f"no scores: {', '.join(left_out)}", x=1, y=0, xanchor="right")
        )
    return figure


def _gains(
    run: Mapping[str, Any], metric: str, target: str | None, over: str
) -> list[Mapping[str, Any]]:
    rows = [row for row in run.get("gains", ()) if row["over"] == over]
    for wanted in (metric, "auroc"):
        chosen = [row for row in rows if row["metric"] == wanted]
        if chosen:
            name = target or chosen[0]["target"]
            # Label efficiency has a chart of its own: a gain for every number of labels.
            return [
                row
                for row in chosen
                if row["target"] == name and row["protocol"] != "label efficiency"
            ]
    return []


def _offset(index: int, count: int) -> float:
    return (index - (count - 1) / 2) * min(0.28, 0.7 / max(1, count))
