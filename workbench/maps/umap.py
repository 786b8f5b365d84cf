"""Seeded UMAP of embeddings. umap-learn is imported on first use: it compiles for seconds."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.diagnostics.metrics import as_embeddings, mean_cosine
from workbench.diagnostics.zones import COMPLETE_COSINE
from workbench.maps.neighbours import unit_rows
from workbench.maps.pca import components

# Noise of float32 in rows of length 1: points closer than this are the same.
SAME = 1e-6
_DIRECTIONS = 50
_FEWEST = 5


@dataclass(frozen=True)
class Layout:
    """xy: float32 (n, 2). notes: decisions made for the user, in plain sentences."""

    xy: npt.NDArray[np.float32]
    notes: tuple[str, ...] = ()


def umap_map(
    h: npt.NDArray[Any],
    *,
    seed: int = 0,
    neighbours: int = 15,
    min_dist: float = 0.1,
    init: npt.NDArray[Any] | None = None,
) -> npt.NDArray[np.float32]:
    """float32 (n, 2): the map of ``umap_layout`` without its notes."""
    return umap_layout(h, seed=seed, neighbours=neighbours, min_dist=min_dist, init=init).xy


def umap_layout(
    h: npt.NDArray[Any],
    *,
    seed: int = 0,
    neighbours: int = 15,
    min_dist: float = 0.1,
    init: npt.NDArray[Any] | None = None,
) -> Layout:
    """UMAP (McInnes et al., 1802.03426) of the directions of ``h``, repeatable for a seed.

    h: (n, d). Rows are brought to length 1, so that distances rank as cosine does, then to their
    50 strongest directions. The layout starts from ``init`` (n, 2), such as another run's map, or
    from PCA, which keeps the large-scale order and does not fail on split data.
    UMAP cannot show collapse: it blows the noise of a collapsed encoder up to a cloud. If all
    embeddings are the same point, no cloud is drawn: every coordinate is 0 and a note says so.
    Raises RequestError for NaN, Inf, or fewer than two rows.
    """
    unit = unit_rows(as_embeddings(h))
    cosine = mean_cosine(unit)
    n = len(unit)
    reduced, variances, total = components(unit, _DIRECTIONS)
    start = _start(reduced if init is None else np.asarray(init, np.float64), seed)
    if total <= SAME**2:
        note = "All embeddings are the same point, so there is no map to draw."
        return Layout(np.zeros((n, 2), np.float32), (note,))
    if n < _FEWEST:
        note = f"UMAP needs {_FEWEST} samples or more; the map of {n} is PCA."
        return Layout(start.astype(np.float32), (note,))
    notes: tuple[str, ...] = ()
    if neighbours > n - 2:
        notes = (
            f"UMAP looks at {n - 2} neighbours instead of {neighbours}: there are {n} samples.",
        )
        neighbours = n - 2
    shown = float(variances.sum()) / total
    if shown < 0.9:
        notes += (f"UMAP saw the {_DIRECTIONS} strongest directions: {shown:.0%} of the variance.",)
    if cosine > COMPLETE_COSINE:
        notes += (
            f"The embeddings lie almost in one place (mean cosine {cosine:.3f}); UMAP spreads them "
            "out as if they did not.",
        )
    return Layout(_fit(reduced, start, seed, neighbours, min_dist), notes)


def warm_up() -> None:
    """Compile umap-learn on a few points, so that the first real map does not wait for it."""
    umap_map(np.random.default_rng(0).standard_normal((64, 8)), neighbours=5)


def _start(points: npt.NDArray[np.float64], seed: int) -> npt.NDArray[np.float64]:
    """The first two columns, 10 wide, with a seeded jitter that separates equal points."""
    xy = np.zeros((len(points), 2))
    xy[:, : min(2, points.shape[1])] = points[:, :2]
    xy -= xy.mean(axis=0)
    widest = float(np.abs(xy).max())
    xy *= 5.0 / widest if widest > 0 else 0.0
    jitter: npt.NDArray[np.float64] = np.random.default_rng(seed).normal(0.0, 1e-3, xy.shape)
    return xy + jitter


def _fit(
    points: npt.NDArray[np.float64],
    start: npt.NDArray[np.float64],
    seed: int,
    neighbours: int,
    min_dist: float,
) -> npt.NDArray[np.float32]:
    from umap import UMAP

    with warnings.catch_warnings():
        # Equal embeddings cause warnings about zero weights, which the notes above cover.
        warnings.simplefilter("ignore")
        fitted = UMAP(
            n_neighbors=max(2, neighbours),
            min_dist=min_dist,
            metric="euclidean",
            init=start.astype(np.float32),
            random_state=seed,
            n_jobs=1,
        ).fit_transform(points.astype(np.float32))
    return np.asarray(fitted, np.float32)
