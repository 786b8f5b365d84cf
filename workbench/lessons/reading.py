"""Numbers of runs as lessons say them. All scores are of the split that the run shows (test)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench import comparison
from workbench.comparison.reading import KNN, PROBE, broken, listed, verdict_label
from workbench.lessons.base import Run

__all__ = [
    "KNN",
    "PROBE",
    "accuracy",
    "apart",
    "band",
    "best",
    "broken",
    "gain",
    "last",
    "listed",
    "percent",
    "points",
    "score",
    "verdict",
    "verdict_label",
]

Row = Mapping[str, Any]
_SMOOTHED = 10


def score(
    run: Run,
    features: str = "trained",
    protocol: str = KNN,
    *,
    target: str | None = None,
    labels: int | None = None,
    metric: str = "accuracy",
) -> Row:
    """One score of a run. labels: of this many labels a class. Raises LookupError if it has none:
    a lesson's runs are of its own configurations, and each of them is scored."""
    for row in run["scores"]:
        if (
            (row["features"], row["protocol"], row["metric"]) == (features, protocol, metric)
            and (target is None or row["target"] == target)
            and (labels is None or row.get("labels_per_class") == labels)
        ):
            found: Row = row
            return found
    raise LookupError(f"{run['id']} has no score by {protocol} of {features}")


def accuracy(run: Run, features: str = "trained", **more: Any) -> float:
    """The value of ``score``."""
    return float(score(run, features, **more)["value"])


def percent(row: Row) -> str:
    """``97 % (95 to 98)``."""
    return f"{100 * row['value']:.0f} % ({band(row)})"


def band(row: Row) -> str:
    """The interval of a score, in percent: ``95 to 98``."""
    return f"{100 * row['low']:.0f} to {100 * row['high']:.0f}"


def gain(run: Run) -> Row:
    """A run's gain over its untrained encoder, nearest neighbours. Raises LookupError without."""
    row = comparison.gain(run)
    if row is None:
        raise LookupError(f"{run['id']} has no gain")
    return row


def points(run: Run) -> str:
    """``gain`` in words."""
    return comparison.gain_words(gain(run))


def apart(a: Row, b: Row) -> int:
    """1 if ``a`` lies above ``b`` with intervals that do not meet, -1 if below, else 0.

    Stricter than a paired test, which would need the answers on each sample.
    """
    if a["low"] > b["high"]:
        return 1
    return -1 if a["high"] < b["low"] else 0


def best(rows: Mapping[str, Row]) -> tuple[str, bool]:
    """The key of the highest score, and whether its interval lies above all others."""
    top = max(rows, key=lambda key: float(rows[key]["value"]))
    return top, all(apart(rows[top], row) > 0 for key, row in rows.items() if key != top)


def last(run: Run, name: str = "loss") -> float:
    """A curve's last points, averaged. Raises LookupError if the run has no such curve."""
    curve: Sequence[Sequence[float]] = run["curves"].get(name, ())
    if not curve:
        raise LookupError(f"{run['id']} has no curve '{name}'")
    values = [value for _, value in curve[-_SMOOTHED:]]
    return float(sum(values) / len(values))


def verdict(run: Run) -> str:
    """The collapse check in words, for the middle of a sentence."""
    label = verdict_label(run)
    return "the collapse check passed" if label == "no sign of collapse" else label
