"""Several forms of one kind of features, such as counts of words and of parts of words: validation
samples choose between them, by the nearest class mean, which costs little."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.evaluation.feature_scores import Ints
from workbench.evaluation.knn import unit

Splits = Mapping[str, Any]


@dataclass(frozen=True)
class Forms:
    """Splits of features by the name of their form, the usual one first."""

    by_name: Mapping[str, Splits]

    @property
    def first(self) -> Splits:
        """What stands for the kind where there are no labels to choose by."""
        return next(iter(self.by_name.values()))


def first_form(features: Splits | Forms) -> Splits:
    """The features themselves, or their first form."""
    return features.first if isinstance(features, Forms) else features


def best_form(features: Splits | Forms, truth: Mapping[str, Ints]) -> tuple[Splits, str]:
    """(features, name of their form): the form whose nearest class means name most validation
    samples right, of equal ones the first. truth: classes by split, none of them missing.

    The name is empty where nothing chooses: there is one form only, no labelled validation sample,
    one class, or all forms are equal.
    """
    if not isinstance(features, Forms):
        return features, ""
    if len(features.by_name) == 1 or not len(truth.get("validation", ())):
        return features.first, ""
    right = {name: _hits(splits, truth) for name, splits in features.by_name.items()}
    if len(set(right.values())) == 1:
        return features.first, ""
    name = max(right, key=lambda one: right[one])
    return features.by_name[name], name


def pick(features: Splits | Forms, rows: Mapping[str, Ints]) -> Splits | Forms:
    """The features of the samples at ``rows``, by split."""
    if isinstance(features, Forms):
        return Forms({name: _rows(splits, rows) for name, splits in features.by_name.items()})
    return _rows(features, rows)


def _rows(splits: Splits, rows: Mapping[str, Ints]) -> Splits:
    return {split: splits[split][index] for split, index in rows.items() if split in splits}


def _hits(splits: Splits, truth: Mapping[str, Ints]) -> int:
    """How many validation samples are nearest, by cosine, to the mean of their own class."""
    classes = np.unique(truth["train"])
    member = (truth["train"] == classes[:, None]).astype(np.float32)
    sums = member @ _centred(splits["train"], splits["train"])
    asked = _centred(splits["validation"], splits["train"])
    nearest = np.asarray(asked @ unit(np.asarray(sums)).T).argmax(axis=1)
    return int((classes[nearest] == truth["validation"]).sum())


def _centred(rows: Any, train: Any) -> Any:
    """Rows of length 1; dense ones about the mean of ``train``."""
    if not isinstance(rows, np.ndarray):
        return rows
    return unit(rows - train.mean(axis=0))
