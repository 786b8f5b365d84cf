"""Do two runs find the same samples alike? The share of nearest neighbours they have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.errors import RequestError
from workbench.maps.neighbours import Metric, nearest


@dataclass(frozen=True)
class Agreement:
    """rows: the shared sample ids (m,). per_point: share of the k neighbours in common, in [0, 1],
    float64 (m,). mean: over the points. chance: what unrelated runs reach, k / (m - 1)."""

    rows: npt.NDArray[np.int64]
    per_point: npt.NDArray[np.float64]
    mean: float
    chance: float
    k: int


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
    rows, here, there = np.intersect1d(rows_a, rows_b, return_indices=True)
    m = len(rows)
    if m < 3:
        raise RequestError(
            f"the runs have {m} samples in common.",
            field="runs",
            remedy="Compare runs of the same data set.",
        )
    k = min(k, m - 1)
    near_a = nearest(np.asarray(a)[here], k, metric, seed)
    near_b = nearest(np.asarray(b)[there], k, metric, seed + 1)
    member = np.zeros((m, m), np.bool_)
    np.put_along_axis(member, near_a, True, axis=1)
    common = np.take_along_axis(member, near_b, axis=1).mean(axis=1)
    return Agreement(rows.astype(np.int64), common, float(common.mean()), k / (m - 1), k)
