"""Linear probe: a multinomial logistic regression on frozen features.

Fitted on train, its scaling and penalty chosen on validation, scored on test. Labels of the test
split are no argument of anything here, so that they cannot reach a choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from workbench.evaluation.knn import unit
from workbench.evaluation.logistic import fit_path

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Scaling = Literal["each", "common", "unit", "none"]

# What the scalings are called in notes.
SCALINGS: dict[Scaling, str] = {
    "each": "standardised",
    "common": "scaled by one number",
    "unit": "of length 1",
    "none": "as they are",
}
# L2 penalties beside the mean loss, strongest first: of features with variance 1, and of TF-IDF
# rows, whose length is 1.
DENSE = (10.0, 1.0, 1e-1, 1e-2, 1e-3, 1e-4)
SPARSE = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
# A path of penalties is left when validation has fallen below its best this many times in a row.
PATIENCE = 2
_TINY = 1e-6


@dataclass(frozen=True)
class Choice:
    """What was chosen. at_edge: whether the penalty was the weakest or strongest that could be
    tried. chosen: False if there was no labelled validation sample to choose by, and the first
    scaling and the middle of the grid were taken."""

    scaling: Scaling
    penalty: float
    at_edge: bool
    chosen: bool


@dataclass(frozen=True)
class Probed:
    """predicted: int64 (m,) classes of the test samples, by ``choice``. validated: int64 (v,)
    classes of the validation samples, those of each half by what the other half would choose."""

    predicted: Ints
    validated: Ints
    choice: Choice


def probe(
    train: Any,
    labels: Ints,
    validation: Any,
    validation_labels: Ints,
    test: Any,
    *,
    scalings: Sequence[Scaling] = ("each", "unit"),
) -> Probed:
    """Fit on ``train`` (n, d) with ``labels`` int64 (n,), choose on validation, predict ``test``.

    The scaling and penalty with the highest validation accuracy win; of equal ones the first
    scaling, then the strongest penalty. Features are dense arrays or scipy sparse matrices; labels
    hold no -1 and at least two classes.
    """
    grid = grid_of(train)
    first = halves(validation_labels)
    by_half = (~first, first)
    unchosen = not len(validation_labels)
    said: list[list[Ints]] = []
    hits: list[npt.NDArray[np.int64]] = []
    answers: list[list[Ints]] = []
    for scaling in scalings[:1] if unchosen else scalings:
        known, asked, tested = scale(train, (train, validation, test), scaling)
        tried = grid[: len(grid) // 2 + 1] if unchosen else grid
        said.append([])
        answers.append([])
        counts: list[tuple[int, ...]] = []
        for model in fit_path(known, labels, tried):
            said[-1].append(model.predict(asked))
            answers[-1].append(model.predict(tested))
            right = said[-1][-1] == validation_labels
            counts.append(tuple(int(right[mask].sum()) for mask in (slice(None), *by_half)))
            if not unchosen and all(ended(path) for path in zip(*counts, strict=True)):
                break
        hits.append(np.array(counts, np.int64).T)
    if unchosen:
        middle = len(grid) // 2
        choice = Choice(scalings[0], grid[middle], at_edge=False, chosen=False)
        return Probed(answers[0][-1], np.empty(0, np.int64), choice)
    scale_at, at = best_of([paths[0] for paths in hits])
    validated = np.empty(len(validation_labels), np.int64)
    for number, mask in enumerate(by_half, start=1):
        mine, place = best_of([paths[number] for paths in hits])
        validated[~mask] = said[mine][place][~mask]
    choice = Choice(scalings[scale_at], grid[at], at in (0, len(grid) - 1), chosen=True)
    return Probed(answers[scale_at][at], validated, choice)


def ended(path: Sequence[int]) -> bool:
    """Whether a path of hits has fallen below its best ``PATIENCE`` times in a row."""
    return len(path) > PATIENCE and max(path[-PATIENCE:]) < max(path)


def best_of(paths: Sequence[Sequence[int]]) -> tuple[int, int]:
    """(path, position) of the most hits, each path read until it has ``ended``; of equal ones the
    first."""
    best, most = (0, 0), -1
    for number, path in enumerate(paths):
        for place, hits in enumerate(path):
            if hits > most:
                best, most = (number, place), int(hits)
            if ended(path[: place + 1]):
                break
    return best


def halves(labels: Ints) -> Bools:
    """bool (n,): the samples of the first half, each class divided alike; the same every time."""
    order = np.random.default_rng(0).permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    first = np.zeros(len(labels), bool)
    first[order[::2]] = True
    return first


def grid_of(features: Any) -> tuple[float, ...]:
    return DENSE if isinstance(features, np.ndarray) else SPARSE


def scale(reference: Any, parts: Sequence[Any], scaling: Scaling) -> tuple[Any, ...]:
    """``parts`` centred and scaled by the statistics of ``reference`` (the training features).

    each: every column to variance 1. common: all columns by one number, for columns that share a
    unit (pixels, LSA), where rarely used ones must not be blown up. unit: every row to length 1,
    then as common. none: as they are.
    """
    if scaling == "none":
        return tuple(parts)
    if scaling == "unit":
        return scale(unit(reference), [unit(part) for part in parts], "common")
    values = np.asarray(reference, np.float32)
    mean = values.mean(axis=0, dtype=np.float64)
    deviation = values.std(axis=0, dtype=np.float64)
    if scaling == "common":
        deviation = np.full_like(deviation, np.sqrt(np.mean(deviation**2)))
    # A column that does not vary carries nothing and would only amplify rounding.
    deviation[deviation <= _TINY * max(1e-30, float(np.abs(values).max(initial=0.0)))] = np.inf
    return tuple(
        ((np.asarray(part, np.float32) - mean) / deviation).astype(np.float32) for part in parts
    )
