"""Anomaly detection where training shows normal samples only: how far from normal is a sample?

Two distances, both fitted on normal training samples alone, with nothing to choose: to the nearest
of them, and to their mean in units of their covariance. ``detection.py`` says how well they tell.
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


def distance_to_normal(train: Any, test: Any, *, scaling: Scaling = "each") -> Floats:
    """float64 (m,): mean Euclidean distance of each test sample to its 5 nearest training ones.

    train: (n, d) features of normal samples; test: (m, d). Both are scaled by train.
    """
    known, asked = scale(train, (train, test), scaling)
    k = min(NEIGHBOURS, len(known))
    squares = (known.astype(np.float64) ** 2).sum(axis=1)
    parts = []
    for start in range(0, len(asked), _BLOCK):
        block = asked[start : start + _BLOCK]
        own = (block.astype(np.float64) ** 2).sum(axis=1)
        far = np.maximum(own[:, None] + squares[None] - 2.0 * (block @ known.T), 0.0)
        near = np.partition(far, k - 1, axis=1)[:, :k]
        parts.append(np.sqrt(near).mean(axis=1))
    return np.concatenate(parts) if parts else np.empty(0)


def mahalanobis(train: Any, test: Any, *, scaling: Scaling = "each") -> Floats:
    """float64 (m,): Mahalanobis distance of each test sample from the training mean.

    The covariance is shrunk towards a multiple of the identity by Ledoit and Wolf 2004 ("A
    well-conditioned estimator for large-dimensional covariance matrices"), as there are often fewer
    samples than columns. Directions without any variance count nothing. train: (n, d) features of
    normal samples; test: (m, d); both are scaled by train, because shrinkage depends on units.
    """
    from sklearn.covariance import ledoit_wolf

    known, asked = (part.astype(np.float64) for part in scale(train, (train, test), scaling))
    mean = known.mean(axis=0)
    if len(known) < 2 or not (known != known[0]).any():
        # No spread to measure by: the plain distance from the mean.
        plain: Floats = np.linalg.norm(asked - mean, axis=1)
        return plain
    values, axes = np.linalg.eigh(ledoit_wolf(known - mean, assume_centered=True)[0])
    kept = values > _TINY * values[-1]
    whitened = (asked - mean) @ (axes[:, kept] / np.sqrt(values[kept]))
    far: Floats = np.linalg.norm(whitened, axis=1)
    return far
