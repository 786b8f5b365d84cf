"""Small still pictures for cards: a map of the representations, and a curve.

Both are drawn without plotly, so that a page of many runs costs a few kilobytes each. They have no
scale: pages that compare runs draw them large.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from workbench.plots import class_colours, style

# Drawn this much larger and scaled down, so that the dots have soft edges.
_FINER = 3
_UNLABELLED = (128, 128, 128)
_OPACITY = 190
_MARGIN = 0.06
_GUESS = "#808080"


def map_png(
    xy: npt.NDArray[np.floating],
    labels: npt.NDArray[np.integer] | None = None,
    names: Sequence[str] = (),
    *,
    size: tuple[int, int] = (240, 140),
    dot: float = 1.6,
) -> bytes:
    """A map as a PNG on a transparent ground, one dot a sample, coloured by class.

    xy: (n, 2), the axes on one scale; samples whose place is not finite are left out. labels: (n,)
    class of each, -1 for none; names: of the classes. size: width and height in pixels. dot: radius
    in pixels. Samples that all lie at one place are one dot in the middle.
    """
    from PIL import Image, ImageDraw

    width, height = (side * _FINER for side in size)
    picture = Image.new("RGBA", (width, height))
    draw = ImageDraw.Draw(picture)
    kept = np.isfinite(xy).all(axis=1)
    places = _placed(np.asarray(xy, np.float64)[kept], width, height)
    classes = np.full(len(places), -1) if labels is None else np.asarray(labels)[kept]
    radius = dot * _FINER
    for (x, y), label in zip(places.tolist(), classes.tolist(), strict=True):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_colour(names, label))
    buffer = io.BytesIO()
    picture.resize(size, Image.Resampling.BOX).save(buffer, "PNG")
    return buffer.getvalue()


def _placed(xy: npt.NDArray[np.float64], width: int, height: int) -> npt.NDArray[np.float64]:
    """Positions in pixels, the y axis upwards, the larger extent filling the picture."""
    if not len(xy):
        return xy
    low, high = xy.min(axis=0), xy.max(axis=0)
    extent = high - low
    room = np.array([width, height]) * (1 - 2 * _MARGIN)
    with np.errstate(divide="ignore"):
        scale = np.min(np.where(extent > 0, room / extent, np.inf))
    centred = (xy - (low + high) / 2) * (scale if np.isfinite(scale) else 0.0)
    placed: npt.NDArray[np.float64] = centred * np.array([1.0, -1.0])
    return placed + np.array([width, height]) / 2


def _colour(names: Sequence[str], label: int) -> tuple[int, int, int, int]:
    if label < 0:
        return (*_UNLABELLED, _OPACITY)
    text = class_colours.look(names, label)[0]
    red, green, blue = (int(text[at : at + 2], 16) for at in (1, 3, 5))
    return (red, green, blue, _OPACITY)


def sparkline_svg(
    points: Sequence[tuple[float, float]],
    alt: str,
    *,
    size: tuple[int, int] = (120, 28),
    level: float | None = None,
) -> str:
    """A curve without axes, seen on light and dark alike; empty with fewer than two points.

    points: (step, value) in order; values that are not finite are left out. alt: what it
    shows, for people who cannot see it. level: of guessing, as a dashed line where it lies within
    the curve.
    """
    from html import escape

    drawn = [(x, y) for x, y in points if math.isfinite(y)]
    if len(drawn) < 2:
        return ""
    width, height = size
    xs, ys = [x for x, _ in drawn], [y for _, y in drawn]
    left, across = xs[0], (xs[-1] - xs[0]) or 1
    low, up = min(ys), (max(ys) - min(ys)) or 1

    def place(y: float) -> float:
        return 2 + (height - 4) * (1 - (y - low) / up)

    line = " ".join(f"{width * (x - left) / across:.1f},{place(y):.1f}" for x, y in drawn)
    guess = ""
    if level is not None and low <= level <= low + up:
        at = f"{place(level):.1f}"
        guess = (
            f'<line x1="0" x2="{width}" y1="{at}" y2="{at}" stroke="{_GUESS}" '
            'stroke-dasharray="3 3"/>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" '
        f'aria-label="{escape(alt, quote=True)}" preserveAspectRatio="none">{guess}'
        f'<polyline points="{line}" fill="none" stroke="{style.COLOURS[0]}" stroke-width="1.5"/>'
        "</svg>"
    )
