"""Clustering agreement: do clusters found without labels match the classes?

k-means on features of length 1 (as kNN compares them), with as many clusters as there are classes.
As in every other protocol, clusters are fitted on train, and test samples are put into the nearest
one. So the size of the test split does not decide the clusters. Labels decide the number of
clusters and nothing else.

Normalised mutual information rises by chance with more clusters and fewer samples; the adjusted
Rand index does not, so read both.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.evaluation.intervals import Estimate, Z, of_influence, within
from workbench.evaluation.knn import unit

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

STARTS = 4
_STEPS = 100


def clusters(train: Any, k: int, *others: Any, seed: int = 0) -> list[Ints]:
    """int64 (m,) cluster of every sample of each of ``others``, by k-means fitted on ``train``.

    train: (n, d). k: number of clusters, at most the number of distinct training samples. The best
    of ``STARTS`` seeded k-means++ starts by its inertia.
    """
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    rows = unit(train)
    k = max(1, min(k, len(np.unique(rows, axis=0))))
    # One thread: sums in another order may move a sample to another cluster.
    with threadpool_limits(1):
        fitted = KMeans(k, n_init=STARTS, max_iter=_STEPS, random_state=seed % 2**32).fit(rows)
        return [
            fitted.predict(unit(part)).astype(np.int64) if len(part) else np.empty(0, np.int64)
            for part in others
        ]


def nmi(truth: Ints, clustering: Ints) -> Estimate:
    """Normalised mutual information, I / mean(H(truth), H(clustering)), in [0, 1].

    sklearn's ``normalized_mutual_info_score``; 0 if either is one group. Interval by the delta
    method (each sample adds its own log ratio), around the value less the information that chance
    gives, (classes - 1)(clusters - 1) / 2n (Miller 1955); it reaches up to the value itself.
    """
    shares, rows, columns = _table(truth, clustering)
    of_rows, of_columns = shares.sum(axis=1), shares.sum(axis=0)
    mine = np.log(shares[rows, columns] / (of_rows[rows] * of_columns[columns]))
    entropy = -(np.log(of_rows[rows]) + np.log(of_columns[columns])) / 2
    if of_rows.max() == 1.0 or of_columns.max() == 1.0:
        return of_influence(np.zeros(len(truth)))
    value = float(mine.mean() / entropy.mean())
    chance = (shares.shape[0] - 1) * (shares.shape[1] - 1) / (2 * len(truth) * entropy.mean())
    left = max(0.0, value - chance)
    _, low, high = of_influence(left + (mine - value * entropy) / entropy.mean())
    return within(value, low, high, 0.0, 1.0)


def ari(truth: Ints, clustering: Ints) -> Estimate:
    """Adjusted Rand index, 0 by chance and 1 for equal groups, with its interval.

    sklearn's ``adjusted_rand_score`` (Hubert and Arabie 1985); interval by the delta method on the
    sums of squared shares. Below 0 means less alike than by chance.
    """
    shares, rows, columns = _table(truth, clustering)
    n = len(truth)
    of_rows, of_columns = shares.sum(axis=1), shares.sum(axis=0)
    if n < 2:
        return Estimate(0.0, -1.0, 1.0)
    both, one, two = (
        float(((part * n) * (part * n - 1)).sum() / (n * (n - 1)))
        for part in (shares, of_rows, of_columns)
    )
    chance, mean = one * two, (one + two) / 2
    if mean - chance < 1e-12:
        # Both are one group, or every sample is its own: the index is not defined.
        return Estimate(0.0, -1.0, 1.0)
    value = (both - chance) / (mean - chance)
    own = (shares[rows, columns], of_rows[rows], of_columns[columns])
    slopes = [2 * (part - part.mean()) for part in own]
    moved = slopes[0] - (slopes[1] * two + slopes[2] * one)
    scale = (slopes[1] + slopes[2]) / 2 - (slopes[1] * two + slopes[2] * one)
    influence = (moved - value * scale) / (mean - chance)
    # One sample for and one against, so that the interval of equal groups has a width.
    half = Z * np.std(np.append(influence, (1.0, -1.0))) / np.sqrt(n + 2)
    return within(value, value - half, value + half, -1.0, 1.0)


def _table(truth: Ints, clustering: Ints) -> tuple[Floats, Ints, Ints]:
    """(shares of all samples by class and cluster, each sample's class, each sample's cluster)."""
    _, rows = np.unique(truth, return_inverse=True)
    _, columns = np.unique(clustering, return_inverse=True)
    counts = np.zeros((rows.max() + 1, columns.max() + 1))
    np.add.at(counts, (rows, columns), 1.0)
    return counts / len(truth), rows, columns
