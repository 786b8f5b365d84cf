"""Phantom anatomy: what one patient's slices show before any scanner has touched them.

Coordinates run from -1 to 1 across the picture, y downwards; brightness from 0 (air) to 1 (bone).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SIDE = 64
YS, XS = (np.mgrid[0:SIDE, 0:SIDE] + 0.5) / (SIDE / 2) - 1
PIXEL = 2 / SIDE

AIR, FAT, TISSUE, BONE = 0.0, 0.30, 0.48, 0.92


@dataclass(frozen=True)
class Organ:
    """An ellipse: centre, half axes, lean in degrees, brightness, growth with height."""

    x: float
    y: float
    across: float
    down: float
    brightness: float
    degrees: float = 0.0
    growth: float = 0.0
    host: bool = False  # lesions and vessels may lie in it


Body = tuple[Organ, ...]

# Growth is the share by which an organ is larger in the top slice and smaller in the bottom one.
LAYOUTS: dict[str, Body] = {
    "head": (
        Organ(0, 0, 0.70, 0.86, FAT),
        Organ(0, 0, 0.65, 0.81, BONE),
        Organ(0, 0, 0.57, 0.73, 0.52, host=True),
        Organ(0, 0, 0.38, 0.54, 0.57, growth=0.15, host=True),
        Organ(-0.10, -0.02, 0.055, 0.22, 0.22, 12, growth=-0.5),
        Organ(0.10, -0.02, 0.055, 0.22, 0.22, -12, growth=-0.5),
        Organ(0, -0.46, 0.022, 0.17, 0.68),
        Organ(0, 0.45, 0.022, 0.16, 0.68),
    ),
    "chest": (
        Organ(0, 0, 0.92, 0.68, FAT),
        Organ(0, 0, 0.85, 0.61, TISSUE),
        Organ(-0.42, -0.03, 0.30, 0.46, 0.14, 8, growth=0.2, host=True),
        Organ(0.44, -0.03, 0.28, 0.46, 0.14, -8, growth=0.2, host=True),
        Organ(0.10, -0.08, 0.27, 0.27, 0.58, 25, growth=-0.4),
        Organ(0.10, 0.28, 0.07, 0.07, 0.66),
        Organ(0, 0.43, 0.13, 0.12, BONE),
        Organ(0, -0.55, 0.13, 0.045, BONE),
        *(
            Organ(0.79 * np.cos(a), 0.56 * np.sin(a), 0.10, 0.025, 0.85, np.degrees(a) + 90)
            for a in (0.35, 0.95, 2.2, 2.8, 3.5, 4.1, 5.3, 5.9)
        ),
    ),
    "belly": (
        Organ(0, 0, 0.90, 0.70, FAT),
        Organ(0, 0, 0.80, 0.61, 0.42),
        Organ(-0.37, -0.10, 0.37, 0.40, 0.58, -15, growth=0.3, host=True),
        Organ(0.33, -0.22, 0.25, 0.19, 0.50, 20, growth=0.3),
        Organ(0.34, -0.34, 0.16, 0.05, 0.05, 0, growth=0.3),
        Organ(0.58, 0.10, 0.12, 0.26, 0.60, -10, growth=0.2, host=True),
        Organ(-0.33, 0.33, 0.13, 0.16, 0.68, 20, growth=-0.3),
        Organ(0.34, 0.33, 0.13, 0.16, 0.68, -20, growth=-0.3),
        Organ(0.02, 0.17, 0.07, 0.07, 0.66),
        Organ(0, 0.42, 0.14, 0.13, BONE),
    ),
    "pelvis": (
        Organ(0, 0, 0.93, 0.66, FAT),
        Organ(0, 0, 0.84, 0.57, 0.46),
        Organ(-0.52, 0.02, 0.11, 0.36, BONE, 32, growth=0.3),
        Organ(0.52, 0.02, 0.11, 0.36, BONE, -32, growth=0.3),
        Organ(0, 0.40, 0.25, 0.10, 0.85, growth=0.3),
        Organ(0, -0.16, 0.27, 0.21, 0.30, growth=-0.3),
        Organ(-0.46, 0.31, 0.25, 0.19, 0.54, 20, host=True),
        Organ(0.46, 0.31, 0.25, 0.19, 0.54, -20, host=True),
        Organ(-0.46, -0.32, 0.26, 0.17, 0.54, -25, host=True),
        Organ(0.46, -0.32, 0.26, 0.17, 0.54, 25, host=True),
        Organ(0, 0.16, 0.10, 0.08, 0.40),
        Organ(0.02, 0.15, 0.03, 0.03, 0.08),
    ),
}


def jittered(rng: np.random.Generator, layout: str) -> Body:
    """One patient's body: every organ a little moved, stretched, leaned, lighter or darker."""
    build = rng.uniform(0.86, 1.04)
    body = []
    for organ in LAYOUTS[layout]:
        dx, dy = rng.normal(0, 0.012, 2)
        sx, sy = rng.uniform(0.93, 1.07, 2) if organ.across < 0.5 else rng.uniform(0.98, 1.02, 2)
        body.append(
            Organ(
                build * (organ.x + dx),
                build * (organ.y + dy),
                build * organ.across * sx,
                build * organ.down * sy,
                organ.brightness * rng.uniform(0.95, 1.05),
                organ.degrees + rng.uniform(-6, 6),
                organ.growth * rng.uniform(0.6, 1.4),
                organ.host,
            )
        )
    return tuple(body)


def reach(organ: Organ, xs: np.ndarray, ys: np.ndarray, height: float) -> np.ndarray:
    """How far from an organ's centre: 0 in the middle, 1 on its edge."""
    angle, size = np.radians(organ.degrees), 1 + organ.growth * height
    along = (xs - organ.x) * np.cos(angle) + (ys - organ.y) * np.sin(angle)
    across = (ys - organ.y) * np.cos(angle) - (xs - organ.x) * np.sin(angle)
    return np.hypot(along / (organ.across * size), across / (organ.down * size))


def cover(distance: np.ndarray, radius: float, edge: float = 0.5) -> np.ndarray:
    """1 inside, 0 outside, with a soft edge of about `edge` pixels; distances as shares."""
    return 1 / (1 + np.exp(np.clip((distance - 1) * radius / (edge * PIXEL), -50, 50)))


def painted(body: Body, xs: np.ndarray, ys: np.ndarray, height: float) -> np.ndarray:
    """Brightness (side, side) of the organs, later ones over earlier ones; height in -1..1."""
    picture = np.full(xs.shape, AIR)
    outline = cover(reach(body[0], xs, ys, height), min(body[0].across, body[0].down))
    for organ in body:
        inside = cover(reach(organ, xs, ys, height), min(organ.across, organ.down))
        picture = picture + np.minimum(inside, outline) * (organ.brightness - picture)
    return picture


def spot(rng: np.random.Generator, body: Body, margin: float) -> tuple[float, float]:
    """A place in a host organ, `margin` inside it and away from later organs, in every slice."""
    hosts = [number for number, organ in enumerate(body) if organ.host]
    while True:
        number = int(rng.choice(hosts))
        organ = body[number]
        away = max(organ.across, organ.down)
        x, y = organ.x + rng.uniform(-away, away), organ.y + rng.uniform(-away, away)
        covers = [other for other in body[number + 1 :] if not other.host]
        if within(organ, x, y, -margin) == 3 and not any(within(o, x, y, margin) for o in covers):
            return x, y


def within(organ: Organ, x: float, y: float, margin: float) -> int:
    """In how many of the top, middle and bottom slice a point lies in an organ that is made
    wider by `margin` all round."""
    thinnest = min(organ.across, organ.down)
    return sum(
        float(reach(organ, np.array(x), np.array(y), height))
        < 1 + margin / (thinnest * (1 + organ.growth * height))
        for height in (-1.0, 0.0, 1.0)
    )
