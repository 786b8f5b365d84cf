"""What can be said of a new sample by the samples that a run knows: numpy alone, no training.

Its nearest training samples, by cosine in the representations themselves; the class that they vote
for (the vote of ``knn``, shown whole); and how far it lies from the data, as a place among the
validation samples' own distances. Samples of the test split are no argument of anything here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.evaluation import anomaly, knn

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Farther from the data than this share of the validation samples, a sample is called unusual.
UNUSUAL = 0.99
# Fewer validation samples than this cannot show what the farthest one in a hundred looks like.
FEWEST_TO_COMPARE = 20


@dataclass(frozen=True)
class Known:
    """What a run knows. rows: int64 (n,), positions in the data set's cache of the training
    samples; features: (n, d). labels: int64 (n,), -1 where missing, None without classes or where
    all training samples are of one. validation, validation_labels: the same of that split; may be
    empty.
    """

    rows: Ints
    features: npt.NDArray[Any]
    labels: Ints | None
    validation: npt.NDArray[Any]
    validation_labels: Ints | None


@dataclass(frozen=True)
class Vote:
    """Of m samples. k: how many neighbours voted. shares: float64 (m, classes), each row adds up to
    1. counts: int64 (m, classes), neighbours of each class. predicted: int64 (m,)."""

    k: int
    shares: Floats
    counts: Ints
    predicted: Ints


@dataclass(frozen=True)
class Yardstick:
    """What new samples are measured by. distances: float64 (v,), of the validation samples to the
    training samples, ascending. clear: float64 (v,), the share of the vote that each labelled
    validation sample's class of choice got; right: bool (v,), whether it was right."""

    distances: Floats
    clear: Floats
    right: npt.NDArray[np.bool_]


def nearest(known: Known, h: npt.NDArray[Any], k: int) -> tuple[Ints, Floats]:
    """Cache rows int64 (m, k) of the k nearest training samples, nearest first, and their cosine
    similarities float64 (m, k). k is lowered to the number of training samples."""
    k = min(k, len(known.rows))
    similarity = _similarity(known, h)
    order = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
    return known.rows[order], np.take_along_axis(similarity, order, axis=1)


def vote(known: Known, h: npt.NDArray[Any]) -> Vote | None:
    """The vote of the labelled training samples; None if there are not two classes among them."""
    kept = None if known.labels is None else np.flatnonzero(known.labels >= 0)
    if known.labels is None or kept is None or len(np.unique(known.labels[kept])) < 2:
        return None
    labels = known.labels[kept]
    k = min(knn.neighbours_for(labels), len(labels))
    similarity = _similarity(known, h)[:, kept]
    given = knn.votes(similarity, labels, k)
    near = np.argpartition(-similarity, k - 1, axis=1)[:, :k]
    counts = np.zeros(given.shape, np.int64)
    np.add.at(counts, (np.arange(len(given))[:, None], labels[near]), 1)
    shares = given / given.sum(axis=1, keepdims=True)
    return Vote(k, shares, counts, given.argmax(axis=1).astype(np.int64))


def distances(known: Known, h: npt.NDArray[Any]) -> Floats:
    """float64 (m,): the anomaly score, the mean distance to the 5 nearest training samples, every
    column of the representation in units of its own spread (``anomaly.distance_to_normal``)."""
    return anomaly.distance_to_normal(known.features, np.asarray(h))


def yardstick(known: Known) -> Yardstick:
    """Distances and votes of the validation samples, to measure new ones by."""
    if not len(known.validation):
        return Yardstick(np.empty(0), np.empty(0), np.empty(0, np.bool_))
    said = vote(known, known.validation)
    clear, right = np.empty(0), np.empty(0, np.bool_)
    if said is not None and known.validation_labels is not None:
        kept = known.validation_labels >= 0
        clear = said.shares.max(axis=1)[kept]
        right = said.predicted[kept] == known.validation_labels[kept]
    return Yardstick(np.sort(distances(known, known.validation)), clear, right)


def farther_than(measure: Yardstick, far: Floats) -> Floats | None:
    """float64 (m,): the share of validation samples that lie nearer to the training samples than
    each new one; None if there are too few validation samples to say."""
    if len(measure.distances) < FEWEST_TO_COMPARE:
        return None
    below = np.searchsorted(measure.distances, far, side="left")
    return below / len(measure.distances)


def as_clear(measure: Yardstick, share: float) -> tuple[int, int] | None:
    """Of the validation samples whose vote was at least as clear as ``share``: how many were voted
    right, and how many there are. None if there are too few."""
    among = measure.clear >= share
    count = int(among.sum())
    return (int(measure.right[among].sum()), count) if count >= FEWEST_TO_COMPARE else None


def on_map(
    mapped: npt.NDArray[Any], xy: npt.NDArray[Any], h: npt.NDArray[Any]
) -> npt.NDArray[np.float64]:
    """float64 (m, 2): where new representations h (m, d) lie on a PCA map of ``mapped`` (n, d).

    The map's axes are read off it: its coordinates are projections of the centred samples, and its
    columns are orthogonal. xy: (n, 2).
    """
    mean = np.asarray(mapped, np.float64).mean(axis=0)
    centred = np.asarray(mapped, np.float64) - mean
    coordinates = np.asarray(xy, np.float64)
    squares = (coordinates**2).sum(axis=0)
    axes = centred.T @ coordinates / np.where(squares > 0, squares, 1.0)
    placed: npt.NDArray[np.float64] = (np.asarray(h, np.float64) - mean) @ axes
    return placed


def _similarity(known: Known, h: npt.NDArray[Any]) -> Floats:
    return (knn.unit(np.asarray(h)) @ knn.unit(known.features).T).astype(np.float64)
