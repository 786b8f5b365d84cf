"""Outlines of the shapes, upright, in a square from -1 to 1 with y downwards."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

FINER = 8  # drawn this many times larger, then averaged: smooth edges

Points = list[tuple[float, float]]
Pieces = list[tuple[bool, Points]]  # (True adds, False cuts out), in order


def disc(x: float, y: float, radius: float, start: float = 0, end: float = 360) -> Points:
    """Points on a circle from one angle to another, clockwise from the right, in degrees."""
    angles = np.radians(np.linspace(start, end, 49))
    return [(x + radius * np.cos(a), y + radius * np.sin(a)) for a in angles]


def box(left: float, top: float, right: float, bottom: float) -> Points:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def heart() -> Points:
    angles = np.linspace(0, 2 * np.pi, 73)
    xs = np.sin(angles) ** 3
    ys = 13 * np.cos(angles) - 5 * np.cos(2 * angles) - 2 * np.cos(3 * angles) - np.cos(4 * angles)
    return list(zip(xs, -(ys + 2.5) / 14.6, strict=True))


OUTLINES: dict[str, Pieces] = {
    "arrow": [
        (True, [(0, -1), (0.85, 0), (0.32, 0), (0.32, 1), (-0.32, 1), (-0.32, 0), (-0.85, 0)])
    ],
    "crescent": [(True, disc(0, 0, 0.98)), (False, disc(0, -0.5, 0.78))],
    "cross": [(True, box(-0.24, -1, 0.24, 1)), (True, box(-0.8, -0.62, 0.8, -0.14))],
    "drop": [(True, disc(0, 0.35, 0.65, -28, 208)), (True, [(0, -1), (0.6, 0.1), (-0.6, 0.1)])],
    "heart": [(True, heart())],
    "house": [
        (True, [(0, -1), (1, -0.05), (-1, -0.05)]),
        (True, box(-0.72, -0.06, 0.72, 0.95)),
        (False, box(-0.22, 0.3, 0.22, 0.96)),
    ],
    "key": [
        (True, disc(0, -0.5, 0.52)),
        (False, disc(0, -0.5, 0.2)),
        (True, box(-0.15, 0, 0.15, 1)),
        (True, box(0.1, 0.32, 0.55, 0.54)),
        (True, box(0.1, 0.76, 0.55, 1)),
    ],
    "mushroom": [
        (True, disc(0, 0.05, 0.98, 180, 360)),
        (True, [(-0.26, 0), (0.26, 0), (0.36, 0.95), (-0.36, 0.95)]),
    ],
}


def drawn(name: str, side: int, centre: np.ndarray, radius: float, degrees: float) -> np.ndarray:
    """Cover (side, side) in 0..1 of an outline turned clockwise by `degrees`."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    canvas = Image.new("L", (side * FINER, side * FINER))
    pen = ImageDraw.Draw(canvas)
    for adds, points in OUTLINES[name]:
        placed = (np.array(points) @ turn * radius + centre) * FINER
        pen.polygon([tuple(point) for point in placed.tolist()], fill=255 if adds else 0)
    small = np.asarray(canvas, dtype=np.float64).reshape(side, FINER, side, FINER)
    return small.mean(axis=(1, 3)) / 255
