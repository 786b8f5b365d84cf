"""Macro F1 and balanced accuracy, with intervals and paired differences.

Both average over the classes that occur among the true labels, so that rare classes count as much
as common ones. Intervals need no resampling: macro F1 by the delta method (Takahashi, Yamamoto,
Kuchiba, Koyama 2022, "Confidence interval for micro-averaged F1 and macro-averaged F1 scores") in
Wilson's form, which keeps its 95 % near 1 where percentiles of a bootstrap do not; balanced
accuracy likewise.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.evaluation import intervals
from workbench.evaluation.intervals import Estimate, of_influence

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def macro_f1(truth: Ints, predicted: Ints) -> float:
    """Mean over the classes that occur in ``truth`` of 2 TP / (2 TP + FP + FN); in [0, 1].

    A class that is predicted but never true has no term of its own: its errors already count as
    missed samples of the others. sklearn's ``f1_score(labels=unique(truth), average="macro")``.
    """
    return float(influence(truth, predicted).mean())


def influence(truth: Ints, predicted: Ints) -> Floats:
    """float64 (n,): what each sample adds to macro F1; its mean is macro F1.

    The derivative of F_k = 2 TP_k / (S_k + P_k), with S_k true and P_k predicted samples of class
    k, by the weight of a sample, averaged over classes and centred on macro F1.
    """
    size = int(max(truth.max(), predicted.max())) + 1
    support = np.bincount(truth, minlength=size)
    both = support + np.bincount(predicted, minlength=size)
    right = truth == predicted
    hits = np.bincount(truth[right], minlength=size)
    present = support > 0
    share = np.where(present, len(truth) / np.maximum(both, 1), 0.0)
    f1 = np.where(present, 2 * hits / np.maximum(both, 1), 0.0)
    slope = 2 * right * share[truth] - (f1 * share)[truth] - (f1 * share)[predicted]
    result: Floats = (slope + f1.sum()) / present.sum()
    return result


def interval(truth: Ints, predicted: Ints) -> Estimate:
    """Macro F1 of int64 (n,), or averaged over draws of labels (draws, n), with its interval.

    The spread of the draws is added to that of the samples.
    """
    return of_influence(np.stack([influence(truth, draw) for draw in np.atleast_2d(predicted)]))


def gain(truth: Ints, first: Ints, second: Ints) -> Estimate:
    """Macro F1 of ``first`` less that of ``second``, both int64 (n,), as a paired difference:
    samples that are hard for both cancel."""
    return intervals.paired(influence(truth, first) - influence(truth, second))


def balanced_accuracy(truth: Ints, predicted: Ints) -> Estimate:
    """Mean over the classes that occur in ``truth`` of their recall, with its interval.

    The variance is that of independent shares, one a class, in Wilson's form. (Adding up Wilson's
    limits of the classes covers the truth in 88 % of cases only, at 0.97 with 50 samples a class.)
    """
    return of_influence(_recall_influence(truth, predicted))


def balanced_gain(truth: Ints, first: Ints, second: Ints) -> Estimate:
    """Balanced accuracy of ``first`` less that of ``second``, both int64 (n,) or (draws, n), as a
    paired difference."""
    pairs = zip(np.atleast_2d(first), np.atleast_2d(second), strict=True)
    return intervals.paired(
        np.stack([_recall_influence(truth, a) - _recall_influence(truth, b) for a, b in pairs])
    )


def _recall_influence(truth: Ints, predicted: Ints) -> Floats:
    """float64 (n,): what each sample adds to balanced accuracy, which is its mean."""
    _, place, counts = np.unique(truth, return_inverse=True, return_counts=True)
    right = (truth == predicted).astype(np.float64)
    shares = np.bincount(place, right) / counts
    slope = (right - shares[place]) * len(truth) / (len(counts) * counts[place])
    result: Floats = slope + shares.mean()
    return result
