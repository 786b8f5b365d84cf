"""The collapse metrics of one set of embeddings, all in one table: ``METRICS``.

No single number sees every collapse: std and cosine (``location``) miss low rank, centred spectra
(``spectrum``) miss constant output. The verdict (``workbench.diagnostics.verdict``) takes one of
each kind. Metrics that need augmented views are in ``views``. To add a metric, write a function and
add a row here (docs/how-to/add-a-diagnostic.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from workbench.diagnostics.embeddings import Array, Floats, as_embeddings, scaled, unit_rows
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
    "METRICS",
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


@dataclass(frozen=True)
class Prepared:
    """Embeddings with what several metrics need, each made once.

    array: float64 (n, d), divided by its largest entry, because no metric changes with scale.
    """

    array: Floats

    @cached_property
    def unit(self) -> Floats:
        """float64 (n, d): rows of length 1."""
        return unit_rows(self.array)

    @cached_property
    def variances(self) -> Floats:
        """float64 (min(n, d),): eigenvalues of the centred covariance, descending."""
        return variances(self.array)

    @cached_property
    def rankme(self) -> float:
        """RankMe of the uncentred embeddings."""
        return rank_of(singular_values(self.array))


@dataclass(frozen=True)
class Metric:
    """meaning: in words, with the value of healthy and of collapsed embeddings. of: its value."""

    meaning: str
    of: Callable[[Prepared], float]


METRICS: Mapping[str, Metric] = {
    "std_sqrt_d": Metric(
        "spread: about 1 is healthy, 0 is all in one place",
        lambda z: std_of(z.unit),
    ),
    "mean_cosine": Metric(
        "mean cosine: about 0 is healthy, 1 is all in one place",
        lambda z: cosine_of(z.unit),
    ),
    "rankme": Metric(
        "RankMe: directions in use",
        lambda z: z.rankme,
    ),
    "rankme_ratio": Metric(
        "RankMe as a share of that of evenly spread rows",
        lambda z: z.rankme / rankme_gaussian(*z.array.shape),
    ),
    "participation_ratio": Metric(
        "participation ratio: directions that hold most of the variance",
        lambda z: participation_of(z.variances),
    ),
    "top_share": Metric(
        "share of the variance in the strongest direction",
        lambda z: top_share_of(z.variances),
    ),
    "nesum": Metric(
        "NESum: the variance as multiples of that of the strongest direction",
        lambda z: nesum_of(z.variances),
    ),
    "alpha_req": Metric(
        "alpha-ReQ: how fast the spectrum falls; about 1 is common, large: few directions",
        lambda z: alpha_of(z.variances, len(z.array)),
    ),
    "uniformity": Metric(
        "uniformity: -4 + 8/d spread out evenly, 0 all in one place",
        lambda z: uniformity_of(z.unit),
    ),
    "off_diagonal": Metric(
        "correlation between columns: 0 none, 1 all say the same",
        lambda z: off_diagonal_of(z.array),
    ),
    "n": Metric("rows judged", lambda z: float(z.array.shape[0])),
    "d": Metric("columns", lambda z: float(z.array.shape[1])),
}


def summarise(z: Array) -> dict[str, float]:
    """All ``METRICS`` by name, from two singular value decompositions. None changes with scale.

    z: (n, d), at least two rows; every number is finite, also for constant embeddings, constant
    columns, n < d and d = 1. Raises RequestError for NaN, Inf and anything but such an array.
    """
    prepared = Prepared(scaled(as_embeddings(z)))
    return {name: metric.of(prepared) for name, metric in METRICS.items()}
