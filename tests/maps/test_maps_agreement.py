from __future__ import annotations

import numpy as np
import pytest

from workbench.errors import RequestError
from workbench.maps.agreement import agreement, cka, matrix

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


def hsic(k: np.ndarray, m: np.ndarray) -> float:
    """Song et al. 2012, equation 5, as it stands there."""
    k, m = k.copy(), m.copy()
    np.fill_diagonal(k, 0)
    np.fill_diagonal(m, 0)
    n, one = len(k), np.ones(len(k))
    both = one @ k @ one * (one @ m @ one) / ((n - 1) * (n - 2))
    total = np.trace(k @ m) + both - 2 * (one @ k @ m @ one) / (n - 2)
    return float(total / (n * (n - 3)))


def test_cka_equals_the_formula_and_does_not_see_rotation_scale_and_shift() -> None:
    a = RNG.standard_normal((60, 7)) + 3
    b = np.tanh(a @ RNG.standard_normal((7, 20))) + 0.2 * RNG.standard_normal((60, 20))
    k, m = a @ a.T, b @ b.T
    assert cka(a, b) == pytest.approx(hsic(k, m) / np.sqrt(hsic(k, k) * hsic(m, m)), abs=1e-9)
    turn = np.linalg.qr(RNG.standard_normal((7, 7)))[0]
    assert cka(a, 1e3 * a @ turn - 70) == pytest.approx(1.0, abs=1e-9)


def test_cka_of_noise_is_about_zero_however_many_columns_it_has() -> None:
    a, b = RNG.standard_normal((200, 400)), RNG.standard_normal((200, 400))
    assert abs(cka(a, b)) < 0.03
    centred = [x - x.mean(axis=0) for x in (a, b)]
    biased = np.linalg.norm(centred[0].T @ centred[1]) ** 2
    biased /= np.prod([np.linalg.norm(x.T @ x) for x in centred])
    assert biased > 0.5, "what the estimator is for"


def test_what_does_not_vary_has_no_cka() -> None:
    for still in (np.full((50, 4), 0.1, np.float32), np.zeros((50, 4))):
        assert np.isnan(cka(still, H[:50]))
    assert not np.isnan(cka(1 + 1e-6 * H[:50], H[:50]))
    with pytest.raises(RequestError, match="3 samples"):
        cka(H[:3], H[:3])


def test_a_matrix_holds_what_its_pairs_give() -> None:
    other, still = np.tanh(H @ RNG.standard_normal((6, 9))), np.ones((200, 3))
    found = matrix([H, other, still], k=10)
    assert (found.n, found.k, found.chance) == (200, 10, 10 / 199)
    pair = agreement(H, ROWS, other, ROWS, k=10, metric="cosine")
    assert found.overlap[0, 1] == found.overlap[1, 0] == pytest.approx(pair.mean)
    assert found.overlap[0, 0] == 1.0
    assert found.overlap[0, 2] == pytest.approx(found.chance, abs=0.03)
    assert found.cka[0, 1] == found.cka[1, 0] == pytest.approx(cka(H, other))
    assert np.isnan(found.cka[2]).all()
    assert matrix([H[:6], other[:6]]).k == 5
    with pytest.raises(RequestError, match="in common"):
        matrix([])
