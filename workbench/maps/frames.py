"""The maps of all checks of one run in one frame of reference, for the epoch scrubber."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.diagnostics.embeddings import as_embeddings, unit_rows
from workbench.diagnostics.spectrum import variances
from workbench.errors import RequestError
from workbench.maps.agreement import agreement
from workbench.maps.align import align

NEIGHBOURS = 20
MOST_DIRECTIONS = 128
_FEWEST_TO_COMPARE = 3
_TINY = 1e-12


@dataclass(frozen=True)
class CheckMaps:
    """steps: int64 (f,), rising. xy: float32 (f, n, 2), in units of rows of length 1, so that a
    small cloud is a narrow one. explained: float32 (f,), the share of each check's variance that
    its map holds. moved: float32 (n,) in [0, 1], the share of a sample's nearest neighbours (by
    cosine, in native space) at the last check that it did not have at the first. spectra: float32
    (f, r), eigenvalues of each check's covariance as shares of their sum, descending."""

    steps: npt.NDArray[np.int64]
    xy: npt.NDArray[np.float32]
    explained: npt.NDArray[np.float32]
    moved: npt.NDArray[np.float32]
    spectra: npt.NDArray[np.float32]


def check_maps(steps: Sequence[int], embeddings: Sequence[npt.NDArray[Any]]) -> CheckMaps:
    """The maps of checks, oldest first; embeddings: (n, d) of the same n samples at each step.

    Each check is shown by the two directions in which its own unit rows vary most, then only turned
    or mirrored onto the next check's map, never scaled. No flat
    view of a check is wider than this one, so a collapse shows. One check's axes for all would not
    do: other checks look narrower along them, and after a collapse they are the axes of noise.
    Raises RequestError for no check, checks of different samples, or arrays that are no embeddings.
    """
    arrays = [as_embeddings(h) for h in embeddings]
    if not arrays or len({len(h) for h in arrays}) > 1:
        raise RequestError(
            "there are no checks of the same samples to show.",
            field="RUN",
            remedy="Run it again.",
        )
    flat = [_plane(unit_rows(h)) for h in arrays]
    rows = np.arange(len(arrays[0]))
    placed = [flat[-1][0].astype(np.float32)]
    for xy, _ in reversed(flat[:-1]):
        placed.append(align(xy, rows, placed[-1], rows, rescale=False).xy)
    return CheckMaps(
        np.asarray(steps, np.int64),
        np.stack(placed[::-1]),
        np.asarray([share for _, share in flat], np.float32),
        _moved(arrays[0], arrays[-1]),
        np.stack([_shares(h) for h in arrays]),
    )


def _plane(unit: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], float]:
    """Coordinates (n, 2) along the two strongest directions, and the share of variance they hold.

    From the smaller of covariance and Gram matrix, as there are up to thirty checks: a tenth of the
    time of a full decomposition.
    """
    centred = unit - unit.mean(axis=0)
    n, d = centred.shape
    values, vectors = np.linalg.eigh(centred.T @ centred if d <= n else centred @ centred.T)
    strongest, axes = np.maximum(values[::-1][:2], 0.0), vectors[:, ::-1][:, :2]
    xy = np.zeros((n, 2))
    xy[:, : axes.shape[1]] = centred @ axes if d <= n else axes * np.sqrt(strongest)
    total = float(np.maximum(values, 0.0).sum())
    return xy, min(1.0, float(strongest.sum()) / total) if total > _TINY else 0.0


def _moved(
    first: npt.NDArray[np.float64], last: npt.NDArray[np.float64]
) -> npt.NDArray[np.float32]:
    """As ``CheckMaps.moved``; 0 for too few samples."""
    moved = np.zeros(len(first))
    if len(first) >= _FEWEST_TO_COMPARE:
        rows = np.arange(len(first))
        moved = 1.0 - agreement(first, rows, last, rows, k=NEIGHBOURS, metric="cosine").per_point
    return moved.astype(np.float32)


def _shares(h: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """As a row of ``CheckMaps.spectra``."""
    values = variances(h)
    total = float(values.sum())
    shares = values / total if total > 0 else np.zeros_like(values)
    return shares[:MOST_DIRECTIONS].astype(np.float32)
