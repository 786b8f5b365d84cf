"""The confusion matrix of classes, and its largest entries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Confusion:
    """``count`` samples of class ``truth`` were predicted as class ``predicted``; share: of that
    true class."""

    truth: int
    predicted: int
    count: int
    share: float


def confusion(truth: Ints, predicted: Ints, classes: int) -> Ints:
    """int64 (classes, classes): how many samples of each true class (row) were predicted as each
    class (column). Samples without a label, or with a prediction that is no class, are left out."""
    valid = (truth >= 0) & (truth < classes) & (predicted >= 0) & (predicted < classes)
    out = np.zeros((classes, classes), np.int64)
    np.add.at(out, (truth[valid], predicted[valid]), 1)
    return out


def most_confused(matrix: Ints, most: int = 10) -> list[Confusion]:
    """The most frequent confusions, most samples first, then the larger share of their class."""
    totals = matrix.sum(axis=1)
    wrong = matrix.copy()
    np.fill_diagonal(wrong, 0)
    confusions = [
        Confusion(int(i), int(j), int(wrong[i, j]), float(wrong[i, j] / totals[i]))
        for i, j in np.argwhere(wrong)
    ]
    return sorted(confusions, key=lambda c: (-c.count, -c.share, c.truth, c.predicted))[:most]
