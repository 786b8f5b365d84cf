from __future__ import annotations

import numpy as np

from workbench.maps.neighbours import closeness, nearest, nearest_to

RNG = np.random.default_rng(0)
X = RNG.standard_normal((80, 5))


def test_the_nearest_of_some_are_the_nearest_of_all() -> None:
    queries = np.array([3, 70, 0])
    found = nearest_to(X, queries, 6)
    np.testing.assert_array_equal(found, nearest(X, 6, "cosine")[queries])
    np.testing.assert_array_equal(found, nearest_to(7 * X, queries, 6))
    assert nearest_to(X, queries, 500).shape == (3, 79)
    others = nearest_to(X, queries, 79)
    assert not (others == queries[:, None]).any()


def test_ties_go_by_draw() -> None:
    same = np.ones((300, 2))
    first, again = (nearest_to(same, np.arange(300), 5, seed=1) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, nearest_to(same, np.arange(300), 5, seed=2))
    assert len(np.unique(first)) > 250, "not the first rows of the table for everyone"


def test_closeness_is_the_mean_cosine_to_the_nearest() -> None:
    unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    found = nearest(X, 4, "cosine")
    wanted = [(unit[at] @ unit[found[at]].T).mean() for at in range(len(X))]
    np.testing.assert_allclose(closeness(X, 4), wanted)
    np.testing.assert_allclose(closeness(7 * X, 4), wanted)
    many = np.tile(X, (15, 1))
    np.testing.assert_allclose(closeness(many, 14), 1.0)
    assert closeness(X[:2], 5).shape == (2,)
    odd = np.concatenate([np.tile([1.0, 0.0], (20, 1)), [[0.0, 1.0]]])
    assert closeness(odd, 5).argmin() == 20
