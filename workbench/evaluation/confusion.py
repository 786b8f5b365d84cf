"""Which classes are taken for which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Confused:
    """``count`` samples of class ``truth`` were taken for class ``said``; share: of that class."""

    truth: int
    said: int
    count: int
    share: float


def confusion(truth: Ints, said: Ints, classes: int) -> Ints:
    """int64 (classes, classes): how many samples of each true class (row) were said to be of each
    class (column). Samples without a label, or with an answer that is no class, are left out."""
    known = (truth >= 0) & (truth < classes) & (said >= 0) & (said < classes)
    out = np.zeros((classes, classes), np.int64)
    np.add.at(out, (truth[known], said[known]), 1)
    return out


def most_confused(matrix: Ints, most: int = 10) -> list[Confused]:
    """The most frequent confusions, most samples first, then the larger share of their class."""
    totals = matrix.sum(axis=1)
    wrong = matrix.copy()
    np.fill_diagonal(wrong, 0)
    found = [
        Confused(int(i), int(j), int(wrong[i, j]), float(wrong[i, j] / totals[i]))
        for i, j in np.argwhere(wrong)
    ]
    return sorted(found, key=lambda c: (-c.count, -c.share, c.truth, c.said))[:most]
