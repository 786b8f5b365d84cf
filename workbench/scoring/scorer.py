"""What is scored of one run: which targets, and beside which baselines."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.data import quality
from workbench.data.corpus.token_table import token_table
from workbench.data.dataset import Target
from workbench.evaluation import baselines, nuisance
from workbench.evaluation.feature_scores import (
    CLUSTERING,
    FEW,
    KNN,
    NUISANCE,
    PROBE,
    TRAINED,
    Scored,
    place,
)
from workbench.evaluation.forms import Forms, first_form
from workbench.evaluation.scores import Evaluation, evaluate
from workbench.evaluation.whitening import whiten
from workbench.scoring.trained_run import Splits, TrainedRun
from workbench.scoring.word_features import (
    VECTOR_SIZE,
    vector_features,
    word_directions,
    word_features,
)
from workbench.training import instances

# A table may have dozens of further columns; a probe of one costs some tenths of a second, and of
# word counts some seconds once a data set.
MOST_FACTORS = 8
# Of more classes, a classifier on counts of parts of words takes minutes.
MOST_CLASSES = 20
# Simple features of texts.
WORDS = ("tf-idf", "lsa", "word vectors")


class Scorer:
    """Scores the representations of one run beside its baselines, which are kept on a shelf.

    h, u: representations of the trained and of the untrained encoder. references: further frozen
    features by name ("supervised", "pretrained"), scored like the trained ones.
    """

    def __init__(self, run: TrainedRun, h: Splits, u: Splits, references: Mapping[str, Splits]):
        self.run, self.data, self.rows, self.options = run, run.data, run.rows, run.options
        if run.options.whiten:
            h, u = whiten(h), whiten(u) if u else u
        self.h, self.u, self.references = h, u, references
        self.copies = quality.copies_of_training(run.data, run.rows)
        self.supervised = instances.task_of(run.config).needs.labels
        self.simple = ("raw input",) if run.data.info.modality == "image" else WORDS
        self._simple_features: dict[str, Any] | None = None
        self._notes: dict[str, tuple[str, ...]] = {}

    def all_targets(self) -> dict[str, Evaluation]:
        """An Evaluation for the label, and for the factors beside it if these are asked for."""
        info = self.data.info
        if info.label is None:
            return {"": evaluate({}, {}, target="", n_classes=0)}
        factors = [target for target in info.targets if target.role == "factor"]
        wanted = factors[:MOST_FACTORS] if self.options.factors else []
        evaluations = {target.name: self.one_target(target) for target in (info.label, *wanted)}
        if self.options.factors and len(factors) > MOST_FACTORS:
            evaluations[info.label.name].notes.append(
                f"The first {MOST_FACTORS} of {len(factors)} factors are probed."
            )
        return evaluations

    def one_target(self, target: Target) -> Evaluation:
        protocols: tuple[str, ...] = (PROBE,)
        normal = None
        if target.role == "label":
            few = (FEW,) if self.options.label_efficiency else ()
            protocols = (KNN, PROBE, *few, CLUSTERING)
            normal_class = self.data.info.normal
            normal = None if normal_class is None else target.classes.index(normal_class)
        files, stored = self._stored(("random init", *self.simple), target.name, protocols)
        features: dict[str, Any] = {TRAINED: self.h, **self.references, "random init": self.u}
        if any(name not in stored for name in self.simple):
            features |= self._offered(target)
        column = self.data.target(target.name)
        result = evaluate(
            features,
            {split: column[index] for split, index in self.rows.items()},
            target=target.name,
            n_classes=len(target.classes),
            protocols=protocols,
            normal=normal,
            classes=target.classes,
            seed=zlib.crc32(self.data.info.fingerprint.encode()),
            neighbours=self.options.neighbours,
            stored=stored,
            trained_on_labels=self.supervised and target.role == "label",
            copies=self.copies,
        )
        for name, file in files.items():
            if name in result.parts and name not in stored:
                part = result.parts[name]
                added = (*part.notes, *self._notes.get(name, ()), *self._limit_note(name, target))
                baselines.write(file, dataclasses.replace(part, notes=added))
        fresh = [name for name in self.simple if name not in stored]
        for name in fresh:
            result.notes.extend((*self._notes.get(name, ()), *self._limit_note(name, target)))
        return result

    def _offered(self, target: Target) -> dict[str, Any]:
        """The simple features, without those on which a classifier of so many classes takes
        minutes."""
        made = dict(self.simple_features())
        if self._limit_note("tf-idf", target):
            made["tf-idf"] = first_form(made["tf-idf"])
        return made

    def _limit_note(self, name: str, target: Target) -> tuple[str, ...]:
        """Why only the words are counted for this target, if that is so."""
        made = (self._simple_features or {}).get(name)
        many = len(target.classes) > MOST_CLASSES and not self.options.full
        if name != "tf-idf" or not many or not isinstance(made, Forms) or len(made.by_name) < 2:
            return ()
        return (
            f"TF-IDF for '{target.name}' counts words only: with {len(target.classes)} classes, "
            "parts of words take minutes. --full counts them.",
        )

    def nuisances(self) -> Scored:
        """What the representations tell of colour, brightness, length and groups; no labels."""
        simple = "raw input" if self.data.info.modality == "image" else "lsa"
        files, stored = self._stored(("random init", simple), NUISANCE, (NUISANCE,))
        features: dict[str, Any] = {TRAINED: self.h, **self.references, "random init": self.u}
        if simple not in stored:
            features |= self._simplest(simple)
        values = self._nuisance_values()
        groups = None if self.data.groups is None else self.data.groups[self.rows["train"]]
        parts = dict(stored)
        for name in (name for name in features if name not in stored):
            parts[name] = nuisance.score(name, features[name], values, groups)
            if name in files:
                baselines.write(files[name], parts[name])
        ordered = [parts[name] for name in sorted(parts, key=place)]
        validated = [part.validation for part in ordered if part.validation is not None]
        return Scored(
            tuple(row for part in ordered for row in part.scores),
            notes=tuple(dict.fromkeys(note for part in ordered for note in part.notes)),
            validation=Scored(tuple(row for part in validated for row in part.scores)),
        )

    def simple_features(self) -> dict[str, Any]:
        """Pixels, or word counts, of the evaluation samples; made once a run if needed at all."""
        if self._simple_features is None:
            if self.data.info.modality == "image":
                pixels = {s: baselines.raw_input(self.data.images, r) for s, r in self.rows.items()}
                self._simple_features = {"raw input": pixels}
            else:
                texts = {s: [self.data.texts[i] for i in r] for s, r in self.rows.items()}
                self._simple_features, self._notes = word_features(texts)
                self._simple_features |= self._vector_features()
        return self._simple_features

    def _simplest(self, name: str) -> dict[str, Any]:
        """The simple features without their further forms, of which nuisances need none."""
        if self.data.info.modality == "text" and self._simple_features is None:
            texts = {s: [self.data.texts[i] for i in r] for s, r in self.rows.items()}
            directions = word_directions(texts)
            return {} if directions is None else {name: directions}
        made = self.simple_features()
        return {name: first_form(made[name])} if name in made else {}

    def _vector_features(self) -> dict[str, Splits | Forms]:
        """Means of the word vectors of the training texts."""
        offsets = self.data.offsets
        tokens = {
            split: [self.data.tokens[offsets[row] : offsets[row + 1]] for row in rows]
            for split, rows in self.rows.items()
        }
        found = vector_features(tokens, token_table(self.data, VECTOR_SIZE).vectors)
        if not found:
            why = "In the training texts no two words stand together, so there are no word vectors."
            self._notes["word vectors"] = (why,)
        return found

    def _nuisance_values(self) -> dict[str, dict[str, npt.NDArray[np.float64]]]:
        by_split = {
            split: nuisance.of_images(self.data.images, rows)
            if self.data.info.modality == "image"
            else nuisance.of_texts(self.data.offsets, rows)
            for split, rows in self.rows.items()
        }
        names = next(iter(by_split.values()))
        return {name: {split: values[name] for split, values in by_split.items()} for name in names}

    def _stored(
        self, names: tuple[str, ...], target: str, protocols: tuple[str, ...]
    ) -> tuple[dict[str, Path], dict[str, Scored]]:
        """(the file of each baseline, the scores of those that have been scored before).

        Where test samples equal training samples, the scores say so: other files than before.
        """
        copied = bool(self.copies) and target != NUISANCE
        files = {
            name: self.run.shelf
            / baselines.key(
                features=name,
                target=target,
                protocols=protocols,
                full=self.options.full,
                **self.run.limited_key,
                **({"copies": True} if copied else {}),
                **({"whiten": True} if name == "random init" and self.options.whiten else {}),
                **baselines.neighbours_key(name, protocols, self.options.neighbours),
                **(self.run.untrained_key if name == "random init" else {}),
            )
            for name in names
        }
        stored = {name: baselines.read(file) for name, file in files.items()}
        return files, {name: scored for name, scored in stored.items() if scored is not None}
