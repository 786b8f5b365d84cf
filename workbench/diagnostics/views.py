"""Metrics of projections of two or more augmented views of the same samples.

Notation: V is (n, q, d), q views of each of n samples; zn are its rows divided by their length.
S_w is the covariance of views around the mean of their sample, S_b that of these means. Read both
metrics together with ``location`` and ``spectrum``: views of a collapsed network agree perfectly.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from workbench.diagnostics.embeddings import ROUNDING, Array, Floats, scaled, unit_rows
from workbench.diagnostics.spectrum import rank_of
from workbench.errors import RequestError

_DELTA = 1e-4


def as_views(views: Array) -> Floats:
    """V as float64 (n, q, d). Raises RequestError for fewer than two samples or views, NaN, Inf."""
    array = np.asarray(views)
    shaped = array.ndim == 3 and min(array.shape[:2]) >= 2 and array.shape[2] >= 1
    if not shaped or array.dtype.kind not in "fiu":
        raise RequestError(
            f"embeddings of views have shape {array.shape} and type {array.dtype}.",
            field="views",
            remedy="Give real numbers of shape (samples, views, columns), two views or more.",
        )
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise RequestError(
            "embeddings of views hold NaN or Inf.",
            field="views",
            remedy="Remove or mend these rows.",
        )
    return array


def alignment(views: Array) -> float:
    """Mean over samples and pairs of views of |zn - zn'|^2, in [0, 4].

    0 where the views of a sample are one point, 2 where they are as far apart as different samples
    are in isotropic embeddings. It is 0 in a complete collapse too: read it together with the
    spread. Wang & Isola (2005.10242), section 4.1.1, alpha = 2.
    """
    unit = unit_rows(as_views(views))
    q = unit.shape[1]
    total = unit.sum(axis=1)
    # sum_{a<b} |z_a - z_b|^2 = q sum |z_a|^2 - |sum z_a|^2
    apart = q * (unit * unit).sum(axis=(1, 2)) - (total * total).sum(axis=1)
    return float(np.maximum(apart, 0.0).mean() / (q * (q - 1) / 2))


def lidar(views: Array, delta: float = _DELTA) -> float:
    """exp(-sum p log p), p = mu / |mu|_1 + 1e-7, mu the eigenvalues of
    (S_w + delta I)^-1/2 S_b (S_w + delta I)^-1/2; S_b divided by n - 1, S_w by n (q - 1).

    How many directions separate samples by more than their views differ; in [1, min(d, n - 1)].
    r where r directions do and stand out, 1 for exactly constant embeddings. Blind to strength:
    directions without any signal keep an eigenvalue of 1/q, so that embeddings whose views have
    nothing in common score as high as perfect isotropic ones (alignment separates the two). Weak
    directions beside one that holds all variance count in full, so that dimensional collapse may
    pass. An untrained network may score higher than a trained one. Values compare at equal n, q
    and d only.

    delta is in the embeddings' own unit. Where n (q - 1) < d it means little, as S_w is then
    delta alone in some directions. LiDAR (Thilak et al., 2312.04000), section 4.
    """
    array = as_views(views)
    n, q, d = array.shape
    means = array.mean(axis=1)
    between = (means - means.mean(axis=0)) / math.sqrt(n - 1)
    if np.abs(between).max() <= ROUNDING * np.abs(array).max():
        return 1.0
    within = (array - means[:, None]).reshape(n * q, d) / math.sqrt(n * (q - 1))
    root = np.linalg.cholesky(within.T @ within + delta * np.eye(d))
    # Any square root of the inverse gives the same eigenvalues.
    whitened = np.linalg.solve(root, between.T)
    gram = whitened @ whitened.T if d <= n else whitened.T @ whitened
    return rank_of(np.maximum(np.linalg.eigvalsh(gram), 0.0))


@lru_cache(maxsize=64)
def lidar_gaussian(n: int, q: int, d: int) -> float:
    """LiDAR of seeded iid standard Gaussian data of the same shape: the reference line.

    Isotropic embeddings have this value whatever their views share, from nothing to nearly all,
    because S_w is as uncertain then. Only where views are the same to the last digit do they lie
    above it, by a tenth at n = 2 d.
    """
    return lidar(np.random.default_rng(0).standard_normal((n, q, d)))


def summarise_views(views: Array) -> dict[str, float]:
    """``alignment`` of the first two views, and ``lidar`` and ``lidar_ratio`` of all of them.

    views: (n, q, d); those of index 0 and 1 are a pair as training makes them. For LiDAR they are
    divided by one number, so that the mean variance of a column is 1: delta then means the same for
    projections of length 1 and of any other. lidar_ratio is LiDAR as a share of isotropic data's
    (``lidar_gaussian``). Where n (q - 1) < d there is no LiDAR.
    """
    array = as_views(views)
    n, q, d = array.shape
    values = {"alignment": alignment(array[:, :2])}
    if n * (q - 1) >= d:
        array = scaled(array)
        spread = float(np.sqrt(array.reshape(n * q, d).var(axis=0).mean()))
        value = lidar(array / spread if spread > ROUNDING else array)
        values |= {"lidar": value, "lidar_ratio": value / lidar_gaussian(n, q, d)}
    return values
