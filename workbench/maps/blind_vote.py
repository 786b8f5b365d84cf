"""The questions of the blind vote: which of two rows of neighbours is more similar, unnamed."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Trial:
    """One question: the sample ``row``, and the neighbours that ``above`` and ``below`` give it."""

    row: int
    above: str
    below: str


def trials(by: Mapping[str, Rows], queries: Rows, seed: int) -> list[Trial]:
    """All questions, in a fixed order: every pair of sources once, then again.

    by: nearest neighbours int64 (q, k) by source; queries: int64 (q,). A question whose two rows
    hold the same samples is left out. The order, and which source is above, are drawn by ``seed``,
    so that all voters get the same questions.
    """
    rng = np.random.default_rng(seed)
    left = {}
    for first, second in itertools.combinations(sorted(by), 2):
        differs = [set(a) != set(b) for a, b in zip(by[first], by[second], strict=True)]
        left[first, second] = [int(i) for i in rng.permutation(len(queries)) if differs[i]]
    out: list[Trial] = []
    pairs = list(left)
    while pairs:
        for place in rng.permutation(len(pairs)):
            pair = pairs[int(place)]
            if left[pair]:
                above, below = pair if rng.random() < 0.5 else pair[::-1]
                out.append(Trial(int(queries[left[pair].pop()]), above, below))
        pairs = [pair for pair in pairs if left[pair]]
    return out
