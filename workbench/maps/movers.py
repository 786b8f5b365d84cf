"""Which samples have other neighbours in one run than in another: the movers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.maps.neighbours import distances, nearest

NEIGHBOURS = 10
_FEWEST = 3


@dataclass(frozen=True)
class Moved:
    """How far each of n samples moved. changed: share of its k neighbours that it lost, float64
    (n,) in [0, 1]; distance: how far its neighbours of either space lie from it in the other, as a
    share of all samples, float64 (n,) in [0, 1]; order: positions int64 (n,), most moved first.

    near_a, near_b: positions int64 (n, k) of its neighbours in either space, nearest first.
    """

    changed: npt.NDArray[np.float64]
    distance: npt.NDArray[np.float64]
    order: npt.NDArray[np.int64]
    near_a: npt.NDArray[np.int64]
    near_b: npt.NDArray[np.int64]


def movers(a: npt.NDArray[Any], b: npt.NDArray[Any], *, k: int = NEIGHBOURS) -> Moved | None:
    """Compares the neighbours of the same n samples in two spaces, by cosine in the spaces
    themselves; None for fewer than three samples, which have no neighbours to lose.

    a: (n, d); b: (n, e). The order is by ``changed``, ties by ``distance``, then by position. ``k``
    is lowered to a third of the other samples, because with half of them everybody keeps half.
    Ties within a space are drawn, another draw in each, so that a collapsed run keeps no neighbour
    but by chance.
    """
    n = len(a)
    if n < _FEWEST:
        return None
    k = max(1, min(k, (n - 1) // 3))
    near_a, near_b = nearest(a, k, "cosine", 0), nearest(b, k, "cosine", 1)
    changed = lost(near_a, near_b)
    distance = (_rank(b, near_a) + _rank(a, near_b)) / (2 * max(1, n - 2))
    order = np.lexsort((np.arange(n), -distance, -changed))
    return Moved(changed, distance, order, near_a, near_b)


def lost(near_a: npt.NDArray[np.int64], near_b: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """float64 (n,): the share of each sample's neighbours in ``near_a`` (n, k) that ``near_b`` has
    not."""
    common = (near_a[:, :, None] == near_b[:, None, :]).any(axis=2)
    shares: npt.NDArray[np.float64] = 1.0 - common.mean(axis=1)
    return shares


def _rank(x: npt.NDArray[Any], near: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """float64 (n,): the mean number of other samples that lie nearer in ``x`` than ``near`` do."""
    far = distances(x, "cosine")
    asked = np.take_along_axis(far, near, axis=1)
    ordered = np.sort(far, axis=1)
    ranks = [np.searchsorted(row, wanted) for row, wanted in zip(ordered, asked, strict=True)]
    means: npt.NDArray[np.float64] = np.mean(ranks, axis=1)
    return means
