"""Macro F1 with bootstrapped intervals, alone and as a difference on the same samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.evaluation.intervals import Interval, Z, half_of_draws, wilson, within

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# Percentiles need many resamples; a standard deviation is known to 5 % from 200.
RESAMPLES, RESAMPLES_FOR_SPREAD = 1000, 200


def macro_f1(truth: Ints, predicted: Ints) -> float:
    """Mean over the classes that occur in ``truth`` of 2 TP / (2 TP + FP + FN); in [0, 1].

    A class that is predicted but never true has no term of its own: its errors are missed samples
    of the others already. sklearn's ``f1_score(labels=unique(truth), average="macro")``.
    """
    return float(_of_weights(truth, predicted, np.ones((1, len(truth))))[0])


def interval(truth: Ints, predicted: Ints, seed: int = 0) -> Interval:
    """Macro F1 of int64 (n,), or averaged over draws of labels (draws, n), with its interval.

    One prediction: percentiles of ``RESAMPLES`` seeded resamples of the test samples. Several:
    normal around the mean, with the spread of the draws added. If every resample agrees, the
    bootstrap has nothing to say and Wilson's interval of n samples stands in.
    """
    table = np.atleast_2d(predicted)
    times = RESAMPLES if len(table) == 1 else RESAMPLES_FOR_SPREAD
    weights, rows = _resample(np.vstack([truth[None], table]), times, seed)
    patterns = np.vstack([truth[None], table])[:, rows]
    values = np.array([macro_f1(truth, draw) for draw in table])
    drawn = np.array([_of_weights(patterns[0], draw, weights) for draw in patterns[1:]])
    value = float(values.mean())
    if len(table) > 1:
        half = np.hypot(Z * drawn.mean(axis=0).std(), half_of_draws(values))
        low, high = value - half, value + half
    else:
        low, high = np.percentile(drawn[0], (2.5, 97.5))
    if low == high:
        spread = wilson(value * len(truth), len(truth))
        low, high = spread.low, spread.high
    return within(value, low, high, 0.0, 1.0)


def gain(truth: Ints, first: Ints, second: Ints, seed: int = 0) -> Interval:
    """Macro F1 of ``first`` less that of ``second``, both int64 (n,), by paired bootstrap.

    Every resample takes the same samples for both, so that what both find hard cancels.
    """
    stacked = np.stack([truth, first, second])
    weights, rows = _resample(stacked, RESAMPLES, seed)
    truths, one, two = stacked[:, rows]
    drawn = _of_weights(truths, one, weights) - _of_weights(truths, two, weights)
    value = macro_f1(truth, first) - macro_f1(truth, second)
    low, high = np.percentile(drawn, (2.5, 97.5))
    if low == high:
        # Equal predictions: as wide as n samples with one error for each side make it.
        half = Z * np.sqrt(2.0) / (len(truth) + 2)
        low, high = value - half, value + half
    return within(value, low, high, -1.0, 1.0)


def _resample(columns: Ints, times: int, seed: int) -> tuple[npt.NDArray[np.float32], Ints]:
    """(weights (times, patterns), one position of each pattern): resamples of the columns.

    Resampling n samples with replacement is a multinomial draw over the distinct patterns of truth
    and predictions, of which there are few.
    """
    _, rows, counts = np.unique(columns, axis=1, return_index=True, return_counts=True)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(counts.sum(), counts / counts.sum(), size=times)
    return drawn.astype(np.float32), rows


def _of_weights(truth: Ints, predicted: Ints, weights: npt.NDArray[Any]) -> Floats:
    """float64 (B,): macro F1 under each row of sample weights (B, n)."""
    classes = np.unique(truth)
    is_true = (truth[:, None] == classes).astype(weights.dtype)
    is_said = (predicted[:, None] == classes).astype(weights.dtype)
    support, said = weights @ is_true, weights @ is_said
    both = weights @ (is_true * is_said)
    present = support > 0
    f1 = 2 * both / np.maximum(support + said, 1)
    result: Floats = (f1 * present).sum(axis=1) / present.sum(axis=1)
    return result.astype(np.float64)
