"""One kind of features under each protocol: predictions on test and validation, and their scores.

Everything is fitted on train and chosen on validation. Labels of the split that is scored meet
predictions only in ``rows_of``, after these are made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from workbench.evaluation import anomaly, clustering, detection, f1, intervals, knn
from workbench.evaluation.feature_scores import (
    ANOMALY,
    CLUSTERING,
    DISTANCES,
    FEW,
    KNN,
    MAHALANOBIS,
    PROBE,
    Array,
    Bools,
    Ints,
    Scored,
    Setup,
    level_of,
    row,
)
from workbench.evaluation.intervals import Estimate
from workbench.evaluation.label_efficiency import label_efficiency
from workbench.evaluation.probe import ProbeChoice, Scaling, probe, scale
from workbench.records import Score, ScoreWithoutCopies

Splits = Mapping[str, Any]

# Scalings that the probe chooses from. Columns of pixels and LSA share a unit, so that one number
# scales them; TF-IDF rows are of length 1 already.
SCALINGS: Mapping[str, tuple[Scaling, ...]] = {
    "raw input": ("common", "unit"),
    "lsa": ("common", "each"),
    "tf-idf": ("none",),
}
PROTOCOLS: Mapping[str, tuple[str, ...]] = {
    # These features have seen every training label: scores with few labels, or none, would only
    # seem to do without.
    "supervised": (KNN, PROBE),
    "tf-idf": (PROBE, FEW),
    "lsa": (PROBE, FEW, CLUSTERING, ANOMALY, MAHALANOBIS),
}
# The zero point of these columns is arbitrary (black, the mean text), so distances and directions
# are taken from the mean.
_CENTRED = ("raw input", "lsa")


@dataclass(frozen=True)
class _Samples:
    """Features by split with their labels. placed: the three splits as neighbours, clusters and
    distances see them. scalings: what the probe chooses from; distance_scaling: of distances."""

    train: Any
    validation: Any
    test: Any
    labels: Ints
    validation_labels: Ints
    placed: tuple[Any, Any, Any]
    scalings: tuple[Scaling, ...]
    distance_scaling: Scaling


@dataclass
class _Outcomes:
    """What the protocols give, by outcome, filled one protocol after another."""

    test: dict[str, Array] = field(default_factory=dict)
    validation: dict[str, Array] = field(default_factory=dict)
    choices: dict[str, ProbeChoice] = field(default_factory=dict)


def score(
    name: str,
    features: Splits,
    truth: Mapping[str, Ints],
    protocols: Sequence[str],
    setup: Setup,
) -> Scored:
    """One kind of features under each of ``protocols``. Every sample is labelled.

    features, truth: by split, train and test at least. Distances from normal are made only if
    ``setup.normal`` is given.
    """
    samples = _samples(name, features, truth)
    outcomes = _Outcomes()
    if KNN in protocols:
        _knn(samples, setup.neighbours, outcomes)
    if PROBE in protocols:
        _probe(samples, outcomes)
    if FEW in protocols:
        _label_efficiency(samples, setup.seed, outcomes)
    if CLUSTERING in protocols:
        _clustering(samples, setup.seed, outcomes)
    if setup.normal is not None:
        _distances(samples, setup.normal, protocols, outcomes)
    tested = rows_of(name, "test", outcomes.test, truth["test"], setup)
    validated = rows_of(name, "validation", outcomes.validation, samples.validation_labels, setup)
    return Scored(
        tuple(tested),
        outcomes.test,
        outcomes.choices,
        validation=Scored(tuple(validated), outcomes.validation),
    )


def _samples(name: str, features: Splits, truth: Mapping[str, Ints]) -> _Samples:
    train, test = features["train"], features["test"]
    chooser = truth.get("validation", np.empty(0, np.int64))
    validation = features.get("validation", train[:0]) if len(chooser) else train[:0]
    parts = (train, validation, test)
    centred = name in _CENTRED
    return _Samples(
        train,
        validation,
        test,
        truth["train"],
        chooser,
        scale(train, parts, "common") if centred else parts,
        SCALINGS.get(name, ("each", "unit")),
        "none" if centred else "each",
    )


def _knn(samples: _Samples, neighbours: int, outcomes: _Outcomes) -> None:
    train, validation, test = samples.placed
    k = knn.neighbours_for(samples.labels, neighbours)
    outcomes.test[KNN] = knn.predict(train, samples.labels, test, k)
    outcomes.validation[KNN] = knn.predict(train, samples.labels, validation, k)


def _probe(samples: _Samples, outcomes: _Outcomes) -> None:
    probed = probe(
        samples.train,
        samples.labels,
        samples.validation,
        samples.validation_labels,
        samples.test,
        scalings=samples.scalings,
    )
    outcomes.test[PROBE], outcomes.validation[PROBE] = probed.predicted, probed.validated
    outcomes.choices[PROBE] = probed.choice


def _label_efficiency(samples: _Samples, seed: int, outcomes: _Outcomes) -> None:
    levels = label_efficiency(
        samples.train,
        samples.labels,
        samples.validation,
        samples.validation_labels,
        samples.test,
        scalings=samples.scalings,
        seed=seed,
    )
    for level in levels:
        outcome = f"{FEW}/{level.labels_per_class}"
        outcomes.test[outcome], outcomes.choices[outcome] = level.predicted, level.choice


def _clustering(samples: _Samples, seed: int, outcomes: _Outcomes) -> None:
    train, validation, test = samples.placed
    k = len(np.unique(samples.labels))
    outcomes.validation[CLUSTERING], outcomes.test[CLUSTERING] = clustering.clusters(
        train, k, validation, test, seed=seed
    )


def _distances(
    samples: _Samples, normal: int, protocols: Sequence[str], outcomes: _Outcomes
) -> None:
    train, *others = samples.placed
    normals = train[samples.labels == normal]
    measures = {ANOMALY: anomaly.distance_to_normal, MAHALANOBIS: anomaly.mahalanobis}
    for protocol in DISTANCES:
        if protocol not in protocols:
            continue
        # Both splits at once: distances are scaled by train alone.
        distances = measures[protocol](
            normals, np.concatenate(others), scaling=samples.distance_scaling
        )
        border = len(samples.validation)
        outcomes.validation[protocol] = distances[:border]
        outcomes.test[protocol] = distances[border:]


def rows_of(
    name: str, split: str, outcomes: Mapping[str, Array], truth: Ints, setup: Setup
) -> list[Score]:
    """Score rows of the outcomes for the samples of ``split`` with these true classes; none where
    there are no two kinds to tell apart."""
    rows: list[Score] = []
    if not len(truth):
        return rows
    for outcome, values in outcomes.items():
        protocol, level = level_of(outcome)
        estimates = _estimates(protocol, values, truth, setup.normal)
        for metric, estimate in estimates.items():
            rows.append(
                row(
                    protocol,
                    metric,
                    name,
                    setup.target,
                    split,
                    estimate,
                    len(truth),
                    labels_per_class=level,
                    neighbours=setup.neighbours if protocol == KNN else None,
                )
            )
        # Clusters are found without labels, so copies do not flatter them.
        if split in setup.copies and protocol != CLUSTERING and estimates:
            originals = ~setup.copies[split]
            add_without_copies(rows[-len(estimates) :], protocol, values, truth, originals, setup)
        if protocol == ANOMALY and estimates and setup.normal is not None:
            rows += _each_kind(name, split, values, truth, setup.normal, setup)
    return rows


def add_without_copies(
    rows: Sequence[Score],
    protocol: str,
    values: Array,
    truth: Ints,
    originals: Bools,
    setup: Setup,
) -> None:
    """Add to ``rows``, scores of one outcome, what it scores on the samples ``originals``, bool
    (n,)."""
    n = int(originals.sum())
    values, truth = values[..., originals], truth[originals]
    estimates = _estimates(protocol, values, truth, setup.normal) if n else {}
    for one in rows:
        without: ScoreWithoutCopies = {"n": n}
        estimate = estimates.get(one["metric"])
        if estimate is not None:
            without |= {"value": estimate.value, "low": estimate.low, "high": estimate.high}
        one["without_copies"] = without


def _estimates(
    protocol: str, values: Array, truth: Ints, normal: int | None
) -> dict[str, Estimate]:
    """The metrics of a protocol by name. values: distances, clusters or predicted classes."""
    if protocol in DISTANCES:
        anomalous = truth != normal
        if not 0 < anomalous.sum() < len(truth):
            return {}
        return {
            "auroc": detection.auroc(values, anomalous),
            "auprc": detection.auprc(values, anomalous),
            "fpr95": detection.fpr95(values, anomalous),
        }
    if protocol == CLUSTERING:
        if len(np.unique(truth)) < 2:
            return {}
        return {"nmi": clustering.nmi(truth, values), "ari": clustering.ari(truth, values)}
    estimates = {"accuracy": intervals.mean_over_draws(np.atleast_2d(values == truth))}
    if protocol != FEW:
        estimates["balanced_accuracy"] = f1.balanced_accuracy(truth, values)
    estimates["macro_f1"] = f1.interval(truth, values)
    return estimates


def _each_kind(
    name: str, split: str, distances: Array, truth: Ints, normal: int, setup: Setup
) -> list[Score]:
    """AUROC of each kind of anomaly against the normal samples, as targets of their own."""
    kinds = [int(kind) for kind in np.unique(truth) if kind != normal]
    if len(kinds) < 2:
        return []
    rows = []
    for kind in kinds:
        used = (truth == normal) | (truth == kind)
        estimate = detection.auroc(distances[used], truth[used] == kind)
        title = setup.classes[kind] if kind < len(setup.classes) else str(kind)
        target, n = f"{setup.target}={title}", int(used.sum())
        rows.append(row(ANOMALY, "auroc", name, target, split, estimate, n))
    return rows
