"""The zone of one set of metrics, without history, and the thresholds between zones.

Thresholds are engineering choices, calibrated on runs of the sample data and checked on others
(docs/verdict.md), not published constants; every verdict therefore carries its numbers. A zone
takes one location metric (are all embeddings in one place?) and one spectrum metric (do they use
more than one direction?), because each is blind to what the other sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Label = Literal[
    "no sign of collapse",
    "dimensional collapse",
    "complete collapse",
    "low rank",
    "not learning",
    "too early to say",
]
Metrics = Mapping[str, float]

# At mean cosine 0.9 and std times sqrt(d) 0.32 a tenth of the squared length of zn is spread.
COMPLETE_COSINE = 0.9
COMPLETE_STD = 0.32
# Pairs of (participation ratio, RankMe as a share of isotropic data's): below both of a pair, all
# but a direction or two are lost. One of them alone is no fault: a healthy SimSiam run on little
# data has a participation ratio of 2, and a space of few tight classes has a low RankMe.
DIMENSIONAL = ((1.3, 1.0), (2.2, 0.10), (2.5, 0.05))
DIMENSIONAL_RATIO = DIMENSIONAL[0][0]
LOW_RANK = 0.25
# Representations of tasks without a projection carry a common offset that is no fault (a trained
# MAE encoder: mean cosine above 0.99, neighbours far better than untrained). So only embeddings
# that are constant to rounding count as collapsed there.
CONSTANT_STD = 1e-3
# Their spectrum counts as lost only compared with the untrained encoder's, which may be as narrow
# (a vision transformer on centred pictures: participation ratio 1.3): the participation ratio less
# one must have shrunk by this factor.
NARROWED = 0.5
# Embeddings from elsewhere may be representations or projections. An offset that all share (mean
# cosine 0.99, std times sqrt(d) 0.1) is no fault of the former, so only a smaller spread counts as
# one place; the reason mentions what lies between.
ELSEWHERE_STD = 0.05


def zone(metrics: Metrics, *, projected: bool = True) -> Label:
    """The zone of one set of metrics, without history.

    projected: whether they are of projections, for which the thresholds were made.
    """
    if not projected:
        if metrics["std_sqrt_d"] < CONSTANT_STD:
            return "complete collapse"
        if metrics["participation_ratio"] < DIMENSIONAL_RATIO and metrics["d"] > 1:
            return "dimensional collapse"
        return "low rank" if metrics["rankme_ratio"] < LOW_RANK else "no sign of collapse"
    if metrics["mean_cosine"] > COMPLETE_COSINE or metrics["std_sqrt_d"] < CONSTANT_STD:
        return "complete collapse"
    used = spectrum_zone(metrics)
    # Std times sqrt(d) is a mean over dimensions: one strong direction alone makes it small.
    if metrics["std_sqrt_d"] < COMPLETE_STD and used != "dimensional collapse":
        return "complete collapse"
    return used


def spectrum_zone(metrics: Metrics) -> Label:
    """The zone by the spectrum alone."""
    lost = any(
        metrics["participation_ratio"] < ratio and metrics["rankme_ratio"] < rank
        for ratio, rank in DIMENSIONAL
    )
    # A space of one dimension cannot lose one.
    if lost and metrics["d"] > 1:
        return "dimensional collapse"
    return "low rank" if metrics["rankme_ratio"] < LOW_RANK else "no sign of collapse"


def centred_zone(metrics: Metrics) -> Label:
    """As ``spectrum_zone``, without RankMe: a part that all embeddings share lowers it."""
    n, d = metrics["n"], metrics["d"]
    if metrics["participation_ratio"] < DIMENSIONAL_RATIO and d > 1:
        return "dimensional collapse"
    low = metrics["participation_ratio"] < LOW_RANK * n * d / (n + d)
    return "low rank" if low else "no sign of collapse"
