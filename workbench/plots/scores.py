"""Gains over the untrained encoder, a dot with its interval for each run and protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench import comparison
from workbench.comparison import numbers
from workbench.comparison.lead_metric import lead_metric
from workbench.comparison.run_fields import of_metric
from workbench.plots import style
from workbench.plots.style import Theme
from workbench.plots.words import PROTOCOLS
from workbench.records import Gain, RunRecord

if TYPE_CHECKING:
    import plotly.graph_objects as go

_MARKS = ("circle", "diamond", "square", "triangle-up")


def scores_figure(
    runs: Sequence[RunRecord],
    *,
    metric: str | None = None,
    target: str | None = None,
    over: str = "random init",
    theme: Theme = "both",
) -> go.Figure:
    """One line a run, one mark a protocol, in percentage points with the 95 % interval; the
    vertical line is no gain.

    metric: by default the one that leads for the first run; runs without it show ``auroc``
    (anomaly detection) instead. target: the label column;
    default: the first of each run. Runs without gains are named below.
    """
    metric = metric or next(map(lead_metric, runs), "accuracy")
    figure = style.figure(theme)
    gains = [_gains(run, metric, target, over) for run in runs]
    titles = comparison.unique_titles(runs)
    scored = [(title, rows) for title, rows in zip(titles, gains, strict=True) if rows]
    protocols = list(dict.fromkeys(row["protocol"] for _, rows in scored for row in rows))
    for number, protocol in enumerate(protocols):
        _add_protocol(figure, scored, protocol, number, len(protocols))
    figure.add_vline(x=0, line={"width": 1.5, "color": style.text_colour(theme)})
    figure.update_xaxes(
        **style.axis(theme, f"points{of_metric(metric)} over the untrained encoder", tickformat="+")
    )
    drawn = [title for title, _ in scored]
    figure.update_yaxes(**style.titles_axis(theme, drawn, showgrid=False))
    names = [PROTOCOLS.get(name, name) for name in protocols]
    per_run = 24 + 22 * max(1, len(protocols))
    figure.update_layout(
        height=90 + per_run * max(1, len(scored)) + style.legend_room(names), showlegend=True
    )
    missing = [title for title, rows in zip(titles, gains, strict=True) if not rows]
    if missing:
        figure.add_annotation(**style.left_out(missing))
    return figure


def _add_protocol(
    figure: go.Figure,
    scored: Sequence[tuple[str, Sequence[Gain]]],
    protocol: str,
    number: int,
    count: int,
) -> None:
    """Adds the marks of one protocol, the ``number``-th of ``count``. scored: each run's title and
    gains."""
    points = [
        (place, row)
        for place, (_, rows) in enumerate(scored)
        for row in rows
        if row["protocol"] == protocol
    ]
    figure.add_scatter(
        x=[100 * row["value"] for _, row in points],
        y=[place + _offset(number, count) for place, _ in points],
        error_x=style.error_bars([row for _, row in points], scale=100),
        mode="markers",
        marker={
            "size": 10,
            "color": style.colour(number),
            "symbol": _MARKS[number % len(_MARKS)],
        },
        name=style.plain(PROTOCOLS.get(protocol, protocol)),
        customdata=[
            [style.plain(scored[place][0]), 100 * row["low"], 100 * row["high"], row["n"]]
            for place, row in points
        ],
        hovertemplate=f"%{{customdata[0]}}: {numbers.hover_interval(1, 2, numbers.POINTS)}, "
        "n=%{customdata[3]}<extra></extra>",
    )


def _gains(run: RunRecord, metric: str, target: str | None, over: str) -> list[Gain]:
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
    """Of a protocol's marks from the middle of a run's line."""
    return (index - (count - 1) / 2) * min(0.28, 0.7 / max(1, count))
