"""One kind of features, scored: the names in score rows, and what is kept of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.evaluation.intervals import Interval

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]

TRAINED = "trained"
KNN, PROBE, FEW, CLUSTERING = "knn", "linear probe", "label efficiency", "clustering"
ANOMALY, MAHALANOBIS = "anomaly", "anomaly mahalanobis"
NUISANCE = "nuisance probe"
STANDARD = (KNN, PROBE, FEW, CLUSTERING)
DISTANCES = (ANOMALY, MAHALANOBIS)


@dataclass(frozen=True)
class Scored:
    """One kind of features on one split.

    outcomes: what was said of its labelled samples, int64 (n,) classes or clusters, int64
    (draws, n) for ``label efficiency/K``, float64 (n,) distances from normal. choices: scaling and
    penalty of the probe by outcome. validation: the same features on the validation split, each
    half of it by what the other half would choose.
    """

    scores: tuple[Mapping[str, Any], ...] = ()
    outcomes: Mapping[str, Array] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    validation: Scored | None = None


def row(
    protocol: str,
    metric: str,
    features: str,
    target: str,
    split: str,
    found: Interval,
    n: int,
    **more: Any,
) -> dict[str, Any]:
    """A score as ``workbench show --json`` gives it."""
    return {
        "protocol": protocol,
        "metric": metric,
        "features": features,
        "representation": "h",
        "target": target,
        "split": split,
        **found._asdict(),
        "n": n,
        **more,
    }


def place(features: str) -> int:
    """Where features stand in a list of scores: the trained ones first."""
    order = (
        *(TRAINED, "supervised", "pretrained"),
        *("random init", "raw input", "tf-idf", "lsa"),
    )
    return order.index(features) if features in order else len(order)
