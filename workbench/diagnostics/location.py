"""Where embeddings lie: spread over all directions, or together in one place.

Notation: Z is (n, d), one embedding a row; zn are its rows divided by their length. These metrics
see complete collapse. They are blind to how many directions are used: two opposite points look
nearly as spread out as a sphere (``spectrum`` sees that).
"""

from __future__ import annotations

import math

import numpy as np

from workbench.diagnostics.embeddings import Array, Floats, as_embeddings, unit_rows

_BLOCK = 256
# Uniformity is a mean over pairs: the pairs of this many rows, evenly spaced, are enough.
MOST_PAIRED = 4096


def std_sqrt_d(z: Array) -> float:
    """mean_j std_i(zn_ij) times sqrt(d).

    1 for isotropic embeddings, 0 for constant ones. 0.82 for isotropic ones after a ReLU, 0.81 for
    an antipodal pair: it does not see low rank. SimSiam, section 4.1 (2011.10566), there without
    the factor sqrt(d).
    """
    return std_of(unit_rows(as_embeddings(z)))


def mean_cosine(z: Array) -> float:
    """Mean cosine over all pairs of different rows: (|sum zn|^2 - sum |zn|^2) / (n (n - 1)).

    0 for isotropic or antipodal embeddings, 1 for constant ones. It measures the same as
    ``std_sqrt_d``, which is at most sqrt(1 - mean cosine), and is as blind to rank. A row of zeros
    has cosine 0.
    """
    return cosine_of(unit_rows(as_embeddings(z)))


def uniformity(z: Array) -> float:
    """log of the mean over pairs i < j of exp(-2 |zn_i - zn_j|^2); t = 2.

    About -4 + 8/d for isotropic embeddings of many columns, 0 for constant ones, -log 2 for an
    antipodal pair, about -log K for K tight classes that lie far apart. Blind to the difference
    between many classes and many directions. Wang & Isola (2005.10242), section 4.1.2; read it
    together with the alignment of two views. Of more than 4,096 rows, 4,096 evenly spaced ones.
    """
    return uniformity_of(unit_rows(as_embeddings(z)))


def std_of(unit: Floats) -> float:
    """``std_sqrt_d`` of rows of length 1."""
    return float(unit.std(axis=0).mean() * math.sqrt(unit.shape[1]))


def cosine_of(unit: Floats) -> float:
    """``mean_cosine`` of rows of length 1."""
    n = unit.shape[0]
    total: Floats = unit.sum(axis=0, dtype=np.float64)
    lengths = float((unit * unit).sum())
    return float((total @ total - lengths) / (n * (n - 1)))


def uniformity_of(unit: Floats) -> float:
    """``uniformity`` of rows of length 1, block by block: n^2 numbers are never in memory."""
    if len(unit) > MOST_PAIRED:
        unit = unit[np.linspace(0, len(unit) - 1, MOST_PAIRED).astype(np.int64)]
    n = len(unit)
    squares = (unit * unit).sum(axis=1)
    total = 0.0
    for start in range(0, n, _BLOCK):
        rows = slice(start, start + _BLOCK)
        # Pairs within the block are counted twice, those with later rows once.
        distances = squares[rows, None] + squares[None, start:] - 2 * unit[rows] @ unit[start:].T
        kernel = np.exp(-2 * np.maximum(distances, 0.0))
        size = kernel.shape[0]
        within = kernel[:, :size]
        total += float(kernel[:, size:].sum() + (within.sum() - np.trace(within)) / 2)
    return math.log(total / (n * (n - 1) / 2))
