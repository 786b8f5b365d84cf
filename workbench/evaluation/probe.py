"""Linear probe: a multinomial logistic regression on frozen features.

It is fitted on train, its scaling and penalty are chosen on validation, and it is scored on test.
Labels of the test split are no argument of anything here, so that they cannot reach a choice.
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

# What notes call the scalings.
SCALINGS: dict[Scaling, str] = {
    "each": "standardised",
    "common": "scaled by one number",
    "unit": "of length 1",
    "none": "as they are",
}
# L2 penalties added to the mean loss, strongest first: for features with variance 1, and for
# TF-IDF rows, whose length is 1.
DENSE = (10.0, 1.0, 1e-1, 1e-2, 1e-3, 1e-4)
SPARSE = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
# The search along a path of penalties ends when validation has been below its best this many times
# in a row.
PATIENCE = 2
_TINY = 1e-6


@dataclass(frozen=True)
class ProbeChoice:
    """The scaling and penalty of a linear probe.

    at_edge: whether the penalty was the weakest or strongest that could be tried. chosen: False if
    there was no labelled validation sample to choose by; then the first scaling and the middle of
    the grid were taken.
    """

    scaling: Scaling
    penalty: float
    at_edge: bool
    chosen: bool


@dataclass(frozen=True)
class Probed:
    """predicted: int64 (m,) classes of the test samples, by ``choice``. validated: int64 (v,)
    classes of the validation samples, those of each half by what the other half chooses."""

    predicted: Ints
    validated: Ints
    choice: ProbeChoice


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
    if not len(validation_labels):
        return _unchosen(train, labels, test, scalings[0], grid)
    first = halves(validation_labels)
    by_half = (~first, first)
    validated: list[list[Ints]] = []
    tested: list[list[Ints]] = []
    hits: list[npt.NDArray[np.int64]] = []
    for scaling in scalings:
        fitted, chooser, queries = scale(train, (train, validation, test), scaling)
        validated.append([])
        tested.append([])
        counts: list[tuple[int, ...]] = []
        for model in fit_path(fitted, labels, grid):
            validated[-1].append(model.predict(chooser))
            tested[-1].append(model.predict(queries))
            right = validated[-1][-1] == validation_labels
            counts.append(tuple(int(right[mask].sum()) for mask in (slice(None), *by_half)))
            if all(ended(path) for path in zip(*counts, strict=True)):
                break
        hits.append(np.array(counts, np.int64).T)
    scale_at, at = best_of([paths[0] for paths in hits])
    by_other_half = np.empty(len(validation_labels), np.int64)
    for number, mask in enumerate(by_half, start=1):
        half_scale, half_at = best_of([paths[number] for paths in hits])
        by_other_half[~mask] = validated[half_scale][half_at][~mask]
    choice = ProbeChoice(scalings[scale_at], grid[at], at in (0, len(grid) - 1), chosen=True)
    return Probed(tested[scale_at][at], by_other_half, choice)


def _unchosen(
    train: Any, labels: Ints, test: Any, scaling: Scaling, grid: Sequence[float]
) -> Probed:
    """The probe with the middle penalty, where no validation sample can choose."""
    middle = len(grid) // 2
    fitted, queries = scale(train, (train, test), scaling)
    *_, model = fit_path(fitted, labels, grid[: middle + 1])
    choice = ProbeChoice(scaling, grid[middle], at_edge=False, chosen=False)
    return Probed(model.predict(queries), np.empty(0, np.int64), choice)


def ended(path: Sequence[int]) -> bool:
    """Whether a path of hits has been below its best ``PATIENCE`` times in a row."""
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
    """The penalties that are tried for dense or for sparse features, strongest first."""
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
    # A column that does not vary carries no information and would only amplify rounding.
    deviation[deviation <= _TINY * max(1e-30, float(np.abs(values).max(initial=0.0)))] = np.inf
    return tuple(
        ((np.asarray(part, np.float32) - mean) / deviation).astype(np.float32) for part in parts
    )
