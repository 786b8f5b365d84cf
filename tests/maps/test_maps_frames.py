"""The maps of all checks in one frame of reference."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.errors import RequestError
from workbench.maps.frames import check_maps
from workbench.maps.pca import pca


def rotation(d: int, seed: int) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((d, d)))[0]


def cloud(n: int = 60, d: int = 12, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)) * np.linspace(3.0, 0.2, d) + 0.5


def width(xy: np.ndarray) -> float:
    return float(np.linalg.norm(xy - xy.mean(axis=0)))


def test_turned_and_mirrored_embeddings_give_identical_frames() -> None:
    h = cloud()
    mirrored = h @ rotation(12, 1)
    mirrored[:, 0] *= -1
    found = check_maps([0, 5, 9], [h, mirrored, h @ rotation(12, 2)])
    assert np.allclose(found.xy, found.xy[-1], atol=1e-5)
    assert np.allclose(found.moved, 0.0)
    assert np.allclose(found.spectra, found.spectra[0], atol=1e-5)


def test_a_check_is_seen_by_its_own_two_strongest_directions_and_never_scaled() -> None:
    first, last = cloud(seed=1), cloud(seed=2)
    found = check_maps([0, 1], [first, last])
    for h, xy, explained in zip((first, last), found.xy, found.explained, strict=True):
        unit = h / np.linalg.norm(h, axis=1, keepdims=True)
        expected, shares = pca(unit)
        assert explained == pytest.approx(shares.sum(), abs=1e-5)
        gaps = np.linalg.norm(xy[:, None] - xy[None, :], axis=2)
        wanted = np.linalg.norm(expected[:, None] - expected[None, :], axis=2)
        assert np.allclose(gaps, wanted, atol=1e-4)


@pytest.mark.parametrize("collapsed_at", [0, 1])
def test_a_collapse_is_seen_as_one(collapsed_at: int) -> None:
    h = cloud()
    narrow = np.ones((60, 12)) + 0.01 * cloud(seed=3)
    order = [narrow, h] if collapsed_at == 0 else [h, narrow]
    found = check_maps([0, 1], order)
    assert width(found.xy[collapsed_at]) < 0.05 * width(found.xy[1 - collapsed_at])
    # Along the axes of a collapsed check, the other would look narrower than it is.
    unit = h / np.linalg.norm(h, axis=1, keepdims=True)
    assert width(found.xy[1 - collapsed_at]) == pytest.approx(width(pca(unit)[0]), rel=1e-4)


def test_constant_embeddings_are_one_point_and_hide_nothing() -> None:
    h = cloud()
    found = check_maps([0, 3, 7], [h, np.ones((60, 12)), h])
    assert np.allclose(found.xy[1], 0, atol=1e-6)
    assert found.explained[1] == 0
    assert np.all(found.spectra[1] == 0)
    assert width(found.xy[0]) == pytest.approx(width(found.xy[2]), rel=1e-5)


def test_moved_counts_new_neighbours_in_native_space() -> None:
    rng = np.random.default_rng(0)
    angles = np.sort(rng.uniform(0, np.pi, 80))
    first = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    last = first.copy()
    # One sample goes over to the other end: it alone loses all its neighbours.
    last[0] = [np.cos(angles[-1] + 0.01), np.sin(angles[-1] + 0.01)]
    moved = check_maps([0, 1], [first, last]).moved
    assert moved[0] == 1.0
    assert moved[1:].max() <= 0.1
    assert moved[30:50].max() == 0.0


def test_more_columns_than_samples_and_other_widths_between_checks() -> None:
    found = check_maps([0, 1], [cloud(20, 64), cloud(20, 64, seed=4)])
    unit = cloud(20, 64, seed=4) / np.linalg.norm(cloud(20, 64, seed=4), axis=1, keepdims=True)
    assert width(found.xy[1]) == pytest.approx(width(pca(unit)[0]), rel=1e-5)


def test_two_samples_and_one_column_are_enough() -> None:
    found = check_maps([0, 1], [np.array([[1.0], [2.0]]), np.array([[1.0], [-2.0]])])
    assert found.xy.shape == (2, 2, 2)
    assert np.isfinite(found.xy).all()
    assert found.moved.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    "embeddings", [[], [np.ones((4, 2)), np.ones((5, 2))], [np.full((4, 2), np.nan)]]
)
def test_what_cannot_be_shown_is_refused(embeddings: list[np.ndarray]) -> None:
    with pytest.raises(RequestError):
        check_maps(list(range(len(embeddings))), embeddings)
