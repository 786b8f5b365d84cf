"""Embeddings as the metrics take them: checked, scaled, and with rows of length 1."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.errors import RequestError

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

# Values that vary by less than this share of the largest entry are constant but for rounding.
ROUNDING = 1e-12


def as_embeddings(z: Array) -> Floats:
    """Z as float64 (n, d). Raises RequestError for wrong rank, fewer than two rows, NaN or Inf."""
    array = np.asarray(z)
    if array.ndim != 2 or array.dtype.kind not in "fiu":
        raise RequestError(
            f"embeddings have shape {array.shape} and type {array.dtype}.",
            field="embeddings",
            remedy="Give a two-dimensional array of real numbers, one embedding a row.",
        )
    if array.shape[0] < 2 or array.shape[1] < 1:
        raise RequestError(
            f"an array of {array.shape[0]} x {array.shape[1]} (rows x columns) cannot be judged.",
            field="embeddings",
            remedy="Give at least two rows and one column.",
        )
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        bad = int((~np.isfinite(array)).any(axis=1).sum())
        raise RequestError(
            f"{bad} rows hold NaN or Inf.", field="embeddings", remedy="Remove or mend these rows."
        )
    return array


def scaled(z: Floats) -> Floats:
    """z divided by its largest absolute entry, so that no square overflows; zeros stay zeros."""
    return _divided(z, np.abs(z).max(initial=0.0))


def unit_rows(z: Floats) -> Floats:
    """Rows divided by their length; a row of zeros has no direction and stays one."""
    small = _divided(z, np.abs(z).max(axis=-1, keepdims=True))
    return _divided(small, np.linalg.norm(small, axis=-1, keepdims=True))


def _divided(z: Floats, by: Any) -> Floats:
    out: Floats = z / np.where(by > 0, by, 1.0)
    return out
