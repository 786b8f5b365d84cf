"""Trustworthiness of a map: whether neighbours on it are neighbours in the embeddings."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.errors import RequestError
from workbench.maps.neighbours import Metric, distances

_GOOD, _FAIR = 0.95, 0.85


def trustworthiness(
    h: npt.NDArray[Any],
    xy: npt.NDArray[Any],
    k: int = 15,
    sample: int = 2000,
    seed: int = 0,
    *,
    metric: Metric = "euclidean",
) -> float:
    """Trustworthiness in [0, 1]: 1 if every k-neighbour on the map is one in the embeddings.

    1 - 2 / (n k (2n - 3k - 1)) sum_i sum_{j in U_k(i)} (r(i, j) - k), where U_k(i) are the
    neighbours of i on the map that are none in h, and r(i, j) is the rank of j among the points
    nearest to i in h. Venna and Kaski, Neural Networks 19 (2006), equation 1. A random map of
    random points lies near 0.5, UMAP of noise near 0.6.

    h: (n, d); xy: (n, 2). Above ``sample`` points a seeded sample of that size is taken. ``k`` is
    lowered to stay under n / 2. Points at equal distance share the lowest rank, so that a tie
    counts as no error of the map. ``metric`` is that of h; the map's is euclidean.
    Raises RequestError if the rows do not match or there are fewer than 4.
    """
    n = len(h)
    if n != len(xy) or n < 4:
        raise RequestError(
            f"{n} embeddings and {len(xy)} points on the map.",
            field="xy",
            remedy="Give one point an embedding, and at least four.",
        )
    if n > sample:
        keep = np.sort(np.random.default_rng(seed).choice(n, sample, replace=False))
        h, xy, n = np.asarray(h)[keep], np.asarray(xy)[keep], sample
    k = max(1, min(k, (n - 1) // 2))
    in_h = distances(h, metric)
    on_map = np.argsort(distances(xy), axis=1, kind="stable")[:, :k]
    ordered = np.sort(in_h, axis=1)
    penalty = 0
    for i in range(n):
        ranks = np.searchsorted(ordered[i], in_h[i, on_map[i]], side="left") + 1
        penalty += int(np.maximum(ranks - k, 0).sum())
    return float(1.0 - 2.0 * penalty / (n * k * (2 * n - 3 * k - 1)))


def sentence(value: float) -> str:
    """The meaning of a trustworthiness, for people who look at the map."""
    if value >= _GOOD:
        meaning = (
            "points that are near each other on this map are nearly always alike to the encoder"
        )
    elif value >= _FAIR:
        meaning = (
            "most points that are near each other on this map are alike to the encoder, but some "
            "are not"
        )
    else:
        meaning = (
            "many points that are near each other on this map are not alike to the encoder; do not "
            "read groups off it"
        )
    return f"Trustworthiness {value:.2f} of 1: {meaning}."
