"""How many directions embeddings use, and how evenly: metrics of their spectrum.

Notation: Z is (n, d), one embedding a row; s are the singular values of Z as it is (not centred);
lam are the eigenvalues of its centred covariance, descending. These metrics see dimensional
collapse. Those of lam are blind to complete collapse: a constant with tiny isotropic noise has as
many directions as the noise (``location`` sees that).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from workbench.diagnostics.embeddings import ROUNDING, Array, Floats, as_embeddings, scaled

_RANKME_EPSILON = 1e-7
# alpha-ReQ fits these eigenvalues: the first follow no power law, the last are the sample's noise.
_FIT_FROM, _FIT_TO = 10, 100
# Eigenvalues below this share of the first are rounding of single precision.
_NOTHING = 1e-10


def singular_values(z: Array) -> Floats:
    """float64 (min(n, d),), descending, of Z as it is (not centred)."""
    return np.asarray(np.linalg.svd(as_embeddings(z), compute_uv=False), np.float64)


def spectrum(z: Array) -> Floats:
    """Eigenvalues of the centred covariance (divided by n), float64 (min(n, d),), descending."""
    array = as_embeddings(z)
    values = np.linalg.svd(array - array.mean(axis=0), compute_uv=False)
    result: Floats = values * values / len(array)
    return result


def rankme(z: Array) -> float:
    """exp(-sum p log p) with p = s / |s|_1 + 1e-7.

    min(n, d) for a flat spectrum, 1 for rank one and, as Z is not centred, for a constant. Meant
    for runs of one method, not for ranking methods. Blind to whether the directions are of any
    use. RankMe, equation 1 (Garrido et al., 2210.02885).
    """
    return rank_of(singular_values(scaled(as_embeddings(z))))


@lru_cache(maxsize=64)
def rankme_gaussian(n: int, d: int) -> float:
    """RankMe of seeded iid standard Gaussian data of the same shape: the reference line.

    RankMe of a finite sample lies below d even for isotropic data (237 for n 256, d 512), so
    numbers of different shapes compare only as a share of this.
    """
    return rankme(np.random.default_rng(0).standard_normal((n, d)))


def participation_ratio(z: Array) -> float:
    """(sum lam)^2 / sum lam^2; 1 for rank one, nd / (n + d) isotropic.

    K tight classes give at most K - 1, which is no fault. 0 for exactly constant embeddings, which
    have no direction.
    """
    return participation_of(variances(as_embeddings(z)))


def top_share(z: Array) -> float:
    """Share of the variance in the strongest direction: lam_1 / sum lam; 1 for rank one.

    (1 + sqrt(d / n))^2 / d isotropic, and 1 for exactly constant embeddings, by convention. Blind
    to all directions but the first.
    """
    return top_share_of(variances(as_embeddings(z)))


def nesum(z: Array) -> float:
    """sum lam_j / lam_1: the variance as multiples of that of the strongest direction.

    1 for rank one; d for isotropic embeddings as n grows, d / (1 + sqrt(d / n))^2 in a finite
    sample; 0 for exactly constant ones. The inverse of ``top_share``, and like it blind to how the
    other directions share the rest. He & Ozay, ICML 2022, definition 4.1.
    """
    return nesum_of(variances(as_embeddings(z)))


def alpha_req(z: Array) -> float:
    """-slope of log lam_j over log j, least squares with weights 1/j, j = 10 to 100.

    With fewer than 100 eigenvalues (the smaller of d and n - 1) the fit ends at the last one; with
    fewer than 20, or where the tenth is only rounding, it begins at the first. An eigenvalue below
    1e-10 of the first counts as that much, so that the steep end of low rank shows. 0 for a flat
    spectrum (isotropic, about .1 to .4 in a finite sample), a for lam_j = j^-a; large for rank r
    without noise; 0 for exactly constant embeddings and for one column, which have no slope. Blind
    to the first nine directions: a strong one before isotropic noise looks flat. Another range may
    rank runs in another order. Agrawal et al., NeurIPS 2022, recommend a value near 1, of
    representations h; the range is this workbench's choice.
    """
    array = as_embeddings(z)
    return alpha_of(variances(array), len(array))


def variances(z: Floats) -> Floats:
    """``spectrum`` up to its scale, float64 (min(n, d),); eigenvalues that are rounding are 0."""
    lam = spectrum(scaled(z))
    return np.where(lam > lam.size * ROUNDING**2, lam, 0.0)


def rank_of(values: Floats) -> float:
    """exp of the entropy of p = values / their sum + 1e-7; 1 if all are 0."""
    total = values.sum()
    if total <= 0:
        return 1.0
    p = values / total + _RANKME_EPSILON
    return float(np.exp(-(p * np.log(p)).sum()))


def participation_of(lam: Floats) -> float:
    """``participation_ratio`` of eigenvalues."""
    return float(lam.sum() ** 2 / (lam * lam).sum()) if lam[0] > 0 else 0.0


def top_share_of(lam: Floats) -> float:
    """``top_share`` of eigenvalues."""
    return float(lam[0] / lam.sum()) if lam[0] > 0 else 1.0


def nesum_of(lam: Floats) -> float:
    """``nesum`` of eigenvalues."""
    return float(lam.sum() / lam[0]) if lam[0] > 0 else 0.0


def alpha_of(lam: Floats, n: int) -> float:
    """``alpha_req`` of the eigenvalues of n rows."""
    count = min(lam.size, n - 1)
    if count < 2 or lam[0] <= 0:
        return 0.0
    least = _NOTHING * lam[0]
    tail = count >= 2 * _FIT_FROM and lam[_FIT_FROM - 1] > least
    j = np.arange(_FIT_FROM if tail else 1, min(count, _FIT_TO) + 1, dtype=np.float64)
    x, y = np.log(j), np.log(np.maximum(lam[j.astype(np.int64) - 1], least))
    weight = 1 / j / (1 / j).sum()
    dx = x - weight @ x
    return float(-(weight * dx) @ (y - weight @ y) / ((weight * dx) @ dx))
