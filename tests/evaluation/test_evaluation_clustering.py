"""Clustering agreement, against scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from workbench.evaluation.clustering import ari, clusters, nmi


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8, 1.0])
def test_agreement_is_sklearns(share: float) -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 5, 400)
    found = np.where(rng.random(400) < share, (truth + 2) % 5, rng.integers(0, 7, 400))
    mutual, rand = nmi(truth, found), ari(truth, found)
    assert mutual.value == pytest.approx(normalized_mutual_info_score(truth, found))
    assert rand.value == pytest.approx(adjusted_rand_score(truth, found))
    for value, low, high in (mutual, rand):
        assert low <= value <= high
        assert low < high
    assert mutual.low >= 0
    assert mutual.high <= 1


@pytest.mark.parametrize(
    ("measure", "reference"), [(nmi, normalized_mutual_info_score), (ari, adjusted_rand_score)]
)
def test_the_width_is_the_bootstraps(measure: Any, reference: Any) -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 4, 500)
    found = np.where(rng.random(500) < 0.6, truth, rng.integers(0, 4, 500))
    drawn = [reference(truth[rows], found[rows]) for rows in rng.integers(0, 500, (400, 500))]
    _, low, high = measure(truth, found)
    assert high - low == pytest.approx(2 * 1.96 * np.std(drawn), rel=0.15)


def test_one_group_agrees_with_nothing() -> None:
    ones, two = np.zeros(10, np.int64), np.arange(10) % 2
    for truth, found in ((ones, two), (two, ones), (ones, ones), (ones[:1], ones[:1])):
        assert nmi(truth, found).value == ari(truth, found).value == 0.0
        assert ari(truth, found).low < ari(truth, found).high


def test_clusters_are_fitted_on_train_and_repeat(blobs: Any) -> None:
    features, labels = blobs(apart=3.0)
    (one,) = clusters(features["train"], 4, features["test"], seed=2**40)
    (two,) = clusters(features["train"], 4, features["test"][:10], seed=2**40)
    assert nmi(labels["test"], one).value > 0.95
    assert np.array_equal(one[:10], two)


def test_fewer_distinct_samples_than_clusters_are_no_error() -> None:
    (found,) = clusters(np.ones((6, 3)), 4, np.zeros((2, 3)))
    assert found.tolist() == [0, 0]
