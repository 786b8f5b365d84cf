from __future__ import annotations

import numpy as np

from workbench.maps.neighbours import nearest, nearest_to

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
