"""Fields of a run's record: its title, its scores and gains, and the words for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from workbench import registry
from workbench.comparison import numbers
from workbench.comparison.differences import changed_options
from workbench.comparison.lead_metric import ANOMALY as ANOMALY
from workbench.comparison.lead_metric import BALANCED, MACRO_F1, METRIC_WORDS, lead_metric
from workbench.comparison.lead_metric import KNN as KNN
from workbench.comparison.lead_metric import PROBE as PROBE
from workbench.comparison.records import IdentifiedRun, NamedRun, ScoredRun
from workbench.records import (
    BudgetRecord,
    ConfigRecord,
    DataConfigRecord,
    Gain,
    Interval,
    RunRecord,
    Score,
)

# How a gain was measured, in words.
MEASURED = {
    KNN: "nearest neighbours share the label",
    PROBE: "simple classifier on frozen features",
    ANOMALY: "finds the unusual",
}
# The endings of files that are data sets, whose names leave the ending out.
DATA_FILES = (".zip", ".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet")
_COLLAPSED = ("complete collapse", "dimensional collapse")


def title(run: NamedRun) -> str:
    """What a run is called in sentences: its name, or its task, changed options and seed."""
    config = run["config"]
    if run.get("name"):
        return str(run["name"])
    parts = ", ".join(filter(None, (task_title(config), changed_options(config))))
    return f"{parts} (seed {config['seed']})"


def unique_titles(runs: Sequence[IdentifiedRun]) -> list[str]:
    """The runs' titles; where two are the same, with their ids."""
    return distinct([title(run) for run in runs], [f", {run['id']}" for run in runs])


def distinct(names: Sequence[str], endings: Sequence[str]) -> list[str]:
    """The names; where two are the same, each with its ending."""
    return [
        name if names.count(name) == 1 else f"{name}{ending}"
        for name, ending in zip(names, endings, strict=True)
    ]


def task_title(config: ConfigRecord) -> str:
    """The pretext task by the name that people know; its plain name if its plugin is gone. Of one
    that is broken on purpose, what has been taken away."""
    preset = registry.broken_preset_of(config)
    if preset is not None:
        return preset.title
    task = registry.tasks().get(config["task"])
    return str(task.title if task is not None else config["task"])


def data_name(data: DataConfigRecord) -> str:
    """The short name of a run's data, as the data set itself is called: a sample's name, or the
    last part of a path (/ or \\) without the ending of a file."""
    source = data.get("source", "")
    name = source.removeprefix("sample:").rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1]
    return next((name[: -len(end)] for end in DATA_FILES if name.lower().endswith(end)), name)


def gain(run: ScoredRun, protocol: str = KNN, metric: str | None = None) -> Gain | None:
    """The gain of a run over its untrained encoder, with its interval, or None without labels.

    metric: by default the one that leads (``lead_metric.py``)."""
    metric = metric or lead_metric(run, protocol)
    return _gain_over_untrained(run.get("gains", ()), protocol, metric)


def main_gain(run: ScoredRun) -> Gain | None:
    """The first number of a run: the gain of its neighbours' accuracy, or of finding anomalies."""
    return gain(run) or gain(run, ANOMALY)


def validation_gain(run: RunRecord, protocol: str) -> Gain | None:
    """As ``gain`` by the metric that leads, of the validation split; None if not stored."""
    metric = lead_metric(run, protocol)
    return _gain_over_untrained(run.get("validation_gains", ()), protocol, metric)


def gain_by(run: ScoredRun, protocol: str) -> Gain | None:
    """The gain by the metric that leads, of the split that the run shows."""
    return gain(run, protocol)


def score(
    run: ScoredRun, features: str, protocol: str = KNN, metric: str | None = None
) -> Score | None:
    """One score of a run, or None if it has none such. metric: by default the one that leads."""
    metric = metric or lead_metric(run, protocol)
    for row in run.get("scores", ()):
        if (row["features"], row["protocol"], row["metric"]) == (features, protocol, metric):
            return row
    return None


def encoder_of(run: RunRecord) -> tuple[str, str]:
    """What tells encoders apart: the name, and the options (a causal one is another encoder)."""
    config = run["config"]
    return str(config["encoder"]), str(sorted((config.get("encoder_options") or {}).items()))


def verdict_label(run: RunRecord) -> str:
    """The label of the collapse check, empty before there is one."""
    verdict = run.get("verdict")
    return verdict["label"] if verdict else ""


def collapsed(run: RunRecord) -> bool:
    """Whether the collapse check calls the run collapsed, wholly or in most directions."""
    return verdict_label(run) in _COLLAPSED


def closed(run: RunRecord) -> bool:
    """Whether the run's test scores are hidden, so that it shows validation scores."""
    return run.get("test") == "closed"


def gain_words(row: Interval, metric: str = "") -> str:
    """A gain with its interval, in points, and what it says. metric: of a mean of gains, which has
    none of its own."""
    of = of_metric(metric or str(cast(Mapping[str, object], row).get("metric", "")))
    gained = numbers.points_from(row["value"], "the untrained encoder", of)
    interval = ", ".join(filter(None, (numbers.interval(row), numbers.neighbours(row))))
    unclear = "" if row["low"] > 0 or row["high"] < 0 else ": no clear difference"
    return f"{gained}, {interval}{unclear}"


def of_metric(metric: str) -> str:
    """`` of balanced accuracy``; empty for accuracy, and for AUROC."""
    return f" of {METRIC_WORDS[metric]}" if metric in (BALANCED, MACRO_F1) else ""


def budget_words(budget: BudgetRecord) -> str:
    """``60 seconds``, ``500 steps``, ``3 epochs``."""
    ((unit, amount),) = budget.items()
    return f"{amount:g} {unit}"


def equal_budget(budget: BudgetRecord) -> str:
    """``equal time``, ``equal steps`` or ``equal epochs``: what runs of one budget share."""
    (unit,) = budget
    return f"equal {'time' if unit == 'seconds' else unit}"


def name_list(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _gain_over_untrained(rows: Iterable[Gain], protocol: str, metric: str) -> Gain | None:
    for row in rows:
        if (row["protocol"], row["metric"], row["over"]) == (protocol, metric, "random init"):
            return row
    return None


TOO_SHORT = "The training time was too short for scores."


def why_unscored(runs: Sequence[RunRecord]) -> str:
    """Why none of these finished runs has a score, in a sentence."""
    if any(run.get("unscored") for run in runs):
        return TOO_SHORT
    return "There are no labels to score with."
