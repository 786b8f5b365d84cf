"""PCA maps: the two strongest directions of embeddings. Linear, repeatable and quick."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.diagnostics.metrics import as_embeddings

_TINY = 1e-12


def pca(
    h: npt.NDArray[Any], seed: int = 0
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
    """Coordinates float32 (n, 2) and the two shares of the variance they hold, float64 (2,).

    h: (n, d), centred here and not scaled, so that distances keep the units of ``h``. The sign of
    an axis is fixed: its loading of largest size is positive. Constant embeddings give zeros and
    shares of 0; with one column, the second axis is 0. ``seed`` is accepted so that all
    maps have one signature; the result does not depend on it.
    Raises RequestError for NaN, Inf, or anything but two rows or more of numbers.
    """
    del seed
    coordinates, variances, total = components(h, 2)
    shares = np.zeros(2)
    shares[: len(variances)] = variances / total if total > _TINY else 0.0
    xy = np.zeros((len(coordinates), 2), np.float32)
    xy[:, : coordinates.shape[1]] = coordinates
    return xy, shares


def components(
    h: npt.NDArray[Any], most: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], float]:
    """The first ``most`` principal components: (n, k), their variances (k,), the total variance.

    k is the least of ``most``, n and d.
    """
    array = as_embeddings(h)
    centred = array - array.mean(axis=0)
    left, sizes, right = np.linalg.svd(centred, full_matrices=False)
    k = min(most, len(sizes))
    peaks = np.abs(right[:k]).argmax(axis=1)
    signs = np.sign(right[np.arange(k), peaks])
    signs[signs == 0] = 1.0
    variances = sizes * sizes / len(array)
    return left[:, :k] * sizes[:k] * signs, variances[:k], float(variances.sum())
