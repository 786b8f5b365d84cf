"""Numbers of runs for the texts of lessons. Scores are of the split that the run shows: test."""

from __future__ import annotations

from collections.abc import Mapping

from workbench import comparison
from workbench.comparison import numbers
from workbench.comparison.run_fields import KNN, PROBE, collapsed, name_list, verdict_label
from workbench.lessons.base import LessonRun
from workbench.records import Gain, Interval, RunRecord, Score

__all__ = [
    "KNN",
    "PROBE",
    "accuracy",
    "apart",
    "best",
    "collapsed",
    "gain",
    "guess_words",
    "guessing",
    "last",
    "name_list",
    "percent",
    "score",
    "verdict",
    "verdict_label",
    "verdict_reason",
]

_SMOOTHED = 10


def score(
    run: RunRecord,
    features: str = "trained",
    protocol: str = KNN,
    *,
    target: str | None = None,
    labels: int | None = None,
    metric: str = "accuracy",
) -> Score:
    """One score of a run. labels: with this many labels a class. Raises LookupError if it has none:
    a lesson's runs have its own configurations, and each of them is scored."""
    for row in run["scores"]:
        if (
            (row["features"], row["protocol"], row["metric"]) == (features, protocol, metric)
            and (target is None or row["target"] == target)
            and (labels is None or row.get("labels_per_class") == labels)
        ):
            return row
    raise LookupError(f"{run['id']} has no score by {protocol} of {features}")


def accuracy(run: RunRecord, features: str = "trained") -> float:
    """The share of nearest neighbours with the same label."""
    return float(score(run, features)["value"])


def percent(row: Interval) -> str:
    """``97% [95%, 98%]``."""
    return numbers.share_with_interval(row)


def guessing(run: LessonRun, target: str = "label") -> float | None:
    """The accuracy of a guess among equally frequent classes; None where these are not known."""
    count = run["classes"].get(target, 0)
    return 1 / count if count else None


def guess_words(run: LessonRun, target: str = "label") -> str:
    """``Guessing gives 10%.``, empty where the classes are not known."""
    share = guessing(run, target)
    return "" if share is None else f"Guessing gives {share:.0%}."


def gain(run: RunRecord) -> Gain:
    """A run's gain over its untrained encoder, nearest neighbours. Raises LookupError without."""
    row = comparison.gain(run)
    if row is None:
        raise LookupError(f"{run['id']} has no gain")
    return row


def apart(a: Interval, b: Interval) -> int:
    """1 if ``a`` lies above ``b`` with intervals that do not meet, -1 if below, else 0.

    Stricter than a paired test, which would need the answers on each sample.
    """
    if a["low"] > b["high"]:
        return 1
    return -1 if a["high"] < b["low"] else 0


def best(rows: Mapping[str, Interval]) -> tuple[str, bool]:
    """The key of the highest score, and whether its interval lies above all others."""
    top = max(rows, key=lambda key: float(rows[key]["value"]))
    return top, all(apart(rows[top], row) > 0 for key, row in rows.items() if key != top)


def last(run: LessonRun, name: str = "loss") -> float:
    """A curve's last points, averaged. Raises LookupError if the run has no such curve."""
    curve = run.get("curves", {}).get(name, [])
    if not curve:
        raise LookupError(f"{run['id']} has no curve '{name}'")
    values = [value for _, value in curve[-_SMOOTHED:] if value is not None]
    return float(sum(values) / len(values))


def verdict_reason(run: RunRecord) -> str:
    """The reason of the collapse check, empty before there is one."""
    found = run["verdict"]
    return found["reason"] if found else ""


def verdict(run: RunRecord) -> str:
    """The collapse check in words, for the middle of a sentence."""
    label = verdict_label(run)
    return "the collapse check passed" if label == "no sign of collapse" else label
