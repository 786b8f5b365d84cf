"""Linear probe: a multinomial logistic regression on frozen features.

Fitted on train, its penalty chosen on validation, scored on test. Labels of the test split are
no argument of anything here, so that they cannot reach a choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from workbench.evaluation.logistic import fit_path

Ints = npt.NDArray[np.int64]
Scaling = Literal["each", "common", "none"]

# L2 penalties beside the mean loss, strongest first: of features with variance 1, and of TF-IDF
# rows, whose length is 1.
DENSE = (1.0, 1e-1, 1e-2, 1e-3, 1e-4)
SPARSE = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
_TINY = 1e-6


@dataclass(frozen=True)
class Probed:
    """predicted: int64 (m,) classes of the test samples. penalty: the one that was chosen.

    at_edge: whether it was the first or last that was tried. chosen: False if there was no
    labelled validation sample to choose by, and the middle of the grid was taken.
    """

    predicted: Ints
    penalty: float
    at_edge: bool
    chosen: bool


def probe(
    train: Any,
    labels: Ints,
    validation: Any,
    validation_labels: Ints,
    test: Any,
    *,
    scaling: Scaling = "each",
) -> Probed:
    """Fit on ``train`` (n, d) with ``labels`` int64 (n,), choose on validation, predict ``test``.

    The penalty with the highest validation accuracy wins; of equal ones the strongest. Features
    are dense arrays or scipy sparse matrices; labels hold no -1 and at least two classes.
    """
    train, validation, test = scale(train, (train, validation, test), scaling)
    grid = grid_of(train)
    models = fit_path(train, labels, grid)
    if len(validation_labels):
        hits = [(model.predict(validation) == validation_labels).mean() for model in models]
        best = int(np.argmax(hits))
    else:
        best = len(grid) // 2
    return Probed(
        models[best].predict(test),
        grid[best],
        best in (0, len(grid) - 1),
        bool(len(validation_labels)),
    )


def grid_of(features: Any) -> tuple[float, ...]:
    return DENSE if isinstance(features, np.ndarray) else SPARSE


def scale(reference: Any, parts: Sequence[Any], scaling: Scaling) -> tuple[Any, ...]:
    """``parts`` centred and scaled by the statistics of ``reference`` (the training features).

    each: every column to variance 1. common: all columns by one number, for columns that share a
    unit (pixels, LSA), where rarely used ones must not be blown up. none: as they are.
    """
    if scaling == "none":
        return tuple(parts)
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
