"""Material textures, gray and without a flaw, as float images around 0 with spread about 1."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.spatial import cKDTree

Texture = Callable[[np.random.Generator, int], np.ndarray]


def standard(field: np.ndarray) -> np.ndarray:
    return (field - field.mean()) / field.std()


def smooth_noise(
    rng: np.random.Generator, side: int, scale: float | tuple[float, float]
) -> np.ndarray:
    """Gaussian noise blurred over `scale` pixels (down, across), mean 0 and spread 1."""
    return standard(gaussian_filter(rng.normal(size=(side, side)), scale, mode="wrap"))


def grid(rng: np.random.Generator, side: int, degrees: float, warp: float) -> np.ndarray:
    """Pixel coordinates (2, side, side), turned by up to `degrees` and gently warped."""
    angle = np.radians(rng.uniform(-degrees, degrees))
    ys, xs = np.mgrid[0:side, 0:side] - side / 2
    turned = (np.cos(angle) * ys + np.sin(angle) * xs, np.cos(angle) * xs - np.sin(angle) * ys)
    return np.stack([axis + warp * smooth_noise(rng, side, 12) for axis in turned])


def fabric(rng: np.random.Generator, side: int) -> np.ndarray:
    """Plain weave: threads pass over and under in turn; each has its own shade."""
    ys, xs = grid(rng, side, 5, 0.5) / rng.uniform(3.2, 4.0) + rng.uniform(0, 2, (2, 1, 1))
    row, column = np.floor(ys).astype(int), np.floor(xs).astype(int)
    shades = rng.normal(0, 0.2, (2, 4 * side))
    across = np.sin(np.pi * (ys - row)) + shades[0][row]
    down = np.sin(np.pi * (xs - column)) + shades[1][column]
    weave = np.where((row + column) % 2 == 0, across, down)
    return standard(gaussian_filter(weave, 0.6) + 0.12 * rng.normal(size=(side, side)))


def wood(rng: np.random.Generator, side: int) -> np.ndarray:
    """Grain that runs across: bent year rings and short dark pores."""
    ys, _ = grid(rng, side, 8, 0.0)
    rings = ys / rng.uniform(4.5, 7) + 0.4 * smooth_noise(rng, side, (7, 22)) + rng.random()
    pores = np.minimum(smooth_noise(rng, side, (0.5, 4)) + 0.9, 0)
    bands = np.sin(2 * np.pi * rings) + 0.4 * np.sin(4 * np.pi * rings + 1)
    return standard(bands + 1.1 * pores + 0.35 * smooth_noise(rng, side, (0.6, 8)))


def metal(rng: np.random.Generator, side: int) -> np.ndarray:
    """Brushed metal: fine streaks of many lengths."""
    angle = rng.uniform(-5, 5)
    streaks = sum(
        smooth_noise(rng, side, (width, length))
        for width, length in ((0.4, 6), (0.5, 12), (0.7, 20))
    )
    ys, xs = np.mgrid[0:side, 0:side]
    tilted = ys + np.tan(np.radians(angle)) * (xs - side / 2)
    turned = map_coordinates(np.asarray(streaks), [tilted, xs], order=1, mode="wrap")
    return standard(turned + 0.25 * rng.normal(size=(side, side)))


def leather(rng: np.random.Generator, side: int) -> np.ndarray:
    """Grain of leather: cells with dark creases between them."""
    cells = rng.uniform(-6, side + 6, (int(rng.integers(190, 290)), 2))
    points = grid(rng, side, 180, 0.8).reshape(2, -1).T + side / 2
    nearest = cKDTree(cells).query(points, k=2)[0]
    crease = (nearest[:, 1] - nearest[:, 0]).reshape(side, side)
    relief = np.minimum(crease, 1.6) + 0.2 * smooth_noise(rng, side, 1.0)
    return standard(gaussian_filter(relief, 0.5) + 0.12 * smooth_noise(rng, side, 5))


def stone(rng: np.random.Generator, side: int) -> np.ndarray:
    """Stone: clouds on several scales with light and dark grains."""
    clouds = sum(
        weight * smooth_noise(rng, side, scale)
        for weight, scale in ((0.3, 6), (0.5, 2.0), (0.8, 1.0))
    )
    grains = smooth_noise(rng, side, 0.7)
    return standard(np.asarray(clouds) + 1.2 * grains * (np.abs(grains) > 1.6))


TEXTURES: dict[str, Texture] = {
    "fabric": fabric,
    "wood": wood,
    "metal": metal,
    "leather": leather,
    "stone": stone,
}
