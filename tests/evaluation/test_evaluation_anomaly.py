from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors

from workbench.evaluation.anomaly import (
    auroc,
    auroc_gain,
    distance_to_normal,
    placements,
)


def test_distances_are_sklearns_mean_of_five() -> None:
    rng = np.random.default_rng(0)
    train, test = rng.standard_normal((50, 6)), rng.standard_normal((20, 6))
    near = NearestNeighbors(n_neighbors=5).fit(train).kneighbors(test)[0].mean(axis=1)
    assert distance_to_normal(train, test, scaling="none") == pytest.approx(near, rel=1e-5)


def test_fewer_normals_than_neighbours_still_work() -> None:
    found = distance_to_normal(np.zeros((1, 2)), np.array([[3.0, 4.0]]), scaling="none")
    assert found == pytest.approx([5.0])


def test_auroc_is_sklearns_with_ties_counted_half() -> None:
    rng = np.random.default_rng(0)
    strange = rng.random(300) < 0.3
    scores = np.round(rng.standard_normal(300) + strange, 1)
    value, low, high = auroc(scores, strange)
    assert value == pytest.approx(roc_auc_score(strange, scores))
    assert 0 < low < value < high < 1


def test_placements_are_counted_pair_by_pair() -> None:
    scores, strange = np.array([1.0, 2, 2, 3]), np.array([False, True, False, True])
    above, below = placements(scores, strange)
    assert above.tolist() == [0.75, 1.0]
    assert below.tolist() == [1.0, 0.75]


def test_the_interval_covers_the_truth_about_95_times_in_100() -> None:
    rng = np.random.default_rng(0)
    strange = np.arange(160) < 60
    truth = 0.7602  # of unit Gaussians one apart
    found = [auroc(rng.standard_normal(160) + strange, strange) for _ in range(600)]
    assert 0.92 < np.mean([low <= truth <= high for _, low, high in found]) < 0.98


@pytest.mark.parametrize("flip", [1.0, -1.0])
def test_perfect_separation_keeps_a_width(flip: float) -> None:
    strange = np.arange(20) < 8
    value, low, high = auroc(flip * strange.astype(float), strange)
    assert value == (flip > 0)
    assert 0 <= low < high <= 1


def test_one_anomaly_is_scored_with_a_wide_interval() -> None:
    strange = np.arange(30) == 3
    value, low, high = auroc(np.where(strange, 1.5, np.arange(30) / 10.0), strange)
    assert low <= value <= high
    assert high - low > 0.4


def test_gains_are_zero_for_equal_scores_and_seen_where_there_is_one() -> None:
    rng = np.random.default_rng(0)
    strange = rng.random(400) < 0.5
    poor, good = rng.standard_normal(400), rng.standard_normal(400) + 3 * strange
    value, low, high = auroc_gain(poor, poor, strange)
    assert low < value == 0 < high
    gain = auroc_gain(good, poor, strange)
    assert gain.low > 0.2
    assert gain.value == pytest.approx(auroc(good, strange).value - auroc(poor, strange).value)
