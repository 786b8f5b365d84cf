"""How much the columns of embeddings repeat each other."""

from __future__ import annotations

import math

import numpy as np

from workbench.diagnostics.embeddings import ROUNDING, Array, Floats, as_embeddings


def off_diagonal(z: Array) -> float:
    """Root mean square of the off-diagonal entries of the correlation matrix of the columns.

    0 where no two columns vary together, 1 where all vary together. Isotropic embeddings have
    1 / sqrt(n - 1), the chance level of a finite sample; rank one has 1. Barlow Twins (2103.03230,
    equation 1) and VICReg (2105.04906, equation 4) minimise it: the former the squares between two
    views, the latter those of the covariance. Constant columns have no correlation and are left
    out; 0 where fewer than two vary. Blind to complete collapse, as it does not depend on scale.
    It depends on the axes: low rank along the axes scores as isotropic embeddings do.
    """
    return off_diagonal_of(as_embeddings(z))


def off_diagonal_of(z: Floats) -> float:
    """``off_diagonal`` of float64 (n, d)."""
    largest = np.abs(z).max(axis=0)
    columns = z / np.where(largest > 0, largest, 1.0)
    columns = columns - columns.mean(axis=0)
    lengths = np.linalg.norm(columns, axis=0)
    columns = columns[:, lengths > ROUNDING * math.sqrt(len(z))]
    n, varying = columns.shape
    if varying < 2:
        return 0.0
    columns = columns / np.linalg.norm(columns, axis=0)
    # Both Gram matrices have the same sum of squares, and the smaller one costs less.
    gram = columns.T @ columns if varying <= n else columns @ columns.T
    off = float((gram * gram).sum()) - varying
    return math.sqrt(max(0.0, off) / (varying * (varying - 1)))
