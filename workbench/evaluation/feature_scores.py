"""The scores of one kind of features, and the names that score rows use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.evaluation.intervals import Estimate
from workbench.evaluation.knn import NEIGHBOURS
from workbench.evaluation.probe import ProbeChoice
from workbench.records import Score

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

TRAINED = "trained"
KNN, PROBE, FEW, CLUSTERING = "knn", "linear probe", "label efficiency", "clustering"
ANOMALY, MAHALANOBIS = "anomaly", "anomaly mahalanobis"
NUISANCE = "nuisance probe"
# Always the largest class: no features, no classifier.
GUESS, LARGEST = "guess", "largest class"
STANDARD = (KNN, PROBE, FEW, CLUSTERING)
DISTANCES = (ANOMALY, MAHALANOBIS)
# Features in the order in which scores are listed.
_ORDER = (
    *(TRAINED, "supervised", "pretrained"),
    *("random init", "raw input", "tf-idf", "lsa", "word vectors", LARGEST),
)


@dataclass(frozen=True)
class Setup:
    """What is the same for all features that are compared.

    target: the label column. normal: the class that training consists of, if it is normals only.
    classes: names of the classes. seed: of label draws and clusters. neighbours: k of kNN as it was
    asked for; small classes lower it. copies: by split, bool (n,), which of its labelled samples
    equal a training sample; only of splits that have some.
    """

    target: str
    normal: int | None = None
    classes: Sequence[str] = ()
    seed: int = 0
    neighbours: int = NEIGHBOURS
    copies: Mapping[str, Bools] = field(default_factory=dict)


@dataclass(frozen=True)
class Scored:
    """One kind of features on one split.

    outcomes: the answers for its labelled samples by protocol: int64 (n,) classes or clusters,
    int64 (draws, n) for ``label efficiency/K``, float64 (n,) distances from normal. choices: the
    probe's scaling and penalty, by protocol. validation: the same features on the validation split,
    whose halves are scored in turn, each with the settings chosen on the other half.
    """

    scores: tuple[Score, ...] = ()
    outcomes: Mapping[str, Array] = field(default_factory=dict)
    choices: Mapping[str, ProbeChoice] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    validation: Scored | None = None


def row(
    protocol: str,
    metric: str,
    features: str,
    target: str,
    split: str,
    estimate: Estimate,
    n: int,
    *,
    labels_per_class: int | None = None,
    neighbours: int | None = None,
) -> Score:
    """A score as ``workbench show --json`` gives it."""
    score: Score = {
        "protocol": protocol,
        "metric": metric,
        "features": features,
        "representation": "h",
        "target": target,
        "split": split,
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "n": n,
    }
    if labels_per_class is not None:
        score["labels_per_class"] = labels_per_class
    if neighbours is not None:
        score["neighbours"] = neighbours
    return score


def level_of(outcome: str) -> tuple[str, int | None]:
    """The protocol and the labels a class of an outcome: ``label efficiency/5`` has 5."""
    protocol, _, level = outcome.partition("/")
    return protocol, int(level) if level else None


def place(features: str) -> int:
    """Where features stand in a list of scores: the trained ones first."""
    return _ORDER.index(features) if features in _ORDER else len(_ORDER)
