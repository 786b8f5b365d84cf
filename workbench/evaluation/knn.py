"""k nearest neighbours: do samples that lie together share the label? No training, one number.

Weighted vote by cosine similarity s: each of the k nearest training samples adds exp(s / T) to its
class (Wu, Xiong, Yu, Lin 2018, arXiv 1805.01978, equation 13; T = 0.07). k is the run's option
``eval.neighbours``; its default, 20, is the value that is usually best in later work. It is lowered
to half of the median class.

As in the sources, features are taken as they are: neither centred nor scaled. That costs features
with a large common offset something (an untrained conv net on 8 x 8 digits: 94.4 % as it is, 96.0 %
centred; trained ones: the same within 0.3). The linear probe standardises, so read both. Numpy
alone, in blocks; the result repeats bit for bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

# The default of ``config.EvalOptions.neighbours``, for features that no run made.
NEIGHBOURS = 20
TEMPERATURE = 0.07
_BLOCK = 1000
_TINY = 1e-12
# The squares of larger and of smaller entries are none in single precision, or no number.
_LEAST, _MOST = 1e-11, 1e15


def neighbours_for(labels: Ints, neighbours: int = NEIGHBOURS) -> int:
    """How many vote: ``neighbours``, but at most half of the median class, and at least 1."""
    counts = np.bincount(labels)
    return int(max(1, min(neighbours, np.median(counts[counts > 0]) // 2)))


def predict(
    bank: npt.NDArray[Any], labels: Ints, queries: npt.NDArray[Any], k: int | None = None
) -> Ints:
    """int64 (m,): the class that each query's neighbours vote for; ties go to the smaller index.

    bank: (n, d) training features; labels: int64 (n,), none missing; queries: (m, d). k: how many
    neighbours vote, ``neighbours_for(labels)`` by default.
    """
    k = min(neighbours_for(labels) if k is None else k, len(bank))
    unit_bank = unit(bank)
    parts = [_vote(unit(block) @ unit_bank.T, labels, k) for block in _blocks(queries)]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def agreement(
    features: npt.NDArray[Any], labels: Ints, neighbours: int = NEIGHBOURS
) -> float | None:
    """Share of samples whose neighbours among the others vote for their own label.

    Leave-one-out within one array, otherwise as ``predict``. The check during training and
    ``workbench diagnose`` measure this. Samples with label -1 are left out; None if fewer than two
    samples or two classes are left.
    """
    labelled = labels >= 0
    features, labels = features[labelled], labels[labelled]
    if len(np.unique(labels)) < 2:
        return None
    rows = unit(features)
    k = min(neighbours_for(labels, neighbours), len(labels) - 1)
    correct = 0
    for start in range(0, len(rows), _BLOCK):
        similarity = rows[start : start + _BLOCK] @ rows.T
        places = np.arange(len(similarity))
        similarity[places, places + start] = -np.inf
        correct += int((_vote(similarity, labels, k) == labels[start + places]).sum())
    return correct / len(labels)


def unit(x: npt.NDArray[Any]) -> Floats:
    """Every row divided by its length, as float32; rows of length 0 stay 0."""
    given = np.asarray(x)
    # Half precision does not hold the limits of the range.
    given = given.astype(np.float32) if given.dtype == np.float16 else given
    values: Floats = np.asarray(_in_range(given), np.float32)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    result: Floats = values / np.maximum(lengths, np.float32(_TINY))
    return result


def _in_range(x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """``x`` with the rows divided by their largest entry whose squares single precision does not
    hold. Other rows stay as they are, bit by bit."""
    if x.dtype.kind != "f" or not x.size:
        return x
    largest = np.maximum(x.max(axis=1), -x.min(axis=1))[:, None]
    far = (largest > _MOST) | ((largest > 0) & (largest < _LEAST))
    return x / np.where(far, largest, 1).astype(x.dtype) if far.any() else x


def votes(
    similarity: npt.NDArray[np.floating[Any]], labels: Ints, k: int
) -> npt.NDArray[np.float64]:
    """float64 (m, classes): the votes of the k nearest for each class; the nearest one counts 1.

    similarity: (m, n) to the training samples; labels: int64 (n,), none missing; k: at most n.
    """
    rows = np.arange(len(similarity))[:, None]
    nearest = np.argpartition(-similarity, k - 1, axis=1)[:, :k]
    near = similarity[rows, nearest].astype(np.float64)
    weights = np.exp((near - near.max(axis=1, keepdims=True)) / TEMPERATURE)
    totals = np.zeros((len(similarity), int(labels.max()) + 1))
    np.add.at(totals, (rows, labels[nearest]), weights)
    return totals


def _vote(similarity: Floats, labels: Ints, k: int) -> Ints:
    winners: Ints = votes(similarity, labels, k).argmax(axis=1).astype(np.int64)
    return winners


def _blocks(x: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
    return [x[start : start + _BLOCK] for start in range(0, len(x), _BLOCK)]
