"""Turns one map onto another, so that a sample lies in about the same place on both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

_TINY = 1e-12
_FEWEST = 3


@dataclass(frozen=True)
class Alignment:
    """xy: float32 (n, 2), the map in the reference's frame. residual: the share of the shape that
    no turning explains, in [0, 1]; 0: same shape, 1: nothing in common. shared: rows in both."""

    xy: npt.NDArray[np.float32]
    residual: float
    shared: int


def align(
    xy: npt.NDArray[Any],
    rows: npt.NDArray[Any],
    reference_xy: npt.NDArray[Any],
    reference_rows: npt.NDArray[Any],
    *,
    rescale: bool = True,
) -> Alignment:
    """Procrustes: shifts, rotates, mirrors and scales ``xy`` onto the reference over shared rows.

    xy: (n, 2); rows: (n,) sample ids, unique; the same for the reference. The residual is
    1 - (sum of singular values of A'B)^2 / (|A|^2 |B|^2) with A, B the centred shared points
    (Gower 1975; scipy.spatial.procrustes calls it disparity). The scale makes both maps equally
    wide: the least-squares scale would shrink a map that has little in common with the reference
    to a dot. ``rescale=False`` keeps the units, so that a collapsed map stays small.
    With fewer than three shared rows, or a map that is a single point, nothing can be matched: the
    map is shifted at most, with residual 1.
    """
    moving, fixed = np.asarray(xy, np.float64), np.asarray(reference_xy, np.float64)
    _, shared_here, shared_there = np.intersect1d(rows, reference_rows, return_indices=True)
    shared = len(shared_here)
    if shared < _FEWEST:
        return Alignment(moving.astype(np.float32), 1.0, shared)
    centre, target = moving[shared_here].mean(axis=0), fixed[shared_there].mean(axis=0)
    a, b = moving[shared_here] - centre, fixed[shared_there] - target
    size_a, size_b = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    if size_a <= _TINY or size_b <= _TINY:
        return Alignment((moving - centre + target).astype(np.float32), 1.0, shared)
    left, values, right = np.linalg.svd(a.T @ b)
    turn = left @ right
    scale = size_b / size_a if rescale else 1.0
    residual = 1.0 - min(1.0, float(values.sum()) / (size_a * size_b)) ** 2
    placed = (moving - centre) @ turn * scale + target
    return Alignment(placed.astype(np.float32), residual, shared)
