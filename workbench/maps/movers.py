"""Movers: the samples whose neighbours differ most between two runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.maps.neighbours import distances, nearest

NEIGHBOURS = 10
_FEWEST = 3


@dataclass(frozen=True)
class NeighbourChanges:
    """How far each of n samples moved. changed: share of its k neighbours that it lost, float64
    (n,) in [0, 1]. distance: how far its neighbours of one space lie from it in the other, as a
    share of all samples, float64 (n,) in [0, 1]. order: positions int64 (n,), most moved first.

    neighbours_a, neighbours_b: positions int64 (n, k) of its neighbours, nearest first.
    """

    changed: npt.NDArray[np.float64]
    distance: npt.NDArray[np.float64]
    order: npt.NDArray[np.int64]
    neighbours_a: npt.NDArray[np.int64]
    neighbours_b: npt.NDArray[np.int64]


def movers(
    a: npt.NDArray[Any], b: npt.NDArray[Any], *, k: int = NEIGHBOURS
) -> NeighbourChanges | None:
    """Compares the neighbours of the same n samples in two spaces, by cosine in the spaces
    themselves; None for fewer than three samples, which have no neighbours to lose.

    a: (n, d); b: (n, e). The order is by ``changed``, ties by ``distance``, then by position. ``k``
    is lowered to a third of the other samples, because with half of them every sample keeps half.
    Ties within a space are broken by another draw in each, so that a collapsed run keeps neighbours
    by chance alone.
    """
    n = len(a)
    if n < _FEWEST:
        return None
    k = max(1, min(k, (n - 1) // 3))
    neighbours_a, neighbours_b = nearest(a, k, "cosine", 0), nearest(b, k, "cosine", 1)
    changed = share_lost(neighbours_a, neighbours_b)
    distance = (_rank(b, neighbours_a) + _rank(a, neighbours_b)) / (2 * max(1, n - 2))
    order = np.lexsort((np.arange(n), -distance, -changed))
    return NeighbourChanges(changed, distance, order, neighbours_a, neighbours_b)


def share_lost(
    neighbours_a: npt.NDArray[np.int64], neighbours_b: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """float64 (n,): the share of each sample's ``neighbours_a`` (n, k) that are not among its
    ``neighbours_b`` (n, k)."""
    common = (neighbours_a[:, :, None] == neighbours_b[:, None, :]).any(axis=2)
    shares: npt.NDArray[np.float64] = 1.0 - common.mean(axis=1)
    return shares


def _rank(x: npt.NDArray[Any], neighbours: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """float64 (n,): the mean number of other samples that lie nearer in ``x`` than ``neighbours``
    (n, k) do."""
    every = distances(x, "cosine")
    chosen = np.take_along_axis(every, neighbours, axis=1)
    ordered = np.sort(every, axis=1)
    ranks = [np.searchsorted(row, wanted) for row, wanted in zip(ordered, chosen, strict=True)]
    means: npt.NDArray[np.float64] = np.mean(ranks, axis=1)
    return means
