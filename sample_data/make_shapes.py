"""Drawn shapes, 32 x 32 in colour: eight shapes, six further factors, each drawn independently."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from _common import OWN_LICENCE, image_cell, image_features, target_folder, write
from _outlines import OUTLINES, drawn

SEED = 31
COUNTS = {"train": 4000, "validation": 1000, "test": 2000}
SIDE = 32
# Levels a channel and share of grainy pixels: both bound the files' size and are hard to see.
LEVELS = 24
GRAINY = 0.05

HUES = {"red": 0.0, "orange": 0.08, "yellow": 0.155, "green": 0.34, "blue": 0.6, "purple": 0.78}
TEXTURES = ("plain", "shaded", "striped", "checked")
# All leans stay within 45 degrees of upright, so that a quarter turn is always seen as a turn.
LEANS = {"leaning left": -28.0, "upright": 0.0, "leaning right": 28.0}
SIZES = {"small": 8.5, "medium": 10.5, "large": 12.5}
PLACES = {
    "centre": (0.0, 0.0),
    "top left": (-3.0, -3.0),
    "top right": (3.0, -3.0),
    "bottom left": (-3.0, 3.0),
    "bottom right": (3.0, 3.0),
}
BACKGROUNDS = ("plain", "gradient", "stripes", "checks", "clouds")
CLASSES = {
    "label": tuple(OUTLINES),
    "colour": tuple(HUES),
    "texture": TEXTURES,
    "orientation": tuple(LEANS),
    "size": tuple(SIZES),
    "position": tuple(PLACES),
    "background": BACKGROUNDS,
}
CARD = {
    "name": "shapes",
    "title": "Drawn shapes",
    "modality": "image",
    "summary": (
        "Eight drawn shapes, 32 x 32 in colour, with six further factors drawn independently, to "
        "ask what a pretext task keeps and what it throws away."
    ),
    "label": "label",
    "factors": [column for column in CLASSES if column != "label"],
    "group": None,
    "normal_label": None,
    "size": [SIDE, SIDE],
    "channels": 3,
    "licence": OWN_LICENCE,
    "source": "drawn by make_shapes.py",
    "made_by": "make_shapes.py",
}

YS, XS = np.mgrid[0:SIDE, 0:SIDE] + 0.5


def rgb(hue: float, saturation: float, value: float) -> np.ndarray:
    """Colour (3,) in 0..1 of a hue in turns."""
    sectors = (np.array([5.0, 3.0, 1.0]) + hue * 6) % 6
    return value * (1 - saturation * np.clip(np.minimum(sectors, 4 - sectors), 0, 1))


def turned(angle: float) -> np.ndarray:
    """Distance of each pixel along a direction, in pixels."""
    return np.cos(angle) * XS + np.sin(angle) * YS


def stripes(rng: np.random.Generator, period: float) -> np.ndarray:
    phase = turned(rng.uniform(0, np.pi)) / period + rng.random()
    return smooth_step(np.sin(2 * np.pi * phase))


def checks(rng: np.random.Generator, period: float) -> np.ndarray:
    angle = rng.uniform(0, np.pi)
    along = np.sin(2 * np.pi * (turned(angle) / period + rng.random()))
    across = np.sin(2 * np.pi * (turned(angle + np.pi / 2) / period + rng.random()))
    return smooth_step(2 * along * across)


def clouds(rng: np.random.Generator) -> np.ndarray:
    """Smooth random field in 0..1: five waves of random direction and length."""
    field = sum(
        np.sin(2 * np.pi * (turned(rng.uniform(0, 2 * np.pi)) / rng.uniform(9, 24) + rng.random()))
        for _ in range(5)
    )
    return smooth_step(0.6 * np.asarray(field))


def ramp(rng: np.random.Generator, cover: np.ndarray) -> np.ndarray:
    """Rises from 0 to 1 across what is covered, in a random direction."""
    field = turned(rng.uniform(0, 2 * np.pi))
    inside = field[cover > 0.5]
    return np.clip((field - inside.min()) / np.ptp(inside), 0, 1)


def smooth_step(wave: np.ndarray) -> np.ndarray:
    return np.clip(0.5 + 0.8 * wave, 0, 1)


BACKGROUND_OF: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "plain": lambda rng: np.zeros((SIDE, SIDE)),
    "gradient": lambda rng: ramp(rng, np.ones((SIDE, SIDE))),
    "stripes": lambda rng: stripes(rng, rng.uniform(6, 11)),
    "checks": lambda rng: checks(rng, rng.uniform(9, 15)),
    "clouds": clouds,
}
TEXTURE_OF: dict[str, Callable[[np.random.Generator, np.ndarray], np.ndarray]] = {
    "plain": lambda rng, cover: np.zeros((SIDE, SIDE)),
    "shaded": ramp,
    "striped": lambda rng, cover: stripes(rng, rng.uniform(3.2, 4.2)),
    "checked": lambda rng, cover: checks(rng, rng.uniform(5, 7)),
}


def blend(first: np.ndarray, second: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return first + weight[..., None] * (second - first)


def fill_colours(rng: np.random.Generator, hue: float) -> tuple[np.ndarray, np.ndarray]:
    """Two shades of one hue, either one the lighter."""
    hue += rng.uniform(-0.02, 0.02)
    light = rgb(hue, rng.uniform(0.65, 0.95), rng.uniform(0.85, 1.0))
    dark = rgb(hue, rng.uniform(0.75, 1.0), rng.uniform(0.4, 0.55))
    return (light, dark) if rng.random() < 0.5 else (dark, light)


def background_colours(
    rng: np.random.Generator, fill: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Two colours of any hue, near each other and far enough from the shape's to set it off."""
    while True:
        first = rgb(rng.random(), rng.uniform(0.0, 0.5), rng.uniform(0.15, 1.0))
        second = np.clip(first + rng.normal(0, 0.06, 3), 0, 1)
        gaps = [np.linalg.norm(ground - shade) for ground in (first, second) for shade in fill]
        if min(gaps) > 0.42 and np.linalg.norm(first - second) > 0.08:
            return first, second


def picture_of(rng: np.random.Generator, names: dict[str, str]) -> np.ndarray:
    """uint8 (32, 32, 3): background, the shape with its texture, noise."""
    fill = fill_colours(rng, HUES[names["colour"]])
    ground = background_colours(rng, fill)
    picture = blend(*ground, BACKGROUND_OF[names["background"]](rng))
    cover = drawn(
        names["label"],
        side=SIDE,
        centre=SIDE / 2 + np.array(PLACES[names["position"]]) + rng.uniform(-1, 1, 2),
        radius=SIZES[names["size"]] * rng.uniform(0.96, 1.04),
        degrees=LEANS[names["orientation"]] + rng.uniform(-8, 8),
    )
    filling = blend(*fill, TEXTURE_OF[names["texture"]](rng, cover))
    picture = blend(picture, filling, cover)
    grain = rng.normal(0, 0.08, (SIDE, SIDE)) * (rng.random((SIDE, SIDE)) < GRAINY)
    levels = np.clip(np.round((picture + grain[..., None]) * LEVELS), 0, LEVELS)
    return (levels * (255 / LEVELS)).round().astype(np.uint8)


def make_split(number: int, n: int) -> dict[str, list]:
    rng = np.random.default_rng([SEED, number])
    codes = {column: rng.integers(len(names), size=n) for column, names in CLASSES.items()}
    pictures = [
        picture_of(rng, {column: names[codes[column][row]] for column, names in CLASSES.items()})
        for row in range(n)
    ]
    cells = [image_cell(pixels, row) for row, pixels in enumerate(pictures)]
    return {"image": cells} | {column: values.tolist() for column, values in codes.items()}


def main() -> None:
    splits = {split: make_split(number, n) for number, (split, n) in enumerate(COUNTS.items())}
    write(target_folder("shapes"), CARD, image_features(CLASSES), splits)


if __name__ == "__main__":
    main()
