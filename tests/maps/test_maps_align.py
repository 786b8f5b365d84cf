from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import procrustes

from workbench.maps.align import align

RNG = np.random.default_rng(0)
XY = RNG.standard_normal((60, 2))
ROWS = RNG.permutation(1000)[:60]


@pytest.mark.parametrize("mirror", [1, -1])
def test_undoes_a_known_movement(mirror: int) -> None:
    angle = 1.1
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    moved = (XY * [1, mirror]) @ turn * 3.0 + [4.0, -7.0]
    order = RNG.permutation(60)
    found = align(moved[order], ROWS[order], XY, ROWS)
    np.testing.assert_allclose(found.xy, XY[order], atol=1e-5)
    assert found.residual == pytest.approx(0, abs=1e-9)
    assert found.shared == 60


def test_learns_from_shared_rows_and_moves_all() -> None:
    moved = -2.0 * XY + 5.0
    found = align(moved, ROWS, XY[:40], ROWS[:40])
    assert found.shared == 40
    np.testing.assert_allclose(found.xy, XY, atol=1e-5)


def test_residual_is_scipys_disparity_and_size_is_kept() -> None:
    other = RNG.standard_normal((60, 2)) * 0.01
    found = align(other, ROWS, XY, ROWS)
    assert found.residual == pytest.approx(procrustes(XY, other)[2])
    assert 0.5 < found.residual <= 1
    spread = np.linalg.norm(found.xy - found.xy.mean(0)) / np.linalg.norm(XY - XY.mean(0))
    assert spread == pytest.approx(1, rel=1e-4)
    kept = align(other, ROWS, XY, ROWS, rescale=False)
    assert np.linalg.norm(kept.xy - kept.xy.mean(0)) == pytest.approx(
        np.linalg.norm(other - other.mean(0)), rel=1e-3
    )


def test_nothing_to_match() -> None:
    alone = align(XY, ROWS, XY, ROWS + 5000)
    assert (alone.residual, alone.shared) == (1.0, 0)
    np.testing.assert_allclose(alone.xy, XY, atol=1e-6)
    point = align(np.ones((60, 2)), ROWS, XY, ROWS)
    assert point.residual == 1.0
    assert np.isfinite(point.xy).all()
