"""What the trained features score more than others, on the same samples, with intervals."""

from __future__ import annotations

import numpy as np

from workbench.evaluation import detection, f1, intervals
from workbench.evaluation.feature_scores import (
    CLUSTERING,
    DISTANCES,
    KNN,
    Array,
    Ints,
    Scored,
    Setup,
    level_of,
)
from workbench.evaluation.intervals import Estimate
from workbench.records import Gain


def gains_over(
    trained: Scored, other: Scored, over: str, truth: Ints, setup: Setup, *, split: str = "test"
) -> list[Gain]:
    """The trained features' scores less those of ``other``, called ``over``, on ``split``.

    truth: int64 (n,), true classes. Accuracy and balanced accuracy for every protocol with
    predicted classes that both have, macro F1 for those without draws of labels, AUROC for
    distances from normal.
    """
    out: list[Gain] = []
    for outcome, first in trained.outcomes.items():
        protocol, level = level_of(outcome)
        if outcome not in other.outcomes or protocol == CLUSTERING or not len(truth):
            continue
        second = other.outcomes[outcome]
        if protocol in DISTANCES:
            estimates = _of_distances(first, second, truth, setup.normal)
        else:
            estimates = _of_classes(first, second, truth, drawn=level is not None)
        for metric, estimate in estimates.items():
            gain: Gain = {
                "protocol": protocol,
                "metric": metric,
                "over": over,
                "target": setup.target,
                "split": split,
                "value": estimate.value,
                "low": estimate.low,
                "high": estimate.high,
                "n": len(truth),
            }
            if level is not None:
                gain["labels_per_class"] = level
            if protocol == KNN:
                gain["neighbours"] = setup.neighbours
            out.append(gain)
    return out


def _of_distances(
    first: Array, second: Array, truth: Ints, normal: int | None
) -> dict[str, Estimate]:
    """Gain in AUROC by metric; none where all samples are normal, or none is."""
    anomalous = truth != normal
    if not 0 < anomalous.sum() < len(truth):
        return {}
    return {"auroc": detection.auroc_gain(first, second, anomalous)}


def _of_classes(first: Array, second: Array, truth: Ints, *, drawn: bool) -> dict[str, Estimate]:
    """Gains by metric of predicted classes, int64 (n,) or (draws, n)."""
    difference = (first == truth).astype(np.float64) - (second == truth)
    estimates = {
        "accuracy": intervals.paired(difference),
        "balanced_accuracy": f1.balanced_gain(truth, first, second),
    }
    if not drawn:
        estimates["macro_f1"] = f1.gain(truth, first, second)
    return estimates
