"""Samples that one run gets right and another wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.comparison.evidence import Predictions

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Disagreement:
    """Samples that both runs predicted, by which of them is right. int64 positions in the data
    set, ascending: only ``a`` is right, only ``b``, both, or neither."""

    only_a: Rows
    only_b: Rows
    both: Rows
    neither: Rows

    @property
    def n(self) -> int:
        """How many samples both runs predicted."""
        return sum(len(rows) for rows in (self.only_a, self.only_b, self.both, self.neither))


def disagreement(a: Predictions, b: Predictions, protocol: str) -> Disagreement | None:
    """Which run is right on the samples that both predicted. None if they share no sample, or if
    one has no predictions by ``protocol``. Samples without a label (truth below 0) are left out."""
    if protocol not in a.answers or protocol not in b.answers:
        return None
    rows, in_a, in_b = np.intersect1d(a.rows, b.rows, return_indices=True)
    truth = a.truth[in_a]
    known = (truth >= 0) & (truth == b.truth[in_b])
    if not known.any():
        return None
    right_a = np.asarray(a.answers[protocol])[in_a] == truth
    right_b = np.asarray(b.answers[protocol])[in_b] == truth
    return Disagreement(
        rows[known & right_a & ~right_b],
        rows[known & ~right_a & right_b],
        rows[known & right_a & right_b],
        rows[known & ~right_a & ~right_b],
    )
