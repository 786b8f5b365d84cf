"""Scores of frozen features with intervals, and the gain of the trained ones over each baseline.

Pure: arrays in, plain objects out. Features are fitted on train, choices are made on validation,
numbers are of test. Labels of the test split meet predictions only after these are made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.evaluation import anomaly, f1, intervals, knn
from workbench.evaluation.intervals import Interval
from workbench.evaluation.label_efficiency import label_efficiency
from workbench.evaluation.probe import Scaling, probe, scale

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
Splits = Mapping[str, Any]

# Goes up whenever the same features would get other numbers: stored baselines are then left aside.
VERSION = 2
TRAINED = "trained"
KNN, PROBE, FEW, ANOMALY = "knn", "linear probe", "label efficiency", "anomaly"
STANDARD = (KNN, PROBE, FEW)

# Columns of these share a unit, so they are scaled by one number and not one by one.
_SCALING: Mapping[str, Scaling] = {"raw input": "common", "lsa": "common", "tf-idf": "none"}
_PROTOCOLS: Mapping[str, tuple[str, ...]] = {"tf-idf": (PROBE, FEW), "lsa": (PROBE, FEW, ANOMALY)}


@dataclass(frozen=True)
class Scored:
    """One kind of features, scored. outcomes: what was said of the labelled test samples, int64
    (n,) classes, int64 (draws, n) for ``label efficiency/K``, float64 (n,) anomaly scores.
    penalties: the probe's choice by outcome."""

    scores: tuple[Mapping[str, Any], ...] = ()
    outcomes: Mapping[str, Array] = field(default_factory=dict)
    penalties: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evaluation:
    """scores, gains: as ``workbench show --json`` gives them. parts: by features. kept: positions
    within the test split of the samples that were scored; truth: their classes. predictions: of
    the trained features, by protocol."""

    scores: list[dict[str, Any]] = field(default_factory=list)
    gains: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    parts: Mapping[str, Scored] = field(default_factory=dict)
    kept: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    truth: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def predictions(self) -> Mapping[str, Array]:
        found = self.parts[TRAINED].outcomes if TRAINED in self.parts else {}
        return {name: found[name] for name in (KNN, PROBE, ANOMALY) if name in found}


def evaluate(
    features: Mapping[str, Splits],
    labels: Mapping[str, Ints],
    *,
    target: str,
    n_classes: int,
    protocols: Sequence[str] = STANDARD,
    normal: int | None = None,
    classes: Sequence[str] = (),
    seed: int = 0,
    stored: Mapping[str, Scored] | None = None,
) -> Evaluation:
    """Score every kind of ``features`` and compare ``trained`` with the others.

    features: by name ("trained", "random init", "raw input", "tf-idf", "lsa"), then by split,
    (n, d) dense or scipy sparse. labels: int64 (n,) by split, -1 where missing. classes: names.
    normal: the class that training consists of, if it is normals only: ``anomaly`` replaces the
    protocols then. seed: of label draws and resamples, one a data set. stored: baselines that have
    been scored before. What cannot be scored is left out, with a note that says why.
    """
    known = {split: np.flatnonzero(values >= 0) for split, values in labels.items()}
    truth = {split: labels[split][rows] for split, rows in known.items()}
    reason = obstacle(truth, normal)
    if reason is not None:
        return Evaluation(notes=[reason])
    parts: dict[str, Scored] = {}
    for name, splits in features.items():
        values = {split: splits[split][rows] for split, rows in known.items() if split in splits}
        offered = (ANOMALY,) if normal is not None else tuple(protocols)
        allowed = [p for p in offered if p in _PROTOCOLS.get(name, offered)]
        if name not in (stored or {}):
            parts[name] = score(
                name,
                values,
                truth,
                allowed,
                target=target,
                normal=normal,
                classes=classes,
                seed=seed,
            )
    parts |= stored or {}
    ordered = {name: parts[name] for name in sorted(parts, key=_place)}
    gains = [
        row
        for name, part in ordered.items()
        if name != TRAINED and TRAINED in ordered
        for row in gains_over(ordered[TRAINED], part, name, truth["test"], target, normal, seed)
    ]
    notes = [*_data_notes(truth, normal, n_classes, protocols), *_penalty_notes(ordered, target)]
    scores = [dict(row) for part in ordered.values() for row in part.scores]
    return Evaluation(scores, gains, notes, ordered, known["test"], truth["test"])


def obstacle(truth: Mapping[str, Ints], normal: int | None) -> str | None:
    """Why nothing can be scored, or None."""
    if not any(len(values) for values in truth.values()):
        return "No labels, so no scores: look at the map and the collapse check."
    for split in ("train", "test"):
        if not len(truth.get(split, ())):
            return f"No labelled sample in the {split} split, so no scores."
    if normal is not None:
        if len(np.unique(truth["test"] == normal)) < 2:
            return "The test split needs normal and other samples for anomaly scores."
        return None
    if len(np.unique(truth["train"])) < 2:
        return "The labelled training samples are all of one class, so no scores."
    return None


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
    """One kind of features under each protocol. Every sample is labelled."""
    scaling = _SCALING.get(name, "each")
    train, test, labels = features["train"], features["test"], truth["train"]
    chooser = truth.get("validation", np.empty(0, np.int64))
    validation = features.get("validation", train[:0])
    if scaling == "common":
        # What these columns are measured from is arbitrary (black, the mean text), so neighbours
        # are looked for around the mean as well.
        train, validation, test = scale(train, (train, validation, test), "common")
        scaling = "none"
    rows: list[dict[str, Any]] = []
    outcomes: dict[str, Array] = {}
    penalties: dict[str, float] = {}

    def add(protocol: str, metric: str, found: Interval, n: int, **more: Any) -> None:
        rows.append(_row(protocol, metric, name, target, found, n) | more)

    if KNN in protocols:
        outcomes[KNN] = knn.predict(train, labels, test)
    if PROBE in protocols:
        probed = probe(train, labels, validation, chooser, test, scaling=scaling)
        outcomes[PROBE], penalties[PROBE] = probed.predicted, probed.penalty
    if FEW in protocols:
        levels = label_efficiency(
            train, labels, validation, chooser, test, scaling=scaling, seed=seed
        )
        for level in levels:
            outcomes[f"{FEW}/{level.labels_per_class}"] = level.predicted
            penalties[f"{FEW}/{level.labels_per_class}"] = level.penalty
    for key, predicted in outcomes.items():
        protocol, _, level_name = key.partition("/")
        more = {"labels_per_class": int(level_name)} if level_name else {}
        right, n = predicted == truth["test"], len(truth["test"])
        exact = intervals.mean_over_draws(np.atleast_2d(right))
        add(protocol, "accuracy", exact, n, **more)
        add(protocol, "macro_f1", f1.interval(truth["test"], predicted, seed), n, **more)
    if ANOMALY in protocols and normal is not None:
        far = anomaly.distance_to_normal(train[labels == normal], test, scaling=scaling)
        outcomes[ANOMALY] = far
        strange = truth["test"] != normal
        add(ANOMALY, "auroc", anomaly.auroc(far, strange), len(far))
        rows += _each_kind(name, far, truth["test"], normal, target, classes)
    return Scored(tuple(rows), outcomes, penalties)


def gains_over(
    trained: Scored,
    other: Scored,
    over: str,
    truth: Ints,
    target: str,
    normal: int | None = None,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """The trained features' score less the others', on the same test samples, with intervals.

    Accuracy for every protocol that both have, macro F1 for those without draws of labels.
    """
    out = []
    for key, mine in trained.outcomes.items():
        if key not in other.outcomes:
            continue
        theirs = other.outcomes[key]
        protocol, _, level = key.partition("/")
        found: dict[str, Interval] = {}
        if protocol == ANOMALY:
            found["auroc"] = anomaly.auroc_gain(mine, theirs, truth != normal)
        else:
            difference = (mine == truth).astype(np.float64) - (theirs == truth)
            found["accuracy"] = intervals.paired(difference)
            if not level:
                found["macro_f1"] = f1.gain(truth, mine, theirs, seed)
        for metric, interval in found.items():
            row: dict[str, Any] = {"protocol": protocol, "metric": metric, "over": over}
            row |= {"target": target, **interval._asdict(), "n": len(truth)}
            out.append(row | ({"labels_per_class": int(level)} if level else {}))
    return out


def _row(
    protocol: str, metric: str, features: str, target: str, found: Interval, n: int
) -> dict[str, Any]:
    return {
        "protocol": protocol,
        "metric": metric,
        "features": features,
        "representation": "h",
        "target": target,
        "split": "test",
        **found._asdict(),
        "n": n,
    }


def _each_kind(
    name: str,
    far: npt.NDArray[np.float64],
    truth: Ints,
    normal: int,
    target: str,
    classes: Sequence[str],
) -> list[dict[str, Any]]:
    """AUROC of each kind of anomaly against the normal test samples, as targets of their own."""
    kinds = [int(kind) for kind in np.unique(truth) if kind != normal]
    if len(kinds) < 2:
        return []
    rows = []
    for kind in kinds:
        used = (truth == normal) | (truth == kind)
        found = anomaly.auroc(far[used], truth[used] == kind)
        title = classes[kind] if kind < len(classes) else str(kind)
        rows.append(_row(ANOMALY, "auroc", name, f"{target}={title}", found, int(used.sum())))
    return rows


def _data_notes(
    truth: Mapping[str, Ints], normal: int | None, n_classes: int, protocols: Sequence[str]
) -> list[str]:
    """What the labels at hand forced."""
    if normal is not None:
        return []
    notes = []
    trained, tested = (np.bincount(truth[s], minlength=n_classes) for s in ("train", "test"))
    unseen, untested = int(((trained == 0) & (tested > 0)).sum()), int((tested == 0).sum())
    if unseen:
        notes.append(f"Classes of the test split without a training sample: {unseen}; all errors.")
    if untested:
        notes.append(f"Classes without a test sample: {untested}; macro F1 leaves them out.")
    k = knn.neighbours_for(truth["train"])
    if KNN in protocols and k < knn.NEIGHBOURS:
        notes.append(f"Neighbours: {k} instead of {knn.NEIGHBOURS}, for the classes are small.")
    if (FEW in protocols or PROBE in protocols) and not len(truth.get("validation", ())):
        notes.append(
            "No labelled validation sample: the classifier's penalty is a fixed middle one."
        )
    return notes


def _penalty_notes(parts: Mapping[str, Scored], target: str) -> list[str]:
    found = [
        f"{part.penalties[PROBE]:g} for {n}" for n, part in parts.items() if PROBE in part.penalties
    ]
    notes = [note for part in parts.values() for note in part.notes]
    if not found:
        return notes
    said = f"Linear probe of '{target}': penalty chosen on validation, {', '.join(found)}."
    return [said, *notes]


def _place(name: str) -> int:
    order = (TRAINED, "supervised", "random init", "raw input", "tf-idf", "lsa")
    return order.index(name) if name in order else len(order)
