"""How far an augmentation moves a representation, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.diagnostics.invariance import movement
from workbench.errors import RequestError


def unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def test_the_identity_moves_nothing() -> None:
    h = np.random.default_rng(0).standard_normal((40, 8))
    views = np.repeat(h[:, None], 3, axis=1)
    found = movement(h, views, np.zeros((40, 3), bool))
    assert (found.value, found.low, found.high, found.n, found.changed) == (0.0, 0.0, 0.0, 0, 0.0)
    # Said to have changed, and yet in the same place: blind to it.
    blind = movement(h, views, np.ones((40, 3), bool))
    assert blind.value == pytest.approx(0.0, abs=1e-12)
    assert blind.high == pytest.approx(0.0, abs=1e-12)


def test_a_view_on_another_sample_is_as_far_as_another_sample() -> None:
    rng = np.random.default_rng(1)
    h = rng.standard_normal((400, 16))
    views = h[rng.permutation(400)][:, None]
    found = movement(h, views, np.ones((400, 1), bool))
    assert found.low < 1.0 < found.high
    assert found.value == pytest.approx(1.0, abs=0.05)


def test_orthogonal_samples_and_a_right_angle_give_the_closed_form() -> None:
    # Different samples are at right angles (distance 1); views at 60 degrees (distance 0.5).
    h = np.eye(12, 24)
    views = (0.5 * h + np.sqrt(0.75) * np.eye(12, 24, k=12))[:, None]
    found = movement(h, views, np.ones((12, 1), bool))
    assert found.apart == pytest.approx(1.0)
    assert found.value == pytest.approx(0.5)
    assert found.low == pytest.approx(found.high)


def test_scale_and_rotation_change_nothing() -> None:
    rng = np.random.default_rng(2)
    h = rng.standard_normal((50, 6)) + 1
    views = h[:, None] + 0.4 * rng.standard_normal((50, 2, 6))
    changed = rng.random((50, 2)) < 0.8
    turn = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    first, second = movement(h, views, changed), movement(9 * h @ turn, 9 * views @ turn, changed)
    assert second.value == pytest.approx(first.value)
    assert (second.low, second.high) == pytest.approx((first.low, first.high))


def test_only_views_that_were_changed_count() -> None:
    rng = np.random.default_rng(3)
    h = rng.standard_normal((60, 6))
    moved = h[:, None] + rng.standard_normal((60, 2, 6))
    half = np.stack([moved[:, 0], h], axis=1)
    once = movement(h, half, np.array([[True, False]] * 60))
    always = movement(h, moved[:, :1], np.ones((60, 1), bool))
    assert once.value == pytest.approx(always.value)
    assert once.changed == 0.5
    assert always.changed == 1.0


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """Samples on a sphere moved by noise; the truth is what very many samples give."""
    rng = np.random.default_rng(4)

    def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
        h = unit(rng.standard_normal((n, 8)) + 0.7)
        return h, h[:, None] + rng.gamma(2.0, 0.15, (n, 1, 1)) * rng.standard_normal((n, 2, 8))

    truth = movement(*draw(6000), np.ones((6000, 2), bool)).value
    covered = 0
    for _ in range(300):
        found = movement(*draw(80), np.ones((80, 2), bool))
        covered += found.low <= truth <= found.high
    assert 270 <= covered <= 297


def test_all_in_one_place_cannot_be_told() -> None:
    h = np.ones((20, 4))
    found = movement(h, np.ones((20, 1, 4)), np.ones((20, 1), bool))
    assert found.value is None
    assert found.apart == pytest.approx(0.0, abs=1e-12)


def test_one_changed_sample_has_no_interval_and_so_no_number() -> None:
    h = np.random.default_rng(5).standard_normal((10, 4))
    changed = np.zeros((10, 1), bool)
    changed[3] = True
    assert movement(h, -h[:, None], changed).value is None


def test_one_sample_is_refused() -> None:
    with pytest.raises(RequestError, match="too few"):
        movement(np.ones((1, 4)), np.ones((1, 1, 4)), np.ones((1, 1), bool))
