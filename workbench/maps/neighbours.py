"""Distances and nearest neighbours of one array of points, by numpy alone, for n up to 5,000."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Metric = Literal["euclidean", "cosine"]
_TINY = 1e-12
_BLOCK = 1000


def unit_rows(x: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Every row divided by its length; rows of length 0 stay 0."""
    array = np.asarray(x, np.float64)
    lengths = np.linalg.norm(array, axis=1, keepdims=True)
    unit: npt.NDArray[np.float64] = array / np.maximum(lengths, _TINY)
    return unit


def distances(x: npt.NDArray[Any], metric: Metric = "euclidean") -> npt.NDArray[np.float64]:
    """Squared distances float64 (n, n), Inf on the diagonal, so that no point is its own neighbour.

    ``cosine`` gives squared distances of rows of length 1, which rank points as cosine does.
    """
    points = unit_rows(x) if metric == "cosine" else np.asarray(x, np.float64)
    points = points - points.mean(axis=0)
    squares = (points * points).sum(axis=1)
    out: npt.NDArray[np.float64] = squares[:, None] + squares[None, :] - 2.0 * points @ points.T
    np.maximum(out, 0.0, out=out)
    np.fill_diagonal(out, np.inf)
    return out


def nearest(
    x: npt.NDArray[Any], k: int, metric: Metric = "euclidean", seed: int = 0
) -> npt.NDArray[np.int64]:
    """int64 (n, k): the positions of the k nearest neighbours, nearest first.

    Ties (equal embeddings, as after a collapse) are broken by a draw with ``seed`` for every point.
    Otherwise two collapsed runs would seem to agree by the order of their rows.
    """
    n = len(x)
    order = np.argsort(np.random.default_rng(seed).random((n, n)), axis=1)
    shuffled = np.take_along_axis(distances(x, metric), order, axis=1)
    return _smallest(shuffled, order, k)


def nearest_to(
    x: npt.NDArray[Any], queries: npt.NDArray[np.int64], k: int, seed: int = 0
) -> npt.NDArray[np.int64]:
    """int64 (q, k): the k nearest by cosine, nearest first, of the points at positions ``queries``.

    They are searched among the other points of ``x`` (n, d); ``k`` is lowered to their number. Ties
    are broken as in ``nearest``.
    """
    points = unit_rows(x)
    k = min(k, len(points) - 1)
    similarity = points[queries] @ points.T
    similarity[np.arange(len(queries)), queries] = -np.inf
    order = np.argsort(np.random.default_rng(seed).random(similarity.shape), axis=1)
    shuffled = np.take_along_axis(similarity, order, axis=1)
    return _smallest(-shuffled, order, k)


def closeness(x: npt.NDArray[Any], k: int) -> npt.NDArray[np.float64]:
    """float64 (n,): the mean cosine of each point of ``x`` (n, d) and its k nearest others.

    ``k`` is lowered to their number, of which there must be one or more.
    """
    points = unit_rows(x)
    n = len(points)
    k = min(k, n - 1)
    out = np.empty(n)
    for begin in range(0, n, _BLOCK):
        block = np.arange(begin, min(begin + _BLOCK, n))
        similarity = points[block] @ points.T
        similarity[np.arange(len(block)), block] = -np.inf
        out[block] = np.partition(similarity, n - k, axis=1)[:, n - k :].mean(axis=1)
    return out


def _smallest(
    values: npt.NDArray[np.float64], names: npt.NDArray[np.int64], k: int
) -> npt.NDArray[np.int64]:
    """int64 (n, k): of each row the names of its k smallest values (n, m), smallest first."""
    some = np.argpartition(values, k - 1, axis=1)[:, :k] if k < values.shape[1] else None
    if some is not None:
        values = np.take_along_axis(values, some, axis=1)
        names = np.take_along_axis(names, some, axis=1)
    ranked = np.argsort(values, axis=1, kind="stable")[:, :k]
    out: npt.NDArray[np.int64] = np.take_along_axis(names, ranked, axis=1)
    return out
