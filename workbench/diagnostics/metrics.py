"""Collapse metrics of embeddings: pure functions of arrays, each with its formula and its limits.

Notation: Z is (n, d), one embedding a row; zn are its rows divided by their length; s are the
singular values of Z (not centred); lam are the eigenvalues of its centred covariance.
No single number sees every collapse: std and cosine miss low rank, centred spectra miss constant
output. The verdict (``workbench.diagnostics.verdict``) takes one of each kind.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.errors import RequestError

Array = npt.NDArray[Any]
_TINY = 1e-12
_RANKME_EPSILON = 1e-7


def as_embeddings(z: Array) -> npt.NDArray[np.float64]:
    """Z as float64 (n, d). Raises RequestError for wrong rank, fewer than two rows, NaN or Inf."""
    array = np.asarray(z)
    if array.ndim != 2 or not np.issubdtype(array.dtype, np.number):
        raise RequestError(
            f"embeddings have shape {array.shape} and type {array.dtype}.",
            field="embeddings",
            remedy="Give a two-dimensional array of numbers, one embedding a row.",
        )
    if array.shape[0] < 2 or array.shape[1] < 1:
        raise RequestError(
            f"{array.shape[0]} rows of {array.shape[1]} columns cannot be judged.",
            field="embeddings",
            remedy="Give at least two rows and one column.",
        )
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        bad = int((~np.isfinite(array)).any(axis=1).sum())
        raise RequestError(
            f"{bad} rows hold NaN or Inf.", field="embeddings", remedy="Remove or mend these rows."
        )
    return array


def std_sqrt_d(z: Array) -> float:
    """mean_j std_i(zn_ij) times sqrt(d).

    1 for isotropic embeddings, 0 for constant ones; 0.81 for an antipodal pair, so it does not see
    low rank. SimSiam, section 4.1 (2011.10566), there without the factor sqrt(d).
    """
    unit = _unit(as_embeddings(z))
    return float(unit.std(axis=0).mean() * np.sqrt(unit.shape[1]))


def mean_cosine(z: Array) -> float:
    """Mean cosine over all pairs of different rows: (|sum zn|^2 - n) / (n (n - 1)).

    0 for isotropic or antipodal embeddings, 1 for constant ones.
    """
    unit = _unit(as_embeddings(z))
    n = unit.shape[0]
    total: npt.NDArray[np.float64] = unit.sum(axis=0, dtype=np.float64)
    lengths = float((unit * unit).sum())
    return float((total @ total - lengths) / (n * (n - 1)))


def singular_values(z: Array) -> npt.NDArray[np.float64]:
    """float64 (min(n, d),), descending, of Z as it is (not centred)."""
    return np.asarray(np.linalg.svd(as_embeddings(z), compute_uv=False), np.float64)


def rankme(z: Array) -> float:
    """exp(-sum p log p) with p = s / |s|_1 + 1e-7.

    min(n, d) for a flat spectrum, 1 for rank one. Meant for runs of one method, not for ranking
    methods. RankMe, equation 1 (Garrido et al., 2210.02885).
    """
    return _rankme(singular_values(z))


def spectrum(z: Array) -> npt.NDArray[np.float64]:
    """Eigenvalues of the centred covariance (divided by n), float64 (min(n, d),), descending."""
    array = as_embeddings(z)
    centred = array - array.mean(axis=0)
    values = np.linalg.svd(centred, compute_uv=False)
    result: npt.NDArray[np.float64] = values * values / len(array)
    return result


def participation_ratio(z: Array) -> float:
    """(sum lam)^2 / sum lam^2 of the centred covariance; 1 for rank one, nd / (n + d) isotropic.

    0 for exactly constant embeddings, which have no direction at all.
    """
    return _participation(spectrum(z))


def top_share(z: Array) -> float:
    """Share of the variance in the strongest direction: lam_1 / sum lam; 1 for rank one.

    1 for exactly constant embeddings, by convention.
    """
    return _top_share(spectrum(z))


@lru_cache(maxsize=64)
def rankme_gaussian(n: int, d: int) -> float:
    """RankMe of seeded iid standard Gaussian data of the same shape: the reference line.

    RankMe of a finite sample lies below d even for isotropic data (237 for n 256, d 512), so
    numbers of different shapes compare only as a share of this.
    """
    return rankme(np.random.default_rng(0).standard_normal((n, d)))


def summarise(z: Array) -> dict[str, float]:
    """All metrics of one check, from two singular value decompositions."""
    array = as_embeddings(z)
    n, d = array.shape
    lam = spectrum(array)
    rank = rankme(array)
    return {
        "std_sqrt_d": std_sqrt_d(array),
        "mean_cosine": mean_cosine(array),
        "rankme": rank,
        "rankme_ratio": rank / rankme_gaussian(n, d),
        "participation_ratio": _participation(lam),
        "top_share": _top_share(lam),
        "n": float(n),
        "d": float(d),
    }


def _unit(z: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    lengths = np.linalg.norm(z, axis=1, keepdims=True)
    unit: npt.NDArray[np.float64] = z / np.maximum(lengths, _TINY)
    return unit


def _rankme(s: npt.NDArray[np.float64]) -> float:
    total = s.sum()
    if total <= _TINY:
        return 1.0
    p = s / total + _RANKME_EPSILON
    return float(np.exp(-(p * np.log(p)).sum()))


def _participation(lam: npt.NDArray[np.float64]) -> float:
    squares = float((lam * lam).sum())
    return float(lam.sum() ** 2 / squares) if squares > _TINY**2 else 0.0


def _top_share(lam: npt.NDArray[np.float64]) -> float:
    total = float(lam.sum())
    return float(lam[0] / total) if total > _TINY else 1.0
