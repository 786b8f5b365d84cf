"""By which metric a run is compared: accuracy, or balanced accuracy where one class is too large.

Where the largest class of the scored samples has over ``EXCESS`` times its fair share, guessing it
scores well by accuracy. Balanced accuracy then leads, because each class counts the same in it.
Older runs have no gain in balanced accuracy; macro F1 leads for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.comparison.records import ScoredRun

EXCESS = 1.5
KNN, PROBE, ANOMALY, GUESS = "knn", "linear probe", "anomaly", "guess"
ACCURACY, BALANCED, MACRO_F1, AUROC = "accuracy", "balanced_accuracy", "macro_f1", "auroc"
METRIC_WORDS: Mapping[str, str] = {
    ACCURACY: "accuracy",
    BALANCED: "balanced accuracy",
    MACRO_F1: "macro F1",
    AUROC: "AUROC",
}


@dataclass(frozen=True)
class LargestClass:
    """The largest class of ``n`` scored samples of ``split``. share: of them, in [0, 1]. fair: one
    over the number of classes."""

    share: float
    fair: float
    n: int
    split: str

    @property
    def times(self) -> float:
        """How many times its fair share it has."""
        return self.share / self.fair

    @property
    def too_large(self) -> bool:
        """Whether balanced accuracy leads."""
        return self.times > EXCESS


def largest_class(run: ScoredRun) -> LargestClass | None:
    """The largest class of the samples that the run's scores are of; None if that is unknown."""
    rows = [row for row in run.get("scores", ()) if row["features"] == "largest class"]
    rows = [row for row in rows if row["target"] == rows[0]["target"]]
    by_metric = {row["metric"]: row for row in rows}
    row, balanced = by_metric.get(ACCURACY), by_metric.get(BALANCED)
    if row is None or balanced is None or not balanced["value"]:
        return None
    return LargestClass(row["value"], balanced["value"], row["n"], row["split"])


def lead_metric(run: ScoredRun, protocol: str = KNN) -> str:
    """The metric by which the run is compared under ``protocol``."""
    if protocol == ANOMALY:
        return AUROC
    largest = largest_class(run)
    if largest is None or not largest.too_large:
        return ACCURACY
    rows = run.get("gains") or run.get("scores", ())
    metrics = {row["metric"] for row in rows}
    return next((name for name in (BALANCED, MACRO_F1) if name in metrics), ACCURACY)
