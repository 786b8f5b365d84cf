"""A new sample compared with the samples of a run: neighbours, their vote, and its distance.

Neighbours are the nearest training samples, by cosine in the representations. The vote is the one
of ``knn``, with all its numbers. The distance from the data is ranked among the validation samples'
own distances. A new sample that is a training sample is left out of its own neighbours, and its
distance is ranked among those of the other training samples. Samples of the test split are no
argument of anything here. Numpy alone, no training.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.evaluation import anomaly, knn
from workbench.evaluation.probe import scale

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# A sample is called unusual if it lies farther from the data than this share of validation samples.
UNUSUAL = 0.99
# Fewer validation samples than this do not show what the farthest one in a hundred looks like.
FEWEST_TO_COMPARE = 20
# Training samples whose own distances are measured, at most.
_MOST_TRAINING = 1000
# A sample is a training sample if its distance to it is below this share of its median distance.
_SAME = 0.01


@dataclass(frozen=True)
class ReferenceSamples:
    """Samples of a run that a new sample is compared with.

    rows: int64 (n,), positions in the data set's cache of the training samples; features: (n, d).
    labels: int64 (n,), -1 where missing, None without classes. validation, validation_labels: the
    same of that split; may be empty. neighbours: k of the vote as the run asked for it.
    """

    rows: Ints
    features: npt.NDArray[Any]
    labels: Ints | None
    validation: npt.NDArray[Any]
    validation_labels: Ints | None
    neighbours: int = knn.NEIGHBOURS


@dataclass(frozen=True)
class NeighbourVote:
    """The vote on m samples. k: how many neighbours voted. shares: float64 (m, classes), each row
    adds up to 1. counts: int64 (m, classes), neighbours of each class. predicted: int64 (m,)."""

    k: int
    shares: Floats
    counts: Ints
    predicted: Ints


@dataclass(frozen=True)
class Yardstick:
    """Validation samples as a scale for new ones.

    distances: float64 (v,), from the validation samples to the training samples, ascending.
    winning_shares: float64 (l,), of the labelled validation samples, the share of the vote that the
    predicted class got; correct: bool (l,), whether that class is right. training: float64 (t,),
    the distances of training samples to the others, ascending.
    """

    distances: Floats
    winning_shares: Floats
    correct: npt.NDArray[np.bool_]
    training: Floats = field(default_factory=lambda: np.empty(0))


def training_positions(reference: ReferenceSamples, h: npt.NDArray[Any]) -> Ints:
    """int64 (m,): the position among the training samples that each of h (m, d) is; -1: none."""
    bank, queries = scale(reference.features, (reference.features, h), "each")
    out = np.full(len(queries), -1, np.int64)
    for i, query in enumerate(queries):
        apart = np.sqrt(((bank - query).astype(np.float64) ** 2).sum(axis=1))
        closest = int(apart.argmin())
        if apart[closest] < _SAME * float(np.median(apart)):
            out[i] = closest
    return out


def without(reference: ReferenceSamples, position: int) -> ReferenceSamples:
    """``reference`` without its training sample at ``position``; all of it for -1."""
    if position < 0 or len(reference.rows) < 2:
        return reference
    labels = reference.labels
    return dataclasses.replace(
        reference,
        rows=np.delete(reference.rows, position),
        features=np.delete(reference.features, position, axis=0),
        labels=None if labels is None else np.delete(labels, position),
    )


def nearest(reference: ReferenceSamples, h: npt.NDArray[Any], k: int) -> tuple[Ints, Floats]:
    """Cache rows int64 (m, k) of the k nearest training samples, nearest first, and their cosine
    similarities float64 (m, k). k is lowered to the number of training samples."""
    k = min(k, len(reference.rows))
    similarity = _similarity(reference, h)
    order = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
    return reference.rows[order], np.take_along_axis(similarity, order, axis=1)


def vote(reference: ReferenceSamples, h: npt.NDArray[Any]) -> NeighbourVote | None:
    """The vote of the labelled training samples; None if there are not two classes among them."""
    if reference.labels is None:
        return None
    labelled = np.flatnonzero(reference.labels >= 0)
    labels = reference.labels[labelled]
    if len(np.unique(labels)) < 2:
        return None
    k = min(knn.neighbours_for(labels, reference.neighbours), len(labels))
    similarity = _similarity(reference, h)[:, labelled]
    totals = knn.votes(similarity, labels, k)
    voters = np.argpartition(-similarity, k - 1, axis=1)[:, :k]
    counts = np.zeros(totals.shape, np.int64)
    np.add.at(counts, (np.arange(len(totals))[:, None], labels[voters]), 1)
    shares = totals / totals.sum(axis=1, keepdims=True)
    return NeighbourVote(k, shares, counts, totals.argmax(axis=1).astype(np.int64))


def distances(reference: ReferenceSamples, h: npt.NDArray[Any]) -> Floats:
    """float64 (m,): the anomaly score, the mean distance to the 5 nearest training samples, every
    column of the representation in units of its own spread (``anomaly.distance_to_normal``)."""
    return anomaly.distance_to_normal(reference.features, np.asarray(h))


def yardstick(reference: ReferenceSamples) -> Yardstick:
    """Distances and votes of the validation samples, as a scale for new ones, and distances of
    training samples, as a scale for those that are training samples."""
    training = _training_distances(reference)
    if not len(reference.validation):
        return Yardstick(np.empty(0), np.empty(0), np.empty(0, np.bool_), training)
    votes = vote(reference, reference.validation)
    shares, correct = np.empty(0), np.empty(0, np.bool_)
    if votes is not None and reference.validation_labels is not None:
        labelled = reference.validation_labels >= 0
        shares = votes.shares.max(axis=1)[labelled]
        correct = votes.predicted[labelled] == reference.validation_labels[labelled]
    far = np.sort(distances(reference, reference.validation))
    return Yardstick(far, shares, correct, training)


def _training_distances(reference: ReferenceSamples) -> Floats:
    """float64 (t,), ascending: of a seeded draw of training samples to the others."""
    drawn = reference.features
    if len(drawn) > _MOST_TRAINING:
        rows = np.random.default_rng(0).choice(len(drawn), _MOST_TRAINING, replace=False)
        drawn = drawn[rows]
    return np.sort(anomaly.distance_to_normal(reference.features, drawn, among=True))


def share_nearer(measure: Yardstick, distance: Floats, *, training: bool = False) -> Floats | None:
    """float64 (m,): the share of validation samples that lie nearer to the training samples than
    each new sample at ``distance``; None if there are too few of them.

    training: the new samples are training samples; the share is then of training samples.
    """
    compared = measure.training if training else measure.distances
    if len(compared) < FEWEST_TO_COMPARE:
        return None
    return np.searchsorted(compared, distance, side="left") / len(compared)


def correct_votes(measure: Yardstick, share: float) -> tuple[int, int] | None:
    """Of the validation samples whose predicted class got at least ``share`` of the vote: how many
    were predicted right, and how many there are. None if there are too few."""
    as_clear = measure.winning_shares >= share
    count = int(as_clear.sum())
    return (int(measure.correct[as_clear].sum()), count) if count >= FEWEST_TO_COMPARE else None


def map_position(
    mapped: npt.NDArray[Any], xy: npt.NDArray[Any], h: npt.NDArray[Any]
) -> npt.NDArray[np.float64]:
    """float64 (m, 2): where new representations h (m, d) lie on a PCA map of ``mapped`` (n, d).

    xy: (n, 2), coordinates of the map. They are projections of the centred samples, and the map's
    axes are orthogonal, so the axes follow from them.
    """
    mean = np.asarray(mapped, np.float64).mean(axis=0)
    centred = np.asarray(mapped, np.float64) - mean
    coordinates = np.asarray(xy, np.float64)
    squares = (coordinates**2).sum(axis=0)
    axes = centred.T @ coordinates / np.where(squares > 0, squares, 1.0)
    position: npt.NDArray[np.float64] = (np.asarray(h, np.float64) - mean) @ axes
    return position


def _similarity(reference: ReferenceSamples, h: npt.NDArray[Any]) -> Floats:
    return (knn.unit(np.asarray(h)) @ knn.unit(reference.features).T).astype(np.float64)
