"""The collapse metrics of one set of embeddings together.

No single number sees every collapse: std and cosine (``location``) miss low rank, centred spectra
(``spectrum``) miss constant output. The verdict (``workbench.diagnostics.verdict``) takes one of
each kind. What needs augmented views stands in ``views``.
"""

from __future__ import annotations

from workbench.diagnostics.embeddings import Array, as_embeddings, scaled, unit_rows
from workbench.diagnostics.location import (
    cosine_of,
    mean_cosine,
    std_of,
    std_sqrt_d,
    uniformity,
    uniformity_of,
)
from workbench.diagnostics.redundancy import off_diagonal, off_diagonal_of
from workbench.diagnostics.spectrum import (
    alpha_of,
    alpha_req,
    nesum,
    nesum_of,
    participation_of,
    participation_ratio,
    rank_of,
    rankme,
    rankme_gaussian,
    singular_values,
    spectrum,
    top_share,
    top_share_of,
    variances,
)

__all__ = [
    "alpha_req",
    "as_embeddings",
    "mean_cosine",
    "nesum",
    "off_diagonal",
    "participation_ratio",
    "rankme",
    "rankme_gaussian",
    "singular_values",
    "spectrum",
    "std_sqrt_d",
    "summarise",
    "top_share",
    "uniformity",
]


def summarise(z: Array) -> dict[str, float]:
    """All metrics of one check, from two singular value decompositions. None changes with scale.

    z: (n, d), at least two rows; every number is finite, also for constant embeddings, constant
    columns, n < d and d = 1. Raises RequestError for NaN, Inf and what is no such array.
    """
    array = scaled(as_embeddings(z))
    n, d = array.shape
    unit, lam = unit_rows(array), variances(array)
    rank = rank_of(singular_values(array))
    return {
        "std_sqrt_d": std_of(unit),
        "mean_cosine": cosine_of(unit),
        "rankme": rank,
        "rankme_ratio": rank / rankme_gaussian(n, d),
        "participation_ratio": participation_of(lam),
        "top_share": top_share_of(lam),
        "nesum": nesum_of(lam),
        "alpha_req": alpha_of(lam, n),
        "uniformity": uniformity_of(unit),
        "off_diagonal": off_diagonal_of(array),
        "n": float(n),
        "d": float(d),
    }
