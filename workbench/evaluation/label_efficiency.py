"""Label efficiency: the linear probe again, with 1, 5, 10, 50 and 100 labels a class.

Which labels are drawn depends on the data alone, so that all runs and baselines of one data set
are compared on the same draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.evaluation.logistic import fit_path
from workbench.evaluation.probe import Scaling, grid_of, scale

Ints = npt.NDArray[np.int64]

LEVELS = (1, 5, 10, 50, 100)
DRAWS = 5


@dataclass(frozen=True)
class Level:
    """Predictions with ``labels_per_class`` labels: int64 (draws, m), and the penalty chosen."""

    labels_per_class: int
    predicted: Ints
    penalty: float


def levels_for(labels: Ints) -> tuple[int, ...]:
    """The levels that exist: those that at least half of the classes can fill."""
    counts = np.bincount(labels)
    return tuple(level for level in LEVELS if level <= np.median(counts[counts > 0]))


def draw(labels: Ints, level: int, number: int, seed: int) -> Ints:
    """Ascending positions of draw ``number`` of ``level`` labels a class.

    A class with fewer gives all it has. The same draw of a higher level holds the lower one.
    """
    rng = np.random.default_rng([seed, number])
    order = rng.permutation(len(labels))
    parts = [order[labels[order] == found][:level] for found in np.unique(labels)]
    return np.sort(np.concatenate(parts))


def label_efficiency(
    train: Any,
    labels: Ints,
    validation: Any,
    validation_labels: Ints,
    test: Any,
    *,
    scaling: Scaling = "each",
    seed: int = 0,
) -> list[Level]:
    """One ``Level`` for each that exists, from ``DRAWS`` draws each.

    Features are scaled by all training samples (which needs no labels). One penalty a level: the
    one with the highest validation accuracy averaged over the draws.
    """
    train, validation, test = scale(train, (train, validation, test), scaling)
    # With few labels the weakest penalty gives what the one before it gives, and takes the longest.
    grid = grid_of(train)[:-1]
    out = []
    for level in levels_for(labels):
        hits = np.zeros(len(grid))
        predicted = []
        for number in range(DRAWS):
            rows = draw(labels, level, number, seed)
            models = fit_path(train[rows], labels[rows], grid)
            if len(validation_labels):
                hits += [(m.predict(validation) == validation_labels).mean() for m in models]
            predicted.append([model.predict(test) for model in models])
        best = int(hits.argmax()) if len(validation_labels) else len(grid) // 2
        chosen = np.array([draws[best] for draws in predicted], np.int64)
        out.append(Level(level, chosen, grid[best]))
    return out
