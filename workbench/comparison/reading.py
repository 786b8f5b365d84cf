"""What is read off a run object (``runs.result.run_json``): its name, scores, gains, and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench import registry

Run = Mapping[str, Any]
Row = Mapping[str, Any]

KNN, PROBE, ANOMALY = "knn", "linear probe", "anomaly"
# How a gain was measured, in words.
MEASURED = {
    KNN: "nearest neighbours share the label",
    PROBE: "simple classifier on frozen features",
    ANOMALY: "finds the unusual",
}
_METRICS = {KNN: "accuracy", PROBE: "accuracy", ANOMALY: "auroc"}
_BROKEN = ("complete collapse", "dimensional collapse")


def title(run: Run) -> str:
    """What a run is called in sentences: its name, or its task with its seed."""
    return str(run.get("name") or f"{task_title(run)} (seed {run['config']['seed']})")


def task_title(run: Run) -> str:
    """The pretext task by the name that people know; its plain name if its plugin is gone. Of one
    that is broken on purpose, what has been taken away."""
    preset = registry.broken_preset_of(run["config"])
    if preset is not None:
        return preset.title
    task = registry.tasks().get(run["config"]["task"])
    return str(task.title if task is not None else run["config"]["task"])


def gain(run: Run, protocol: str = KNN, metric: str = "accuracy") -> Row | None:
    """The gain of a run over its untrained encoder, with its interval, or None without labels."""
    return _gain_in(run.get("gains", ()), protocol, metric)


def main_gain(run: Run) -> Row | None:
    """The first number of a run: the gain of its neighbours' accuracy, or of finding anomalies."""
    return gain(run) or gain(run, ANOMALY, _METRICS[ANOMALY])


def validation_gain(run: Run, protocol: str) -> Row | None:
    """As ``gain`` by the protocol's first metric, of the validation split; None if not stored."""
    return _gain_in(run.get("validation_gains", ()), protocol, _METRICS[protocol])


def gain_by(run: Run, protocol: str) -> Row | None:
    """The gain by the protocol's first metric, of the split that the run shows."""
    return gain(run, protocol, _METRICS[protocol])


def score(run: Run, features: str, protocol: str = KNN, metric: str = "accuracy") -> Row | None:
    """One score of a run, or None if it has none such."""
    for row in run.get("scores", ()):
        if (row["features"], row["protocol"], row["metric"]) == (features, protocol, metric):
            return row  # type: ignore[no-any-return]
    return None


def encoder_of(run: Run) -> tuple[str, str]:
    """What tells encoders apart: the name, and the options (a causal one is another encoder)."""
    config = run["config"]
    return str(config["encoder"]), str(sorted((config.get("encoder_options") or {}).items()))


def verdict_label(run: Run) -> str:
    """The label of the collapse check, empty before there is one."""
    return str((run.get("verdict") or {}).get("label", ""))


def broken(run: Run) -> bool:
    """Whether the collapse check calls the run collapsed, wholly or in most directions."""
    return verdict_label(run) in _BROKEN


def closed(run: Run) -> bool:
    """Whether the run's test scores are kept closed, so that it shows validation scores."""
    return run.get("test") == "closed"


def gain_words(row: Row) -> str:
    """A gain with its interval, in points, and what it says."""
    points = f"{100 * row['value']:+.1f} points"
    if row["low"] > 0:
        return f"{points} over the untrained encoder, {band(row)}"
    if row["high"] < 0:
        return f"{points}, below the untrained encoder, {band(row)}"
    return f"{points}, not distinguishable from the untrained encoder, {band(row)}"


def band(row: Row) -> str:
    """The interval of ``row``, in points."""
    return f"[{100 * row['low']:+.1f}, {100 * row['high']:+.1f}]"


def budget_words(budget: Mapping[str, Any]) -> str:
    """``60 seconds``, ``500 steps``, ``3 epochs``."""
    ((unit, amount),) = budget.items()
    return f"{amount:g} {unit}"


def equal_budget(budget: Mapping[str, Any]) -> str:
    """``equal time``, ``equal steps`` or ``equal epochs``: what runs of one budget share."""
    (unit,) = budget
    return f"equal {'time' if unit == 'seconds' else unit}"


def listed(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _gain_in(rows: Any, protocol: str, metric: str) -> Row | None:
    for row in rows:
        same = (row["protocol"], row["metric"], row["over"]) == (protocol, metric, "random init")
        if same:
            return row  # type: ignore[no-any-return]
    return None
