"""Label efficiency: how good a simple classifier gets with few labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench import comparison
from workbench.comparison import numbers
from workbench.comparison.lead_metric import ACCURACY, MACRO_F1, lead_metric
from workbench.plots import style
from workbench.plots.style import Theme
from workbench.plots.words import FEATURES, METRICS
from workbench.records import RunRecord, Score

if TYPE_CHECKING:
    import plotly.graph_objects as go

PROTOCOL = "label efficiency"
_DASHES = ("dot", "dash", "dashdot", "longdash", "longdashdot")


@dataclass(frozen=True)
class _Line:
    """Scores of one kind of features by the number of labels. trained: of a run, and no baseline.
    place: of the configuration among those of the runs, or among the baselines. seed: how many
    runs of the configuration came before."""

    title: str
    rows: Sequence[Score]
    trained: bool
    place: int
    seed: int = 0


def label_efficiency_figure(
    runs: Sequence[RunRecord],
    *,
    metric: str | None = None,
    target: str | None = None,
    theme: Theme = "both",
    height: int = 340,
) -> go.Figure:
    """x: labels a class (logarithmic); y: the score on test, with intervals.

    Trained encoders are solid; seeds of one configuration share a colour. Baselines are dotted:
    the untrained version of each encoder once, raw input and text baselines once. The largest
    class is a level.

    metric: by default accuracy, or macro F1 where the largest class is too large.
    """
    lead = next(map(lead_metric, runs), ACCURACY)
    metric = metric or (ACCURACY if lead == ACCURACY else MACRO_F1)
    lines = _lines(runs, metric, target)
    titles = [line.title for line in lines]
    figure = style.figure(theme, height=height + style.legend_room(titles))
    for line in lines:
        figure.add_scatter(**_trace(line, numbers.score_format(metric)))
    level = _largest_class_level(runs, metric, target)
    if lines and level is not None:
        figure.add_hline(
            y=level,
            line={"width": 1, "dash": "dot", "color": style.text_colour(theme)},
            annotation={"text": "largest class", "font": {"size": 11}},
            annotation_position="bottom right",
        )
    ticks = sorted({_labels(row) for line in lines for row in line.rows})
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
    title = f"{METRICS.get(metric, metric)} on test"
    figure.update_yaxes(**style.axis(theme, title, tickformat=style.score_ticks(metric)))
    figure.update_layout(showlegend=True)
    return figure


def _lines(runs: Sequence[RunRecord], metric: str, target: str | None) -> list[_Line]:
    """The lines of the chart. A baseline that several runs share is that of the first."""
    lines: dict[str, _Line] = {}
    places = {
        run["id"]: (place, seed)
        for place, group in enumerate(comparison.group_runs(runs))
        for seed, run in enumerate(group.runs)
    }
    for run, run_title in zip(runs, comparison.unique_titles(runs), strict=True):
        rows = _rows(run, metric, target)
        for features in dict.fromkeys(row["features"] for row in rows):
            trained = features == "trained"
            title = run_title if trained else _baseline_title(run, features, runs)
            if title not in lines:
                found = [row for row in rows if row["features"] == features]
                baselines = sum(not line.trained for line in lines.values())
                place, seed = places[run["id"]] if trained else (baselines, 0)
                lines[title] = _Line(title, sorted(found, key=_labels), trained, place, seed)
    return list(lines.values())


def _trace(line: _Line, form: str) -> dict[str, Any]:
    """form: of the scores."""
    shade = style.colour(line.place if line.trained else len(style.COLOURS) - 1)
    title = style.plain(line.title)
    return {
        "x": [_labels(row) for row in line.rows],
        "y": [row["value"] for row in line.rows],
        "error_y": style.error_bars(line.rows, thickness=1.2),
        "name": title,
        "legendrank": 1000 if line.trained else 1001,
        "mode": "lines+markers",
        "line": {
            "color": shade,
            "width": 2 if line.trained else 1.5,
            "dash": "solid" if line.trained else _DASHES[line.place % len(_DASHES)],
        },
        # Every seed after the first is paler, as in the curves over training.
        "opacity": 0.55 if line.seed else 1.0,
        "marker": {"size": 7 if line.trained else 5},
        "hovertemplate": f"%{{x}} labels a class: %{{y:{form}}}<extra>{title}</extra>",
    }


def _labels(row: Score) -> int:
    """Label efficiency scores have their number of labels."""
    return row["labels_per_class"]


def _rows(run: RunRecord, metric: str, target: str | None) -> list[Score]:
    rows = [
        row
        for row in run.get("scores", ())
        if row["protocol"] == PROTOCOL and row["metric"] == metric
    ]
    name = target or (rows[0]["target"] if rows else None)
    return [row for row in rows if row["target"] == name]


def _largest_class_level(
    runs: Sequence[RunRecord], metric: str, target: str | None
) -> float | None:
    """What always guessing the largest class scores, if a run has it."""
    for run in runs:
        for row in run.get("scores", ()):
            of_target = target is None or row["target"] == target
            if row["features"] == "largest class" and row["metric"] == metric and of_target:
                return row["value"]
    return None


def _baseline_title(run: RunRecord, features: str, runs: Sequence[RunRecord]) -> str:
    """The kind of features; of an untrained encoder its name too, where there are several."""
    name = FEATURES.get(features, features)
    if features == "raw input" and run["config"].get("data", {}).get("text"):
        name = "raw input"
    encoders = {other["config"].get("encoder") for other in runs}
    if features == "random init" and len(encoders) > 1:
        return f"{name} ({run['config'].get('encoder')})"
    return name
