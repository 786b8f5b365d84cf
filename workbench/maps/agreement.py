"""Whether two runs find the same samples similar: nearest neighbours in common, and linear CKA.

Neighbour overlap compares small neighbourhoods and ignores large distances. CKA compares the whole:
it weighs directions by their variance, so that a few strong ones decide it. Runs may agree by one
and not by the other. Neither says which run is better.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.errors import RequestError
from workbench.maps.neighbours import Metric, nearest

_TINY = 1e-12
FEWEST_FOR_CKA = 4


@dataclass(frozen=True)
class Agreement:
    """rows: the shared sample ids (m,). per_point: share of the k neighbours in common, in [0, 1],
    float64 (m,). mean: over the points. chance: the mean of unrelated runs, k / (m - 1)."""

    rows: npt.NDArray[np.int64]
    per_point: npt.NDArray[np.float64]
    mean: float
    chance: float
    k: int


@dataclass(frozen=True)
class Matrix:
    """Several embeddings of the same n samples against each other.

    overlap: float64 (m, m), the mean share of the k nearest neighbours in common, 1 on the
    diagonal. chance: the overlap of unrelated embeddings, k / (n - 1). cka: float64 (m, m), NaN
    where an embedding does not vary at all and has no CKA.
    """

    overlap: npt.NDArray[np.float64]
    cka: npt.NDArray[np.float64]
    n: int
    k: int
    chance: float


def agreement(
    a: npt.NDArray[Any],
    rows_a: npt.NDArray[Any],
    b: npt.NDArray[Any],
    rows_b: npt.NDArray[Any],
    *,
    k: int = 15,
    metric: Metric = "euclidean",
    seed: int = 0,
) -> Agreement:
    """Neighbourhood agreement of two sets of embeddings (or maps) over their shared rows.

    a: (n, d), b: (m, e), of any widths; ``metric="cosine"`` for representations h, ``euclidean``
    for maps. Prefer representations: two UMAPs of the same data with other seeds share only about
    a third of their neighbours. Ties are broken by draws that differ between a and b, so that two
    collapsed runs agree by chance alone. ``k`` is lowered to the number of other points.
    Raises RequestError with fewer than three shared rows.
    """
    rows, in_a, in_b = np.intersect1d(rows_a, rows_b, return_indices=True)
    m = len(rows)
    if m < 3:
        raise _too_few(m)
    k = min(k, m - 1)
    neighbours_a = nearest(np.asarray(a)[in_a], k, metric, seed)
    neighbours_b = nearest(np.asarray(b)[in_b], k, metric, seed + 1)
    common = _in_common(neighbours_a, neighbours_b)
    return Agreement(rows.astype(np.int64), common, float(common.mean()), k / (m - 1), k)


def matrix(spaces: Sequence[npt.NDArray[Any]], *, k: int = 10) -> Matrix:
    """Neighbour overlap (by cosine, in native space) and linear CKA of every pair of ``spaces``.

    spaces: arrays (n, d_i) of the same n samples in the same order. ``k`` is lowered to the number
    of other samples. Ties are broken by another draw in each, so that two collapsed embeddings
    agree by chance alone. Raises RequestError for fewer than four samples.
    """
    n = len(spaces[0]) if spaces else 0
    if n < FEWEST_FOR_CKA:
        raise _too_few(n)
    k = min(k, n - 1)
    neighbours = [nearest(x, k, "cosine", seed) for seed, x in enumerate(spaces)]
    overlap = np.eye(len(spaces))
    for i, j in itertools.combinations(range(len(spaces)), 2):
        overlap[i, j] = overlap[j, i] = _in_common(neighbours[i], neighbours[j]).mean()
    centred = np.stack([_unbiased(x) for x in spaces])
    return Matrix(overlap, centred @ centred.T, n, k, k / (n - 1))


def cka(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> float:
    """Linear CKA of (n, d) and (n, e), debiased: HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L)).

    K = A A', L = B B' (Kornblith et al. 2019, arXiv 1905.00414, section 3), with the unbiased
    estimator of Song et al. 2012 (equation 5; Nguyen et al. 2021, arXiv 2010.15327, equation 3):
    with the diagonals of K and L set to 0,
    HSIC = [tr(K L) + 1'K1 1'L1 / ((n - 1)(n - 2)) - 2 1'KL1 / (n - 2)] / (n (n - 3)).
    The biased one grows with the number of columns: 500 columns of noise would reach 0.5 at n 500.

    1 for the same embeddings up to rotation, scale and shift; about 0, and at times below, for
    unrelated ones; NaN where one does not vary at all. n is at least 4, else RequestError.
    """
    if len(a) < FEWEST_FOR_CKA:
        raise _too_few(len(a))
    return float(_unbiased(a) @ _unbiased(b))


def _unbiased(x: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """The upper triangle of the U-centred Gram matrix, of length 1: the product of two is a CKA.

    U-centring (Szekely and Rizzo 2014, section 3) writes the estimator as an inner product. NaN
    for an array that does not vary.
    """
    points = np.asarray(x, np.float64)
    scale = float(np.abs(points).max(initial=0.0))
    points = points - points.mean(axis=0)
    largest = float(np.abs(points).max(initial=0.0))
    n = len(points)
    # The rest of a constant array is rounding, which has no direction.
    if largest <= _TINY * scale:
        return np.full(n * (n - 1) // 2, np.nan)
    gram = (points / largest) @ (points / largest).T
    np.fill_diagonal(gram, 0.0)
    sums = gram.sum(axis=0) / (n - 2)
    gram += sums.sum() / (n - 1) - sums[:, None] - sums[None, :]
    upper: npt.NDArray[np.float64] = gram[np.triu_indices(n, 1)]
    return upper / float(np.linalg.norm(upper))


def _in_common(
    neighbours_a: npt.NDArray[np.int64], neighbours_b: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """float64 (m,): the share of each point's neighbours (m, k) that both have."""
    m = len(neighbours_a)
    member = np.zeros((m, m), np.bool_)
    np.put_along_axis(member, neighbours_a, True, axis=1)
    shares: npt.NDArray[np.float64] = np.take_along_axis(member, neighbours_b, axis=1).mean(axis=1)
    return shares


def _too_few(count: int) -> RequestError:
    return RequestError(
        f"the runs have {count} samples in common.",
        field="runs",
        remedy="Compare runs of the same data set.",
    )
