"""The fit: how a picture of any shape becomes one of the size that the encoder gets.

``crop`` scales the shorter side and cuts the centre out. ``pad`` scales the longer side and fills
the rest with the colour of the picture's own edge, so that no false edge arises. ``squash`` scales
both sides, each by its own factor. Sizes are (height, width) in pixels, of upright pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

Fit = Literal["crop", "pad", "squash"]
Size = tuple[int, int]

# By shape: pictures are cropped if the crop loses less than this share of them on average, ...
MOST_LOST = 0.15
# ... and if fewer than this share of them is longer than this, relative to the shape wanted.
_LONG, _COMMON = 4 / 3, 0.1
# Shapes are about one if the longest of them is at most so many times the shortest. Of many
# pictures, the outermost twentieths do not count.
_ALIKE, _OUTER = 1.1, (5.0, 95.0)
_ROUNDING = 1e-3


@dataclass(frozen=True)
class Rectangle:
    """A part of a picture, in pixels of the picture. top, left: of its upper left corner."""

    top: float
    left: float
    height: float
    width: float


@dataclass(frozen=True)
class Framing:
    """The part of a picture that the encoder gets, and where it lies in the result. inner: (height,
    width) to which the part is scaled. offset: (top, left) of it in the result."""

    part: Rectangle
    inner: Size
    offset: tuple[int, int]


def placement(source: Size, size: Size, fit: str) -> Framing:
    """Where a picture of size ``source`` comes to lie in a result of ``size``."""
    whole = Rectangle(0.0, 0.0, float(source[0]), float(source[1]))
    if fit == "squash":
        return Framing(whole, size, (0, 0))
    if fit == "pad":
        scale = min(size[0] / source[0], size[1] / source[1])
        inner = (
            min(size[0], max(1, round(source[0] * scale))),
            min(size[1], max(1, round(source[1] * scale))),
        )
        return Framing(whole, inner, ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2))
    left, top, right, bottom = centre_box(source, size)
    return Framing(Rectangle(top, left, bottom - top, right - left), size, (0, 0))


def shown_part(source: Size, size: Size, fit: str) -> Rectangle:
    """The rectangle of a picture of size ``source`` that the encoder gets, in its pixels."""
    return placement(source, size, fit).part


def centre_box(source: Size, size: Size) -> tuple[float, float, float, float]:
    """The part of a source image that becomes an image of ``size`` by cropping: left, top, right
    and bottom in pixels of the source."""
    (height, width), (high, wide) = source, size
    scale = min(width / wide, height / high)
    # On the side that fits exactly a rounding may lie outside, which Pillow refuses.
    left, top = max(0.0, (width - wide * scale) / 2), max(0.0, (height - high * scale) / 2)
    return left, top, min(width, left + wide * scale), min(height, top + high * scale)


def shares(sources: npt.ArrayLike, size: Size, fit: str) -> npt.NDArray[np.float64]:
    """float64 (n,) in (0, 1]: the share of each picture's area that the encoder gets.

    sources: (n, 2), heights and widths.
    """
    longer = _stretch(sources, size)
    return 1.0 / longer if fit == "crop" else np.ones_like(longer)


def by_shape(sources: Sequence[Size], size: Size) -> Fit:
    """The fit for pictures of these sizes.

    ``crop`` while it loses less than 15 % of them on average and less than a tenth of them is
    longer than 4:3; else ``squash`` if all have about one shape, and ``pad`` if shapes vary.
    """
    longer = _stretch(sources, size)
    common = float((longer > _LONG + _ROUNDING).mean()) >= _COMMON
    if float((1 - 1 / longer).mean()) < MOST_LOST and not common:
        return "crop"
    low, high = np.percentile(_ratios(sources, size), _OUTER)
    return "squash" if high <= low * _ALIKE else "pad"


def fitted(image: Image.Image, size: Size, fit: str) -> Image.Image:
    """The upright image, of mode L, RGB or F, fitted to ``size``; scaled without aliasing."""
    at = placement((image.height, image.width), size, fit)
    box = (at.part.left, at.part.top, at.part.left + at.part.width, at.part.top + at.part.height)
    scaled = image.resize((at.inner[1], at.inner[0]), Image.Resampling.BILINEAR, box=box)
    if at.inner == size:
        return scaled
    out = Image.new(image.mode, (size[1], size[0]), _edge_colour(scaled, size))
    out.paste(scaled, (at.offset[1], at.offset[0]))
    return out


def fitted_mask(mask: npt.NDArray[np.bool_], source: Size, size: Size, fit: str) -> Any:
    """bool ``size``: a mask (H, W) fitted as its picture of size ``source``, without mixing values.

    The mask may have fewer or more pixels than the picture; it covers the same area.
    """
    at = placement(source, size, fit)
    down, across = mask.shape[0] / source[0], mask.shape[1] / source[1]
    rows = at.part.top + (np.arange(at.inner[0]) + 0.5) * at.part.height / at.inner[0]
    columns = at.part.left + (np.arange(at.inner[1]) + 0.5) * at.part.width / at.inner[1]
    ys = np.minimum((rows * down).astype(np.int64), mask.shape[0] - 1)
    xs = np.minimum((columns * across).astype(np.int64), mask.shape[1] - 1)
    out = np.zeros(size, np.bool_)
    top, left = at.offset
    out[top : top + at.inner[0], left : left + at.inner[1]] = mask[np.ix_(ys, xs)]
    return out


def _edge_colour(scaled: Image.Image, size: Size) -> Any:
    """The median colour of the two edges at which ``scaled`` meets the fill, as Pillow takes it."""
    pixels = np.asarray(scaled)
    edges = pixels[[0, -1]] if scaled.width == size[1] else pixels[:, [0, -1]]
    middle = np.median(edges.reshape(-1, *pixels.shape[2:]), axis=0)
    if scaled.mode == "F":
        return float(middle)
    levels = np.rint(np.atleast_1d(middle)).astype(int).tolist()
    return tuple(levels) if len(levels) > 1 else levels[0]


def _ratios(sources: npt.ArrayLike, size: Size) -> npt.NDArray[np.float64]:
    """float64 (n,): width by height, relative to that of ``size``."""
    sides = np.asarray(sources, np.float64).reshape(-1, 2)
    ratios: npt.NDArray[np.float64] = sides[:, 1] * size[0] / (sides[:, 0] * size[1])
    return ratios


def _stretch(sources: npt.ArrayLike, size: Size) -> npt.NDArray[np.float64]:
    """float64 (n,), from 1: how many times longer than ``size`` each picture is, either way."""
    ratios = _ratios(sources, size)
    return np.maximum(ratios, 1 / ratios)
