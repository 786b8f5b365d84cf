from __future__ import annotations

import numpy as np

from workbench.maps.movers import movers

RNG = np.random.default_rng(3)
A = RNG.standard_normal((60, 5))


def neighbours(x: np.ndarray, i: int, k: int) -> list[int]:
    """The k nearest others by cosine, one sample at a time."""
    cosines = [
        (float(x[i] @ x[j] / (np.linalg.norm(x[i]) * np.linalg.norm(x[j]))), j)
        for j in range(len(x))
        if j != i
    ]
    return [j for _, j in sorted(cosines, reverse=True)[:k]]


def test_as_counted_one_by_one() -> None:
    b = A.copy()
    b[7] = -b[7]
    b[20:25] += 2 * RNG.standard_normal((5, 5))
    found = movers(A, b, k=6)
    assert found is not None
    every = {name: [neighbours(x, i, 59) for i in range(60)] for name, x in (("a", A), ("b", b))}
    for i in range(60):
        one, other = every["a"][i][:6], every["b"][i][:6]
        assert found.neighbours_a[i].tolist() == one
        assert found.neighbours_b[i].tolist() == other
        assert found.changed[i] == 1 - len(set(one) & set(other)) / 6
        ranks = [every["b"][i].index(j) for j in one], [every["a"][i].index(j) for j in other]
        np.testing.assert_allclose(found.distance[i], np.mean(ranks) / 58)
    keys = [(-found.changed[i], -found.distance[i], i) for i in range(60)]
    assert found.order.tolist() == [i for _, _, i in sorted(keys)]
    assert found.order[0] == 7, "what was turned round lies farthest from where it was"


def test_the_same_space_moves_nothing_and_a_collapsed_one_everything() -> None:
    turned = 2 * A @ np.linalg.qr(RNG.standard_normal((5, 5)))[0]
    same = movers(A, turned)
    assert same is not None
    assert not same.changed.any()
    lost = movers(A, np.ones((60, 4)))
    assert lost is not None
    assert lost.changed.mean() > 0.7


def test_few_samples() -> None:
    assert movers(A[:2], A[:2]) is None
    found = movers(A[:3], A[2::-1])
    assert found is not None
    assert found.neighbours_a.shape == (3, 1)
