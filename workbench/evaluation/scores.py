"""Scores of frozen features with intervals, and the gain of the trained ones over each baseline.

Pure: arrays in, plain objects out. Features are fitted on train, choices are made on validation,
scores are of test; the validation split is scored too, for data whose test scores are hidden.
Labels of the test split meet predictions only after these are made.
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
    Bools,
    Ints,
    Scored,
    Setup,
    place,
)
from workbench.evaluation.feature_scores import NUISANCE as NUISANCE
from workbench.evaluation.forms import Forms, Splits, best_form, pick
from workbench.evaluation.gains import gains_over
from workbench.evaluation.largest_class import guess_scores
from workbench.evaluation.probe import SCALINGS
from workbench.evaluation.protocols import PROTOCOLS, score
from workbench.records import Gain, Score

# Goes up whenever the same features would get other numbers: stored baselines are then left aside.
VERSION = 5


@dataclass(frozen=True)
class Evaluation:
    """scores, gains: as ``workbench show --json`` gives them. parts: by features. kept: positions
    within the split of the samples that were scored; truth: their classes. validation: the same of
    the validation split."""

    scores: list[Score] = field(default_factory=list)
    gains: list[Gain] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    parts: Mapping[str, Scored] = field(default_factory=dict)
    kept: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    truth: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    validation: Evaluation | None = None

    @property
    def predictions(self) -> Mapping[str, Array]:
        """Predicted classes or distances of the trained features, by protocol."""
        outcomes = self.parts[TRAINED].outcomes if TRAINED in self.parts else {}
        return {name: outcomes[name] for name in (KNN, PROBE, ANOMALY) if name in outcomes}


def evaluate(
    features: Mapping[str, Splits | Forms],
    labels: Mapping[str, Ints],
    *,
    target: str,
    n_classes: int,
    protocols: Sequence[str] = STANDARD,
    normal: int | None = None,
    classes: Sequence[str] = (),
    seed: int = 0,
    neighbours: int = knn.NEIGHBOURS,
    stored: Mapping[str, Scored] | None = None,
    trained_on_labels: bool = False,
    copies: Mapping[str, Bools] | None = None,
) -> Evaluation:
    """Score every kind of ``features`` and compare ``trained`` with the others.

    features: by name ("trained", "supervised", "pretrained", "random init", "raw input", "tf-idf",
    "lsa", "word vectors"), then by split, (n, d) dense or scipy sparse; ``Forms`` of these where
    validation is to choose between several. labels: int64 (n,) by split, -1 where
    missing. classes: names. normal: the class that training consists of, if it is normals only:
    distances from normal replace the protocols then. seed: of label draws and clusters, one a data
    set. neighbours: k of kNN. stored: baselines that have been scored before. trained_on_labels:
    ``trained`` are features of the task ``supervised``, and scored like these. copies: bool (n,) by
    split, which samples equal a training sample; scores say what they are without these. What
    cannot be scored is left out, with a note that says why.
    """
    labelled = {split: np.flatnonzero(values >= 0) for split, values in labels.items()}
    truth = {split: labels[split][rows] for split, rows in labelled.items()}
    reason = obstacle(truth, normal)
    if reason is not None:
        return Evaluation(notes=[reason])
    marks = {s: values[labelled[s]] for s, values in (copies or {}).items() if s in labelled}
    marks = {split: values for split, values in marks.items() if values.any()}
    setup = Setup(target, normal, classes, seed, neighbours, marks)
    offered = DISTANCES if normal is not None else tuple(protocols)
    notes = _data_notes(truth, setup, n_classes, offered)
    if trained_on_labels and normal is None:
        notes.append(
            "The encoder was trained with every training label, so no scores with few labels and "
            "no clusters: they would only seem to manage without."
        )
    parts = dict(stored or {})
    for name, splits in features.items():
        if name not in parts:
            values = pick(splits, labelled)
            kind = "supervised" if name == TRAINED and trained_on_labels else name
            parts[name] = _score(name, kind, values, truth, offered, setup)
    parts = {name: parts[name] for name in sorted(parts, key=place)}
    notes += _choice_notes(parts, target)
    return _compare(parts, labelled, truth, notes, setup)


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


def _score(
    name: str,
    kind: str,
    features: Splits | Forms,
    truth: Mapping[str, Ints],
    offered: Sequence[str],
    setup: Setup,
) -> Scored:
    """One kind of features under those of the ``offered`` protocols that suit its kind."""
    allowed = [protocol for protocol in offered if protocol in PROTOCOLS.get(kind, offered)]
    values, form = best_form(features, truth)
    scored = score(name, values, truth, allowed, setup)
    notes = _feature_notes(name, values["train"], probed=setup.normal is None)
    if form:
        notes = (f"Of '{name}' for '{setup.target}', {form} were chosen on validation.", *notes)
    return dataclasses.replace(scored, notes=notes)


def _compare(
    parts: Mapping[str, Scored],
    labelled: Mapping[str, Ints],
    truth: Mapping[str, Ints],
    notes: list[str],
    setup: Setup,
) -> Evaluation:
    """The Evaluation of all features together, on test and on validation."""
    validated = {n: part.validation for n, part in parts.items() if part.validation is not None}
    empty = np.empty(0, np.int64)
    chooser = truth.get("validation", empty)
    return Evaluation(
        [*_score_rows(parts), *_guesses("test", truth["test"], setup)],
        _gain_rows("test", parts, truth["test"], setup),
        notes,
        parts,
        labelled["test"],
        truth["test"],
        Evaluation(
            [*_score_rows(validated), *_guesses("validation", chooser, setup)],
            _gain_rows("validation", validated, chooser, setup),
            parts=validated,
            kept=labelled.get("validation", empty),
            truth=chooser,
        ),
    )


def _score_rows(parts: Mapping[str, Scored]) -> list[Score]:
    return [row.copy() for part in parts.values() for row in part.scores]


def _guesses(split: str, truth: Ints, setup: Setup) -> list[Score]:
    """Of the largest class; finding the unusual has chance levels of its own."""
    return guess_scores(truth, split, setup) if setup.normal is None else []


def _gain_rows(split: str, parts: Mapping[str, Scored], truth: Ints, setup: Setup) -> list[Gain]:
    if TRAINED not in parts:
        return []
    return [
        row
        for name, part in parts.items()
        if name != TRAINED
        for row in gains_over(parts[TRAINED], part, name, truth, setup, split=split)
    ]


def _data_notes(
    truth: Mapping[str, Ints], setup: Setup, n_classes: int, protocols: Sequence[str]
) -> list[str]:
    """Notes on what these labels allow."""
    tested = truth["test"]
    if setup.normal is not None:
        anomalies = int((tested != setup.normal).sum())
        return [
            f"Anomalies are {anomalies} of {len(tested)} test samples "
            f"({anomalies / len(tested):.0%}): "
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
    k = knn.neighbours_for(truth["train"], setup.neighbours)
    if KNN in protocols and k < setup.neighbours:
        notes.append(f"Neighbours: {k} instead of {setup.neighbours}, for the classes are small.")
    if (FEW in protocols or PROBE in protocols) and not len(truth.get("validation", ())):
        notes.append(
            "No labelled validation sample: the classifier's penalty is a fixed middle one."
        )
    return notes


def _feature_notes(name: str, train: Any, *, probed: bool) -> tuple[str, ...]:
    """Notes on the shape of dense features, as far as it affects their scores."""
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
    """The probe's choices in one note, then the notes of each kind of features."""
    choices, edges = [], []
    for name, part in parts.items():
        choice = part.choices.get(PROBE)
        if choice is None or not choice.chosen:
            continue
        choices.append(f"{name} {SCALINGS[choice.scaling]}, {choice.penalty:g}")
        edges += [name] if choice.at_edge else []
    notes = []
    if choices:
        begin = f"Linear probe of '{target}': scaling and penalty chosen on validation: "
        edge = f" At the edge of what was tried: {', '.join(edges)}." if edges else ""
        notes = [f"{begin}{'; '.join(choices)}.{edge}"]
    return [*notes, *(note for part in parts.values() for note in part.notes)]
