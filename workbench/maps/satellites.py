"""New points, such as the augmented views of a sample, on an existing PCA map."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

# Directions weaker than this share of the strongest are rounding of the stored half precision.
_FLOOR = 1e-3


def on_map(
    h: npt.NDArray[Any], xy: npt.NDArray[Any], new: npt.NDArray[Any]
) -> npt.NDArray[np.float32]:
    """float32 (k, 2): positions of the embeddings ``new`` (k, d) on the PCA map of ``h`` (n, d).

    xy: (n, 2), the map as it was stored. The linear map from h to it is found by least squares over
    the directions in which h varies: its axes are then the stored ones, whatever their signs.
    """
    points, plane = np.asarray(h, np.float64), np.asarray(xy, np.float64)
    centre, middle = points.mean(axis=0), plane.mean(axis=0)
    left, sizes, right = np.linalg.svd(points - centre, full_matrices=False)
    kept = sizes > _FLOOR * sizes.max(initial=0.0)
    axes = right[kept].T @ ((left[:, kept].T @ (plane - middle)) / sizes[kept, None])
    placed: npt.NDArray[np.float64] = (np.asarray(new, np.float64) - centre) @ axes + middle
    return placed.astype(np.float32)
