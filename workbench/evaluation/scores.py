"""Scores of frozen features with intervals, and the gain of the trained ones over each baseline.

Pure: arrays in, plain objects out. Features are fitted on train, choices are made on validation,
numbers are of test; and again of validation, for those who keep the test closed. Labels of the test
split meet predictions only after these are made.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from workbench.evaluation import knn
from workbench.evaluation.feature_scores import ANOMALY as ANOMALY
from workbench.evaluation.feature_scores import CLUSTERING as CLUSTERING
from workbench.evaluation.feature_scores import (
    DISTANCES,
    FEW,
    KNN,
    PROBE,
    STANDARD,
    TRAINED,
    Array,
    Ints,
    Scored,
    place,
)
from workbench.evaluation.feature_scores import NUISANCE as NUISANCE
from workbench.evaluation.gains import gains_over
from workbench.evaluation.probe import SCALINGS
from workbench.evaluation.protocols import PROTOCOLS, Splits, score

# Goes up whenever the same features would get other numbers: stored baselines are then left aside.
VERSION = 3


@dataclass(frozen=True)
class Evaluation:
    """scores, gains: as ``workbench show --json`` gives them. parts: by features. kept: positions
    within the split of the samples that were scored; truth: their classes. predictions: of the
    trained features, by protocol. validation: the same of the validation split."""

    scores: list[dict[str, Any]] = field(default_factory=list)
    gains: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    parts: Mapping[str, Scored] = field(default_factory=dict)
    kept: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    truth: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    validation: Evaluation | None = None

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
    trained_on_labels: bool = False,
) -> Evaluation:
    """Score every kind of ``features`` and compare ``trained`` with the others.

    features: by name ("trained", "supervised", "pretrained", "random init", "raw input", "tf-idf",
    "lsa"), then by split, (n, d) dense or scipy sparse. labels: int64 (n,) by split, -1 where
    missing. classes: names. normal: the class that training consists of, if it is normals only:
    distances from normal replace the protocols then. seed: of label draws and clusters, one a data
    set. stored: baselines that have been scored before. trained_on_labels: ``trained`` are features
    of the task ``supervised``, and scored like these. What cannot be scored is left out, with a
    note that says why.
    """
    known = {split: np.flatnonzero(values >= 0) for split, values in labels.items()}
    truth = {split: labels[split][rows] for split, rows in known.items()}
    reason = obstacle(truth, normal)
    if reason is not None:
        return Evaluation(notes=[reason])
    parts: dict[str, Scored] = {}
    offered = DISTANCES if normal is not None else tuple(protocols)
    notes = _data_notes(truth, normal, n_classes, offered)
    if trained_on_labels and normal is None:
        notes.append(
            "The encoder was trained with every training label, so no scores with few labels and "
            "no clusters: they would only seem to manage without."
        )
    for name, splits in features.items():
        if name in (stored or {}):
            continue
        values = {split: splits[split][rows] for split, rows in known.items() if split in splits}
        kind = "supervised" if name == TRAINED and trained_on_labels else name
        allowed = [protocol for protocol in offered if protocol in PROTOCOLS.get(kind, offered)]
        found = score(
            name,
            values,
            truth,
            allowed,
            target=target,
            normal=normal,
            classes=classes,
            seed=seed,
        )
        said = _feature_notes(name, values["train"], probed=normal is None)
        parts[name] = dataclasses.replace(found, notes=said)
    parts |= stored or {}
    ordered = {name: parts[name] for name in sorted(parts, key=place)}
    notes += _choice_notes(ordered, target)
    empty = np.empty(0, np.int64)
    chooser = truth.get("validation", empty)
    validation = _of_split("validation", _validated(ordered), chooser, target, normal)
    tested = _of_split("test", ordered, truth["test"], target, normal)
    return Evaluation(
        tested.scores,
        tested.gains,
        notes,
        ordered,
        known["test"],
        truth["test"],
        Evaluation(
            validation.scores,
            validation.gains,
            parts=validation.parts,
            kept=known.get("validation", empty),
            truth=chooser,
        ),
    )


def obstacle(truth: Mapping[str, Ints], normal: int | None) -> str | None:
    """Why nothing can be scored, or None."""
    if not any(len(values) for values in truth.values()):
        return (
            "No labels, so no scores of classes: look at the map, the collapse check and the "
            "nuisance probes."
        )
    for split in ("train", "test"):
        if not len(truth.get(split, ())):
            return f"No labelled sample in the {split} split, so no scores."
    if normal is not None:
        if not (truth["train"] == normal).any():
            return "No normal sample in the train split, so no anomaly scores."
        if len(np.unique(truth["test"] == normal)) < 2:
            return "The test split needs normal and other samples for anomaly scores."
        return None
    if len(np.unique(truth["train"])) < 2:
        return "The labelled training samples are all of one class, so no scores."
    return None


def _validated(parts: Mapping[str, Scored]) -> dict[str, Scored]:
    return {name: part.validation for name, part in parts.items() if part.validation is not None}


def _of_split(
    split: str, parts: Mapping[str, Scored], truth: Ints, target: str, normal: int | None
) -> Evaluation:
    gains = [
        row
        for name, part in parts.items()
        if name != TRAINED and TRAINED in parts
        for row in gains_over(
            parts[TRAINED], part, name, truth, target=target, split=split, normal=normal
        )
    ]
    scores = [dict(row) for part in parts.values() for row in part.scores]
    return Evaluation(scores, gains, parts=parts)


def _data_notes(
    truth: Mapping[str, Ints], normal: int | None, n_classes: int, protocols: Sequence[str]
) -> list[str]:
    """What the labels at hand forced."""
    tested = truth["test"]
    if normal is not None:
        strange = int((tested != normal).sum())
        return [
            f"Anomalies are {strange} of {len(tested)} test samples ({strange / len(tested):.0%}): "
            "AUPRC depends on that share, which is also its chance; AUROC and the false alarms at "
            "95 % found do not."
        ]
    notes = []
    trained, counts = (np.bincount(truth[s], minlength=n_classes) for s in ("train", "test"))
    unseen, untested = int(((trained == 0) & (counts > 0)).sum()), int((counts == 0).sum())
    if unseen:
        notes.append(f"Classes of the test split without a training sample: {unseen}; all errors.")
    if untested:
        notes.append(
            f"Classes without a test sample: {untested}; macro F1 and balanced accuracy leave them "
            "out."
        )
    if len(np.unique(tested)) < 2:
        notes.append("The test samples are all of one class, so clusters cannot agree with it.")
    k = knn.neighbours_for(truth["train"])
    if KNN in protocols and k < knn.NEIGHBOURS:
        notes.append(f"Neighbours: {k} instead of {knn.NEIGHBOURS}, for the classes are small.")
    if (FEW in protocols or PROBE in protocols) and not len(truth.get("validation", ())):
        notes.append(
            "No labelled validation sample: the classifier's penalty is a fixed middle one."
        )
    return notes


def _feature_notes(name: str, train: Any, *, probed: bool) -> tuple[str, ...]:
    """What the shape of dense features says about their scores."""
    if not isinstance(train, np.ndarray):
        return ()
    n, d = train.shape
    constant = int((train == train[:1]).all(axis=0).sum())
    notes = []
    if probed and n < d:
        notes.append(
            f"Fewer training samples ({n}) than columns of '{name}' ({d}): any labels could be "
            "fitted, so the penalty decides."
        )
    if constant == d:
        notes.append(f"All columns of '{name}' are constant: its scores are those of guessing.")
    elif constant and name != "raw input":
        notes.append(f"Constant columns of '{name}': {constant} of {d}; they tell nothing.")
    return tuple(notes)


def _choice_notes(parts: Mapping[str, Scored], target: str) -> list[str]:
    found, edges = [], []
    for name, part in parts.items():
        choice = part.choices.get(PROBE)
        if choice is None or not choice["chosen"]:
            continue
        found.append(f"{name} {SCALINGS[choice['scaling']]}, {choice['penalty']:g}")
        edges += [name] if choice["at_edge"] else []
    notes = []
    if found:
        said = f"Linear probe of '{target}': scaling and penalty chosen on validation: "
        edge = f" At the edge of what was tried: {', '.join(edges)}." if edges else ""
        notes = [f"{said}{'; '.join(found)}.{edge}"]
    return [*notes, *(note for part in parts.values() for note in part.notes)]
