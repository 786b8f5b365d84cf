"""Whitening: features are turned and scaled so that all directions vary alike.

J. Su et al., "Whitening Sentence Representations for Better Semantics and Faster Retrieval", arXiv
2103.15316, algorithm 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

# Directions with a smaller share of the largest variance hold rounding only, and are left out.
_LEAST = 1e-6


def whiten(features: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[np.float32]]:
    """float32 (n, k) by split, of (n, d): of the training samples the mean is 0 and the covariance
    the identity. k: the directions that vary, at most d; one column of zeros where none does."""
    train = np.asarray(features["train"], np.float64)
    mean = train.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov(train.T, bias=True).reshape(len(mean), -1))
    kept = variances > _LEAST * max(float(variances[-1]), 1e-30)
    turn = directions[:, kept] / np.sqrt(variances[kept])
    if not kept.any():
        turn = np.zeros((len(mean), 1))
    return {
        split: ((np.asarray(part, np.float64) - mean) @ turn).astype(np.float32)
        for split, part in features.items()
    }
