"""Distances from normal, for data whose training split holds normal samples only.

Two distances, both fitted on normal training samples alone, with nothing to choose: to the nearest
of them, and to their mean in units of their covariance. ``detection.py`` measures how well they
tell anomalous samples from normal ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.evaluation.probe import Scaling, scale

Floats = npt.NDArray[np.float64]

NEIGHBOURS = 5
_BLOCK = 1000
_TINY = 1e-9


def distance_to_normal(
    train: Any, test: Any, *, scaling: Scaling = "each", among: bool = False
) -> Floats:
    """float64 (m,): mean Euclidean distance of each test sample to its 5 nearest training ones.

    train: (n, d) features of normal samples; test: (m, d). Both are scaled by train. among: the
    test samples are training samples, and each is left out of its own neighbours.
    """
    bank, queries = scale(train, (train, test), scaling)
    first = 1 if among and len(bank) > 1 else 0
    k = min(NEIGHBOURS + first, len(bank))
    bank_squares = (bank.astype(np.float64) ** 2).sum(axis=1)
    parts = []
    for start in range(0, len(queries), _BLOCK):
        block = queries[start : start + _BLOCK]
        squares = (block.astype(np.float64) ** 2).sum(axis=1)
        squared = np.maximum(squares[:, None] + bank_squares[None] - 2.0 * (block @ bank.T), 0.0)
        nearest = np.sort(np.partition(squared, k - 1, axis=1)[:, :k], axis=1)[:, first:]
        parts.append(np.sqrt(nearest).mean(axis=1))
    return np.concatenate(parts) if parts else np.empty(0)


def mahalanobis(train: Any, test: Any, *, scaling: Scaling = "each") -> Floats:
    """float64 (m,): Mahalanobis distance of each test sample from the training mean.

    The covariance is shrunk towards a multiple of the identity by Ledoit and Wolf 2004 ("A
    well-conditioned estimator for large-dimensional covariance matrices"), as there are often fewer
    samples than columns. Directions without any variance do not count. train: (n, d) features of
    normal samples; test: (m, d); both are scaled by train, because shrinkage depends on units.
    """
    from sklearn.covariance import ledoit_wolf

    normal, queries = (part.astype(np.float64) for part in scale(train, (train, test), scaling))
    mean = normal.mean(axis=0)
    if len(normal) < 2 or not (normal != normal[0]).any():
        # There is no spread to measure by: the plain distance from the mean.
        plain: Floats = np.linalg.norm(queries - mean, axis=1)
        return plain
    values, axes = np.linalg.eigh(ledoit_wolf(normal - mean, assume_centered=True)[0])
    varying = values > _TINY * values[-1]
    whitened = (queries - mean) @ (axes[:, varying] / np.sqrt(values[varying]))
    distances: Floats = np.linalg.norm(whitened, axis=1)
    return distances
