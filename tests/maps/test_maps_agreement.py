from __future__ import annotations

import numpy as np
import pytest

from workbench.errors import RequestError
from workbench.maps.agreement import agreement

RNG = np.random.default_rng(0)
H = RNG.standard_normal((200, 6))
ROWS = np.arange(200)


def test_the_same_run_agrees_wholly_whatever_its_order_and_rotation() -> None:
    order = RNG.permutation(200)
    turn = np.linalg.qr(RNG.standard_normal((6, 6)))[0]
    found = agreement(H, ROWS, 3 * H[order] @ turn, ROWS[order])
    assert found.mean == 1.0
    np.testing.assert_array_equal(found.rows, ROWS)


def test_unrelated_and_collapsed_runs_agree_by_chance() -> None:
    other = agreement(H, ROWS, RNG.standard_normal((200, 3)), ROWS, k=20)
    assert other.chance == pytest.approx(20 / 199)
    assert other.mean == pytest.approx(other.chance, abs=0.03)
    same = np.ones((200, 4))
    assert agreement(same, ROWS, same, ROWS, k=20).mean == pytest.approx(0.1, abs=0.03)


def test_per_point_names_the_moved_ones() -> None:
    moved = H.copy()
    moved[:10] += 50 * np.eye(6)[:, :1].T
    found = agreement(H, ROWS, moved, ROWS, k=10)
    assert found.per_point[:10].mean() < found.per_point[10:].mean()
    assert found.mean == pytest.approx(found.per_point.mean())


def test_cosine_ignores_length() -> None:
    lengths = RNG.uniform(0.1, 10, (200, 1))
    assert agreement(H, ROWS, H * lengths, ROWS, metric="cosine").mean == 1.0
    assert agreement(H, ROWS, H * lengths, ROWS).mean < 0.9


def test_only_shared_rows_count() -> None:
    found = agreement(H[:100], ROWS[:100], H[50:], ROWS[50:])
    assert found.rows.tolist() == list(range(50, 100))
    with pytest.raises(RequestError, match="in common"):
        agreement(H[:10], ROWS[:10], H[10:], ROWS[10:])
