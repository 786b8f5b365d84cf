"""New points on an existing PCA map."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.maps.pca import pca
from workbench.maps.satellites import on_map


@pytest.mark.parametrize(("n", "d"), [(80, 10), (20, 40), (30, 1)])
def test_new_points_lie_where_the_map_would_put_them(n: int, d: int) -> None:
    rng = np.random.default_rng(0)
    h = rng.standard_normal((n, d)) * np.linspace(2, 0.3, d) + 1
    new = h[:5] + 0.1 * rng.standard_normal((5, d))
    xy, _ = pca(h)
    centred = h - h.mean(axis=0)
    axes = np.linalg.lstsq(centred.T @ centred, centred.T @ xy, rcond=1e-10)[0]
    assert np.allclose(on_map(h, xy, new), (new - h.mean(axis=0)) @ axes, atol=1e-4)
    assert np.allclose(on_map(h, xy, h[3:6]), xy[3:6], atol=1e-4)


def test_a_turned_map_and_half_precision_give_the_same_place() -> None:
    rng = np.random.default_rng(1)
    h = rng.standard_normal((100, 16)) * np.linspace(2, 0.3, 16)
    xy = pca(h)[0] @ np.array([[0.0, -1.0], [1.0, 0.0]])
    placed = on_map(h.astype(np.float16), xy, h[:4])
    assert np.allclose(placed, xy[:4], atol=0.02)


def test_a_constant_representation_puts_all_at_one_place() -> None:
    placed = on_map(np.ones((6, 4)), np.zeros((6, 2)), np.ones((3, 4)))
    assert np.all(placed == 0)
