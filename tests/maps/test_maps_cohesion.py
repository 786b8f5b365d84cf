from __future__ import annotations

import numpy as np
import pytest

from workbench.maps.cohesion import cohesion

RNG = np.random.default_rng(5)


def counted(x: np.ndarray, members: list[int], k: int) -> float:
    """Share of neighbours inside, one sample and one neighbour at a time."""
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    inside = total = 0
    for i in members:
        nearest = sorted(
            (j for j in range(len(x)) if j != i), key=lambda j: -float(unit[i] @ unit[j])
        )
        inside += sum(j in members for j in nearest[:k])
        total += k
    return inside / total


def test_as_counted_one_by_one() -> None:
    x = RNG.standard_normal((80, 6))
    x[10:30] += 1.0
    members = np.arange(10, 30)
    found = cohesion(x, members, k=7)
    assert found is not None
    assert found.share == pytest.approx(counted(x, members.tolist(), 7))
    assert found.base == pytest.approx(19 / 79)
    assert found.low < found.share < found.high
    assert (found.members, found.k) == (20, 7)


def test_a_group_apart_is_kept_wholly_and_a_drawn_one_by_chance() -> None:
    x = RNG.standard_normal((400, 8)) * 0.05 + np.array([1.0] + [0.0] * 7)
    x[:6, 0], x[:6, 1] = 0.0, 1.0
    apart = cohesion(x, np.arange(6))
    assert apart is not None
    assert apart.share == 1.0
    assert apart.k == 5, "no more than the other members"
    assert apart.low > apart.base
    drawn = cohesion(RNG.standard_normal((400, 8)), RNG.choice(400, 100, replace=False))
    assert drawn is not None
    assert drawn.low <= drawn.base <= drawn.high


def test_of_too_few_or_of_everything_nothing_is_told() -> None:
    x = RNG.standard_normal((10, 3))
    assert cohesion(x, np.array([1, 2])) is None
    assert cohesion(x, np.array([4, 4, 4, 4])) is None
    assert cohesion(x, np.arange(10)) is None
