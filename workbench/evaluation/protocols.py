"""One kind of features under each protocol: what it says of test and validation, and its scores.

Everything is fitted on train and chosen on validation. Labels of the split that is scored meet
predictions only in ``rows_of``, after these are made.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
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
    Ints,
    Scored,
    row,
)
from workbench.evaluation.label_efficiency import label_efficiency
from workbench.evaluation.probe import Scaling, probe, scale

Splits = Mapping[str, Any]

# What the probe chooses from. Columns of pixels and LSA share a unit, so that one number scales
# them; TF-IDF rows are of length 1 already.
SCALINGS: Mapping[str, tuple[Scaling, ...]] = {
    "raw input": ("common", "unit"),
    "lsa": ("common", "each"),
    "tf-idf": ("none",),
}
PROTOCOLS: Mapping[str, tuple[str, ...]] = {
    # Its features have seen every training label: with few of them, or none, it would only seem
    # to manage.
    "supervised": (KNN, PROBE),
    "tf-idf": (PROBE, FEW),
    "lsa": (PROBE, FEW, CLUSTERING, ANOMALY, MAHALANOBIS),
}
# What these columns are measured from is arbitrary (black, the mean text), so neighbours are
# looked for around the mean.
_CENTRED = ("raw input", "lsa")


def score(
    name: str,
    features: Splits,
    truth: Mapping[str, Ints],
    protocols: Sequence[str],
    *,
    target: str,
    normal: int | None = None,
    classes: Sequence[str] = (),
    seed: int = 0,
) -> Scored:
    """One kind of features under each of ``protocols``. Every sample is labelled.

    features, truth: by split, train and test at least. normal: the class of training, for
    distances from normal.
    """
    train, test, labels = features["train"], features["test"], truth["train"]
    chooser = truth.get("validation", np.empty(0, np.int64))
    validation = features.get("validation", train[:0]) if len(chooser) else train[:0]
    parts = (train, validation, test)
    scalings = SCALINGS.get(name, ("each", "unit"))
    near: tuple[Any, ...] = scale(train, parts, "common") if name in _CENTRED else parts
    said: dict[str, Array] = {}
    validated: dict[str, Array] = {}
    choices: dict[str, Mapping[str, Any]] = {}
    if KNN in protocols:
        said[KNN] = knn.predict(near[0], labels, near[2])
        validated[KNN] = knn.predict(near[0], labels, near[1])
    if PROBE in protocols:
        probed = probe(train, labels, validation, chooser, test, scalings=scalings)
        said[PROBE], validated[PROBE] = probed.predicted, probed.validated
        choices[PROBE] = dataclasses.asdict(probed.choice)
    if FEW in protocols:
        levels = label_efficiency(
            train, labels, validation, chooser, test, scalings=scalings, seed=seed
        )
        for level in levels:
            said[f"{FEW}/{level.labels_per_class}"] = level.predicted
            choices[f"{FEW}/{level.labels_per_class}"] = dataclasses.asdict(level.choice)
    if CLUSTERING in protocols:
        k = len(np.unique(labels))
        validated[CLUSTERING], said[CLUSTERING] = clustering.clusters(
            near[0], k, *near[1:], seed=seed
        )
    if normal is not None:
        usual = near[0][labels == normal]
        scaling: Scaling = "none" if name in _CENTRED else "each"
        distances = {ANOMALY: anomaly.distance_to_normal, MAHALANOBIS: anomaly.mahalanobis}
        for protocol in (found for found in DISTANCES if found in protocols):
            far = distances[protocol](usual, np.concatenate(near[1:]), scaling=scaling)
            validated[protocol], said[protocol] = far[: len(validation)], far[len(validation) :]
    found = {
        split: tuple(
            rows_of(name, split, outcomes, known, target=target, normal=normal, classes=classes)
        )
        for split, outcomes, known in (
            ("test", said, truth["test"]),
            ("validation", validated, chooser),
        )
    }
    validation_part = Scored(found["validation"], validated)
    return Scored(found["test"], said, choices, validation=validation_part)


def rows_of(
    name: str,
    split: str,
    outcomes: Mapping[str, Array],
    truth: Ints,
    *,
    target: str,
    normal: int | None,
    classes: Sequence[str],
) -> list[dict[str, Any]]:
    """Score rows of what was said of the samples of ``split`` with these true classes; none where
    there is nothing to tell apart."""
    out: list[dict[str, Any]] = []
    n = len(truth)
    strange = truth != normal
    for key, said in outcomes.items():
        protocol, _, level = key.partition("/")
        more = {"labels_per_class": int(level)} if level else {}
        found: dict[str, intervals.Interval] = {}
        if not n:
            continue
        if protocol in DISTANCES:
            if 0 < strange.sum() < n:
                measures = (detection.auroc, detection.auprc, detection.fpr95)
                found = {measure.__name__: measure(said, strange) for measure in measures}
        elif protocol == CLUSTERING:
            if len(np.unique(truth)) > 1:
                found = {"nmi": clustering.nmi(truth, said), "ari": clustering.ari(truth, said)}
        else:
            found["accuracy"] = intervals.mean_over_draws(np.atleast_2d(said == truth))
            if protocol != FEW:
                found["balanced_accuracy"] = f1.balanced_accuracy(truth, said)
            found["macro_f1"] = f1.interval(truth, said)
        out += [
            row(protocol, m, name, target, split, value, n, **more) for m, value in found.items()
        ]
        if protocol == ANOMALY and found and normal is not None:
            out += _each_kind(name, split, said, truth, normal, target, classes)
    return out


def _each_kind(
    name: str,
    split: str,
    far: Array,
    truth: Ints,
    normal: int,
    target: str,
    classes: Sequence[str],
) -> list[dict[str, Any]]:
    """AUROC of each kind of anomaly against the normal samples, as targets of their own."""
    kinds = [int(kind) for kind in np.unique(truth) if kind != normal]
    if len(kinds) < 2:
        return []
    rows = []
    for kind in kinds:
        used = (truth == normal) | (truth == kind)
        found = detection.auroc(far[used], truth[used] == kind)
        title = classes[kind] if kind < len(classes) else str(kind)
        rows.append(row(ANOMALY, "auroc", name, f"{target}={title}", split, found, int(used.sum())))
    return rows
