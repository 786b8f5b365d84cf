"""Exact significance tests for few seeds or for paired samples, small enough to explain.

One seed is an observation, three are indicative; "scores higher" needs at least six paired seeds
(the smallest p a two-sided sign-flip test of k pairs can reach is 2 / 2^k: 0.25 for three, 0.031
for six).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

_MOST_EXACT = 16
_FLIPS = 20_000


def smallest_p(pairs: int) -> float:
    """The smallest two-sided p that a sign-flip test of ``pairs`` differences can reach."""
    return min(1.0, 2.0 / 2.0**pairs)


def sign_flip(differences: Sequence[float], seed: int = 0) -> float:
    """Two-sided p of "the paired differences are as likely to have the other sign".

    Exact over all sign patterns up to 16 pairs, else over 20,000 seeded ones.
    """
    values = np.asarray(differences, np.float64)
    if not len(values):
        return 1.0
    if len(values) <= _MOST_EXACT:
        signs = np.array(list(product((1.0, -1.0), repeat=len(values))))
    else:
        signs = np.random.default_rng(seed).choice((1.0, -1.0), size=(_FLIPS, len(values)))
        signs[0] = 1.0
    sums = np.abs(signs @ values)
    return float((sums >= abs(values.sum()) * (1 - 1e-12)).mean())


def mcnemar(first_only: int, second_only: int) -> float:
    """Exact two-sided p of two classifiers on the same samples.

    first_only, second_only: samples that only one of them gets right. The test is about these two
    trained models, not about their methods.
    """
    n, fewer = first_only + second_only, min(first_only, second_only)
    if n == 0:
        return 1.0
    # In whole numbers: for thousands of samples a float overflows.
    ways = total = 1
    for i in range(fewer):
        ways = ways * (n - i) // (i + 1)
        total += ways
    return min(1.0, 2 * total / (1 << n))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjusted p values, in the order given."""
    order = np.argsort(p_values, kind="stable")
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for place, position in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - place) * float(p_values[position])))
        adjusted[position] = highest
    return adjusted
