"""Scores beside their baselines: untrained encoder, raw input, text baselines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench import comparison
from workbench.comparison import numbers
from workbench.comparison.lead_metric import lead_metric
from workbench.plots import style
from workbench.plots.style import Theme
from workbench.plots.words import FEATURES, METRICS
from workbench.records import RunRecord, Score

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Symbol and colour of each kind of features; trained last, so that it lies on top.
_MARKS = {
    "random init": ("diamond-open", 1),
    "raw input": ("square-open", 2),
    "tf-idf": ("triangle-up-open", 3),
    "lsa": ("triangle-down-open", 4),
    "word vectors": ("pentagon-open", 5),
    "pretrained": ("star-open", 6),
    "supervised": ("cross-open", 7),
    "largest class": ("x-thin-open", 8),
    "trained": ("circle", 0),
}


def baselines_figure(
    runs: Sequence[RunRecord],
    *,
    protocol: str = "knn",
    metric: str | None = None,
    theme: Theme = "both",
) -> go.Figure:
    """One line a run: the trained encoder's score filled, with its 95 % interval, and its baselines
    as open marks. Runs without a score by ``protocol`` and ``metric`` are named below.

    metric: by default the one that leads for the first run.
    """
    metric = metric or next((lead_metric(run, protocol) for run in runs), "accuracy")
    titles = comparison.unique_titles(runs)
    scores = [_rows(run, protocol, metric) for run in runs]
    scored = [(title, rows) for title, rows in zip(titles, scores, strict=True) if rows]
    figure = style.figure(theme)
    form = numbers.score_format(metric)
    drawn = []
    for features, (symbol, colour) in _MARKS.items():
        points = [
            (place, row)
            for place, (_, rows) in enumerate(scored)
            for row in rows
            if row["features"] == features
        ]
        if not points:
            continue
        name = style.plain(FEATURES.get(features, features))
        drawn.append(name)
        figure.add_scatter(
            x=[row["value"] for _, row in points],
            y=[place for place, _ in points],
            error_x=style.error_bars([row for _, row in points]) if features == "trained" else None,
            mode="markers",
            marker={"size": 11, "symbol": symbol, "color": style.colour(colour)},
            name=name,
            customdata=[[row["low"], row["high"], numbers.scored(row)] for _, row in points],
            hovertemplate=f"{numbers.hover_interval(0, 1, form)}, "
            f"n=%{{customdata[2]}}<extra>{name}</extra>",
        )
    split = next((str(row["split"]) for _, rows in scored for row in rows), "test")
    what = f"{METRICS.get(metric, metric)} on {split} samples"
    figure.update_xaxes(**style.axis(theme, what, tickformat=style.score_ticks(metric)))
    figure.update_yaxes(**style.titles_axis(theme, [title for title, _ in scored]))
    height = 90 + 38 * max(1, len(scored)) + style.legend_room(drawn)
    figure.update_layout(height=height, showlegend=True)
    missing = [title for title, rows in zip(titles, scores, strict=True) if not rows]
    if missing:
        figure.add_annotation(**style.left_out(missing))
    return figure


def _rows(run: RunRecord, protocol: str, metric: str) -> list[Score]:
    """The run's scores of its first target, and those of its largest class."""
    rows = [
        row
        for row in run.get("scores", ())
        if (row["protocol"], row["metric"]) == (protocol, metric)
        and row.get("labels_per_class") is None
    ]
    if not rows:
        return []
    rows += [
        row
        for row in run["scores"]
        if (row["features"], row["metric"]) == ("largest class", metric)
    ]
    return [row for row in rows if row["target"] == rows[0]["target"]]
