"""One encoded image to one array.

Pillow reads images with 8 bits a value, tifffile the TIFFs that Pillow refuses or reduces (many
channels, 16 bits, fractions). Images are turned upright by EXIF, and put on white where they are
transparent. The shorter side is scaled with anti-aliasing and the centre cut out, in one step.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from workbench.data.decoding import tiff
from workbench.data.decoding.recipe import Header, ImageRecipe
from workbench.data.listing import Blob

# Remarks on how an image was changed while it was read.
TRANSPARENT, TURNED, PALETTE, SLICE, COARSE = (
    "transparent", "turned", "palette", "slice", "coarse",
)  # fmt: skip
# Factor from 8 bits a value to 16: 255 becomes 65535.
_WIDEN = 257.0
_ORIENTATION = 0x0112


class BrokenImage(Exception):  # noqa: N818  it is the image that is broken
    """An image that cannot be read; the message says why."""


class Misfit(Exception):  # noqa: N818  a signal, not an error
    """An image that does not fit the recipe."""

    def __init__(self, header: Header):
        super().__init__(str(header))
        self.header = header


@dataclass(frozen=True)
class Decoded:
    """pixels: uint8 (C, H, W), or float32 for a deep recipe without a scale. gray: whether it has
    three equal channels. remarks: those of TRANSPARENT, TURNED, ... that apply.
    """

    pixels: npt.NDArray[Any]
    gray: bool
    remarks: tuple[str, ...] = ()


def header(blob: Blob) -> Header:
    """Size, channels and depth, without decoding. Raises BrokenImage."""
    with _guarded():
        if isinstance(blob, np.ndarray):
            return _array_header(blob)
        with _opened(blob) as file:
            if tiff.is_special(file):
                return _array_header(tiff.read(file)[0])
            with Image.open(file) as image:
                return _pillow_header(image)


def decode(blob: Blob, recipe: ImageRecipe, *, strict: bool = True) -> Decoded:
    """The image by the recipe. Raises BrokenImage; and Misfit if ``strict`` and it does not fit."""
    with _guarded():
        if isinstance(blob, np.ndarray):
            return _from_array(blob, recipe, strict, ())
        with _opened(blob) as file:
            if tiff.is_special(file):
                array, stacked = tiff.read(file)
                remarks = (SLICE,) if stacked else ()
                return _from_array(array, recipe, strict, remarks)
            with Image.open(file) as image:
                return _from_pillow(image, recipe, strict)


@contextmanager
def _guarded() -> Iterator[None]:
    """Turn every error that a decoder raises on broken bytes into BrokenImage."""
    try:
        yield
    except (BrokenImage, Misfit):
        raise
    except UnidentifiedImageError as error:
        raise BrokenImage("no image format that is known") from error
    except MemoryError as error:
        raise BrokenImage("too large for the memory") from error
    except Exception as error:
        raise BrokenImage(str(error).splitlines()[0] if str(error) else repr(error)) from error


@contextmanager
def _opened(blob: bytes | Path | None) -> Iterator[Any]:
    if blob is None:
        raise BrokenImage("there is no image")
    if isinstance(blob, bytes):
        yield io.BytesIO(blob)
    else:
        try:
            file = blob.open("rb")
        except OSError as error:
            raise BrokenImage("the file cannot be opened") from error
        with file:
            yield file


def _pillow_header(image: Image.Image) -> Header:
    width, height = image.size
    if image.getexif().get(_ORIENTATION, 1) >= 5:
        width, height = height, width
    deep = image.mode == "F" or image.mode.startswith("I")
    gray = deep or image.mode in ("1", "L", "LA", "La")
    return Header((height, width), 1 if gray else 3, deep)


def _array_header(array: npt.NDArray[Any]) -> Header:
    return Header((array.shape[0], array.shape[1]), array.shape[2], array.dtype != np.uint8)


def _from_pillow(image: Image.Image, recipe: ImageRecipe, strict: bool) -> Decoded:
    head = _pillow_header(image)
    if strict and not recipe.fits(head):
        raise Misfit(head)
    remarks = []
    if head.deep:
        upright = ImageOps.exif_transpose(image)
        return _from_array(np.asarray(upright)[:, :, None], recipe, strict, ())
    if image.format == "PNG" and _is_coarse(image):
        remarks.append(COARSE)
    if image.format == "JPEG" and not recipe.native:
        # Decode at a half, a quarter or an eighth, never below twice the wanted side.
        image.draft(None, (2 * recipe.size[1], 2 * recipe.size[0]))
    if image.getexif().get(_ORIENTATION, 1) != 1:
        remarks.append(TURNED)
        image = ImageOps.exif_transpose(image)
    if image.mode == "P":
        remarks.append(PALETTE)
    gray = head.channels == 1 or (recipe.channels == 1 and recipe.chosen is None)
    image, transparent = _opaque(image, gray=gray)
    if transparent:
        remarks.append(TRANSPARENT)
    if (image.height, image.width) != recipe.size:
        image = _fitted(image, recipe.size)
    array = np.asarray(image)
    array = _selected(array[:, :, None] if array.ndim == 2 else array, recipe)
    return _finished(array, array.dtype, recipe, tuple(remarks))


def _is_coarse(image: Image.Image) -> bool:
    """Whether a PNG has 16 bits a colour, of which Pillow reads the upper eight."""
    tiles: Any = getattr(image, "tile", ())
    return bool(tiles) and str(tiles[0].args).startswith("RGB;16")


def _opaque(image: Image.Image, *, gray: bool) -> tuple[Image.Image, bool]:
    """The image as L or RGB, on white where it is transparent."""
    target = "L" if gray else "RGB"
    if not image.has_transparency_data:
        return image if image.mode == target else image.convert(target), False
    image = image.convert("RGBA")
    see_through = image.getchannel("A").getextrema() != (255, 255)
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert(target), see_through


def _fitted(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The image scaled so that it just covers ``size``, and its centre cut out."""
    box = centre_box((image.height, image.width), size)
    return image.resize((size[1], size[0]), Image.Resampling.BILINEAR, box=box)


def centre_box(source: tuple[int, int], size: tuple[int, int]) -> tuple[float, float, float, float]:
    """The part of a source image that becomes an image of ``size``: left, top, right and bottom in
    pixels of the source. source, size: (height, width)."""
    (height, width), (high, wide) = source, size
    scale = min(width / wide, height / high)
    # On the side that fits exactly a rounding may lie outside, which Pillow refuses.
    left, top = max(0.0, (width - wide * scale) / 2), max(0.0, (height - high * scale) / 2)
    return left, top, min(width, left + wide * scale), min(height, top + high * scale)


def _from_array(
    array: npt.NDArray[Any], recipe: ImageRecipe, strict: bool, remarks: tuple[str, ...]
) -> Decoded:
    """The array (H, W, C), of any numbers, by the recipe."""
    head = _array_header(array)
    if strict and not recipe.fits(head):
        raise Misfit(head)
    kind = array.dtype
    array = _selected(array, recipe)
    if kind.kind == "f" and not np.isfinite(array).all():
        raise BrokenImage("it holds values that are not numbers")
    if array.shape[:2] != recipe.size:
        planes = [Image.fromarray(plane.astype(np.float32)) for plane in array.transpose(2, 0, 1)]
        array = np.stack([np.asarray(_fitted(plane, recipe.size)) for plane in planes], axis=2)
    return _finished(array, kind, recipe, remarks)


def _selected(array: npt.NDArray[Any], recipe: ImageRecipe) -> npt.NDArray[Any]:
    """The channels of the recipe: (H, W, C) to (H, W, recipe.channels)."""
    channels, wanted = array.shape[2], recipe.channels
    if channels == 1:
        return np.repeat(array, wanted, axis=2)
    if recipe.chosen is not None:
        if max(recipe.chosen) >= channels:
            raise BrokenImage(f"it has {channels} channels only")
        return array[:, :, list(recipe.chosen)]
    if channels >= wanted:
        return array[:, :, :wanted]
    return np.concatenate([array, np.zeros_like(array[:, :, : wanted - channels])], axis=2)


def _finished(
    array: npt.NDArray[Any], kind: np.dtype[Any], recipe: ImageRecipe, remarks: tuple[str, ...]
) -> Decoded:
    """The result. array: (H, W, C) of the final size, of an image with values of type ``kind``."""
    gray = array.shape[2] == 3 and bool(
        (array[:, :, 0] == array[:, :, 1]).all() and (array[:, :, 0] == array[:, :, 2]).all()
    )
    pixels = np.ascontiguousarray(array.transpose(2, 0, 1))
    if recipe.deep:
        pixels = pixels.astype(np.float32)
        if kind == np.uint8:
            pixels *= _WIDEN
        if recipe.scale is not None:
            pixels = scaled(pixels, recipe.scale)
    elif kind.kind == "u" and kind.itemsize == 2:
        pixels = np.rint(pixels / _WIDEN).astype(np.uint8)
    elif kind != np.uint8:
        raise BrokenImage(f"it holds values of type {kind}, the run's own images 8 bits")
    elif pixels.dtype != np.uint8:
        pixels = np.rint(pixels).astype(np.uint8)
    return Decoded(pixels, gray, remarks)


def scaled(
    pixels: npt.NDArray[np.float32], scale: tuple[tuple[float, float], ...]
) -> npt.NDArray[np.uint8]:
    """uint8 (..., C, H, W): ``low`` of a channel becomes 0, ``high`` 255; the rest is clipped."""
    low = np.array([pair[0] for pair in scale], np.float32)[:, None, None]
    high = np.array([pair[1] for pair in scale], np.float32)[:, None, None]
    span = np.maximum(high - low, 1e-12)
    fractions: npt.NDArray[np.float32] = np.clip((pixels - low) / span, 0, 1)
    return np.rint(fractions * 255).astype(np.uint8)
