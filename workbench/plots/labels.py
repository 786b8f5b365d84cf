"""Label efficiency: how good a simple classifier gets with few labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench import comparison
from workbench.plots import style
from workbench.plots.style import Theme
from workbench.plots.words import FEATURES, METRICS

if TYPE_CHECKING:
    import plotly.graph_objects as go

PROTOCOL = "label efficiency"


def label_efficiency_figure(
    runs: Sequence[Mapping[str, Any]],
    *,
    metric: str = "accuracy",
    target: str | None = None,
    theme: Theme = "both",
    height: int = 340,
) -> go.Figure:
    """runs: run objects. x: labels a class (logarithmic); y: the score on test, with intervals.

    Trained encoders are solid, in the colours of their runs; what they are compared with is
    dotted: the untrained version of each encoder once, raw input and text baselines once.
    """
    lines: dict[str, tuple[str, list[Mapping[str, Any]]]] = {}
    for run in runs:
        rows = _rows(run, metric, target)
        for features in dict.fromkeys(row["features"] for row in rows):
            found = [row for row in rows if row["features"] == features]
            title = _title(run, features, runs)
            if title not in lines:
                lines[title] = (features, sorted(found, key=lambda row: row["labels_per_class"]))
    figure = style.figure(theme, height=height + style.legend_room(list(lines)))
    trained = [title for title, (features, _) in lines.items() if features == "trained"]
    others = [title for title in lines if title not in trained]
    for title, (features, rows) in lines.items():
        of_run = features == "trained"
        shade = style.colour(trained.index(title) if of_run else len(style.COLOURS) - 1)
        dots = ("dot", "dash", "dashdot", "longdash", "longdashdot")
        values = [row["value"] for row in rows]
        figure.add_scatter(
            x=[row["labels_per_class"] for row in rows],
            y=values,
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [row["high"] - v for row, v in zip(rows, values, strict=True)],
                "arrayminus": [v - row["low"] for row, v in zip(rows, values, strict=True)],
                "thickness": 1.2,
                "width": 0,
            },
            name=title,
            legendrank=1000 if of_run else 1001,
            mode="lines+markers",
            line={
                "color": shade,
                "width": 2 if of_run else 1.5,
                "dash": "solid" if of_run else dots[others.index(title) % len(dots)],
            },
            marker={"size": 7 if of_run else 5},
            hovertemplate=f"%{{x}} labels a class: %{{y:.3f}}<extra>{title}</extra>",
        )
    ticks = sorted({row["labels_per_class"] for _, rows in lines.values() for row in rows})
    figure.update_xaxes(
        **style.axis(
            theme,
            "labels a class",
            type="log",
            tickmode="array",
            tickvals=ticks,
            ticktext=[f"{tick:g}" for tick in ticks],
            showgrid=False,
        )
    )
    figure.update_yaxes(**style.axis(theme, f"{METRICS.get(metric, metric)} on test"))
    figure.update_layout(showlegend=True)
    return figure


def _rows(run: Mapping[str, Any], metric: str, target: str | None) -> list[Mapping[str, Any]]:
    rows = [
        row
        for row in run.get("scores", ())
        if row["protocol"] == PROTOCOL and row["metric"] == metric
    ]
    name = target or (rows[0]["target"] if rows else None)
    return [row for row in rows if row["target"] == name]


def _title(run: Mapping[str, Any], features: str, runs: Sequence[Mapping[str, Any]]) -> str:
    if features == "trained":
        return comparison.title(run)
    name = FEATURES.get(features, features)
    if features == "raw input" and run["config"].get("data", {}).get("text"):
        name = "raw input"
    encoders = {other["config"].get("encoder") for other in runs}
    if features == "random init" and len(encoders) > 1:
        return f"{name} ({run['config'].get('encoder')})"
    return name
