"""Distances from normal, against other ways to compute them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.covariance import LedoitWolf
from sklearn.neighbors import NearestNeighbors

from workbench.evaluation.anomaly import distance_to_normal, mahalanobis


def test_distances_are_sklearns_mean_of_five() -> None:
    rng = np.random.default_rng(0)
    train, test = rng.standard_normal((50, 6)), rng.standard_normal((20, 6))
    distances = NearestNeighbors(n_neighbors=5).fit(train).kneighbors(test)[0].mean(axis=1)
    assert distance_to_normal(train, test, scaling="none") == pytest.approx(distances, rel=1e-5)


def test_fewer_normals_than_neighbours_still_work() -> None:
    found = distance_to_normal(np.zeros((1, 2)), np.array([[3.0, 4.0]]), scaling="none")
    assert found == pytest.approx([5.0])


@pytest.mark.parametrize("n", [15, 200])
def test_mahalanobis_is_sklearns_with_shrinkage(n: int) -> None:
    rng = np.random.default_rng(0)
    turn = rng.standard_normal((20, 20))
    train, test = (rng.standard_normal((m, 20)) @ turn for m in (n, 30))
    fitted = LedoitWolf().fit(train)
    found = mahalanobis(train.astype(np.float32), test.astype(np.float32), scaling="none")
    assert found == pytest.approx(np.sqrt(fitted.mahalanobis(test)), rel=1e-3)


def test_mahalanobis_sees_what_distances_in_wide_directions_hide() -> None:
    rng = np.random.default_rng(0)
    train = rng.standard_normal((400, 2)) @ np.array([[1.0, 1.0], [0.01, -0.01]])
    along, across = mahalanobis(train, np.array([[1.0, 1.0], [0.5, -0.5]]))
    assert across > 5 * along


def test_constant_columns_and_a_single_sample_still_get_a_distance() -> None:
    rng = np.random.default_rng(0)
    train = np.hstack([rng.standard_normal((40, 2)), np.full((40, 1), 3.0)])
    found = mahalanobis(train, np.array([[0.0, 0, 3], [5, 5, 3]]))
    assert np.isfinite(found).all()
    assert found[1] > found[0]
    alone = mahalanobis(np.zeros((1, 2)), np.array([[3.0, 4.0]]), scaling="none")
    assert alone == pytest.approx([5.0])
    assert np.isfinite(mahalanobis(np.ones((9, 2)), np.zeros((3, 2)))).all()
