"""Scores beside what they have to beat: untrained encoder, raw input, text baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench import comparison
from workbench.plots import style
from workbench.plots.style import Theme
from workbench.plots.words import FEATURES, METRICS

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Symbol and colour of each kind of features; trained last, so that it lies on top.
_MARKS = {
    "random init": ("diamond-open", 1),
    "raw input": ("square-open", 2),
    "tf-idf": ("triangle-up-open", 3),
    "lsa": ("triangle-down-open", 4),
    "pretrained": ("star-open", 5),
    "supervised": ("cross-open", 6),
    "trained": ("circle", 0),
}


def baselines_figure(
    runs: Sequence[Mapping[str, Any]],
    *,
    protocol: str = "knn",
    metric: str = "accuracy",
    theme: Theme = "both",
) -> go.Figure:
    """runs: run objects as ``workbench show --json`` gives them; those without a score by
    ``protocol`` and ``metric`` are named below.

    One line a run: the trained encoder's score filled, with its 95 % interval, and what it has to
    beat as open marks on the same line.
    """
    found = [(run, _rows(run, protocol, metric)) for run in runs]
    scored = [(run, rows) for run, rows in found if rows]
    figure = style.figure(theme)
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
        name = FEATURES.get(features, features)
        drawn.append(name)
        figure.add_scatter(
            x=[row["value"] for _, row in points],
            y=[place for place, _ in points],
            error_x=_interval([row for _, row in points]) if features == "trained" else None,
            mode="markers",
            marker={"size": 11, "symbol": symbol, "color": style.colour(colour)},
            name=name,
            customdata=[[row["low"], row["high"], row["n"]] for _, row in points],
            hovertemplate="%{x:.3f} [%{customdata[0]:.3f}, %{customdata[1]:.3f}], "
            f"n=%{{customdata[2]}}<extra>{name}</extra>",
        )
    titles = [comparison.title(run) for run, _ in scored]
    split = next((str(row["split"]) for _, rows in scored for row in rows), "test")
    what = f"{METRICS.get(metric, metric)} on {split} samples"
    figure.update_xaxes(**style.axis(theme, what))
    figure.update_yaxes(**style.titles_axis(theme, titles))
    height = 90 + 38 * max(1, len(scored)) + style.legend_room(drawn)
    figure.update_layout(height=height, showlegend=True)
    left_out = [comparison.title(run) for run, rows in found if not rows]
    if left_out:
        figure.add_annotation(
            **style.hint(f"no scores: {', '.join(left_out)}", x=1, y=0, xanchor="right")
        )
    return figure


def _rows(run: Mapping[str, Any], protocol: str, metric: str) -> list[Mapping[str, Any]]:
    """The run's scores of its first target."""
    rows = [
        row
        for row in run.get("scores", ())
        if (row["protocol"], row["metric"]) == (protocol, metric)
        and row.get("labels_per_class") is None
    ]
    return [row for row in rows if row["target"] == rows[0]["target"]]


def _interval(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [row["high"] - row["value"] for row in rows],
        "arrayminus": [row["value"] - row["low"] for row in rows],
        "thickness": 2,
        "width": 0,
    }
