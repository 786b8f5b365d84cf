"""Anomaly detection where training shows normal samples only: how far from normal is a sample?

The score is the mean distance to the k nearest training samples; AUROC is the chance that an
anomalous test sample scores higher than a normal one. Intervals by DeLong, DeLong and
Clarke-Pearson 1988, on the logit scale, which keeps them in [0, 1].
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.evaluation.intervals import Interval, Z, wilson, within
from workbench.evaluation.probe import Scaling, scale

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

NEIGHBOURS = 5
_BLOCK = 1000


def distance_to_normal(train: Any, test: Any, *, scaling: Scaling = "each") -> Floats:
    """float64 (m,): mean Euclidean distance of each test sample to its 5 nearest training ones.

    train: (n, d) features of normal samples; test: (m, d). Both are scaled by train.
    """
    known, asked = scale(train, (train, test), scaling)
    k = min(NEIGHBOURS, len(known))
    squares = (known.astype(np.float64) ** 2).sum(axis=1)
    parts = []
    for start in range(0, len(asked), _BLOCK):
        block = asked[start : start + _BLOCK]
        own = (block.astype(np.float64) ** 2).sum(axis=1)
        far = np.maximum(own[:, None] + squares[None] - 2.0 * (block @ known.T), 0.0)
        near = np.partition(far, k - 1, axis=1)[:, :k]
        parts.append(np.sqrt(near).mean(axis=1))
    return np.concatenate(parts) if parts else np.empty(0)


def auroc(scores: Floats, anomalous: Bools) -> Interval:
    """Area under the ROC curve, ties counted half, with DeLong's interval.

    scores: float (m,), higher is more anomalous; anomalous: bool (m,), both kinds present. Where
    DeLong's variance is 0 or a kind has one sample, Wilson's interval of the rarer kind stands in.
    """
    of_anomalous, of_normal = placements(scores, anomalous)
    value = float(of_anomalous.mean())
    variance = _variance(of_anomalous) + _variance(of_normal)
    rarer = min(len(of_anomalous), len(of_normal))
    if rarer < 2 or variance <= 0 or value <= 0 or value >= 1:
        return wilson(value * rarer, rarer)
    half = Z * np.sqrt(variance) / (value * (1 - value))
    centre = np.log(value / (1 - value))
    low, high = 1 / (1 + np.exp(-(centre - half))), 1 / (1 + np.exp(-(centre + half)))
    return within(value, low, high, 0.0, 1.0)


def auroc_gain(first: Floats, second: Floats, anomalous: Bools) -> Interval:
    """AUROC of ``first`` less that of ``second`` on the same samples, with DeLong's interval."""
    one, two = placements(first, anomalous), placements(second, anomalous)
    differences = [a - b for a, b in zip(one, two, strict=True)]
    value = float(differences[0].mean())
    # As in the paired interval of accuracy: one sample for and one against, so that no difference
    # seen is not taken for no difference.
    variance = sum(float(np.var(np.append(d, (1.0, -1.0)))) / (len(d) + 2) for d in differences)
    half = Z * np.sqrt(variance)
    return within(value, value - half, value + half, -1.0, 1.0)


def placements(scores: Floats, anomalous: Bools) -> tuple[Floats, Floats]:
    """For each anomalous sample the share of normal ones below it, for each normal one the share of
    anomalous ones above it; ties count half. Both means are the AUROC."""
    high, low = scores[anomalous], scores[~anomalous]
    return _share_below(high, low), 1.0 - _share_below(low, high)


def _share_below(of: Floats, among: Floats) -> Floats:
    ordered = np.sort(among)
    left, right = (np.searchsorted(ordered, of, side=side) for side in ("left", "right"))
    result: Floats = (left + right) / (2.0 * len(among))
    return result


def _variance(values: Floats) -> float:
    return float(np.var(values, ddof=1) / len(values)) if len(values) > 1 else 0.0
