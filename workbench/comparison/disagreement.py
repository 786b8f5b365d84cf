"""Samples that one run gets right and another wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.comparison.evidence import Predictions

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Disagreement:
    """Samples that both runs answered on, by who is right: positions in the data's cache, int64,
    ascending. only_a, only_b: one alone; both; neither."""

    only_a: Rows
    only_b: Rows
    both: Rows
    neither: Rows

    @property
    def n(self) -> int:
        """How many samples both answered on."""
        return sum(len(rows) for rows in (self.only_a, self.only_b, self.both, self.neither))


def disagreement(a: Predictions, b: Predictions, protocol: str) -> Disagreement | None:
    """Who is right on the samples that both answered on; None without a common one, or if one has
    no answers by ``protocol``. Samples without a label (truth below 0) are left out."""
    if protocol not in a.answers or protocol not in b.answers:
        return None
    rows, here, there = np.intersect1d(a.rows, b.rows, return_indices=True)
    truth = a.truth[here]
    known = (truth >= 0) & (truth == b.truth[there])
    if not known.any():
        return None
    right_a = np.asarray(a.answers[protocol])[here] == truth
    right_b = np.asarray(b.answers[protocol])[there] == truth
    return Disagreement(
        rows[known & right_a & ~right_b],
        rows[known & ~right_a & right_b],
        rows[known & right_a & right_b],
        rows[known & ~right_a & ~right_b],
    )
