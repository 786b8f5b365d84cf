"""One encoded image to one array.

Pillow reads images with 8 bits a value, tifffile the TIFFs that Pillow refuses or reduces (many
channels, 16 bits, fractions). Images are turned upright by their tags, put on white where they are
transparent, and fitted to one size with anti-aliasing. Of several frames the first is read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from workbench.data.decoding import orientation, tiff
from workbench.data.decoding.fit import centre_box as centre_box
from workbench.data.decoding.fit import fitted, placement
from workbench.data.decoding.opening import BrokenImage as BrokenImage
from workbench.data.decoding.opening import Misfit as Misfit
from workbench.data.decoding.opening import guarded, opened, pillow_image
from workbench.data.decoding.recipe import Header, ImageRecipe
from workbench.data.listing import Blob

# Remarks on how an image was changed while it was read.
TRANSPARENT, TURNED, PALETTE, SLICE, FRAMES, COARSE = (
    "transparent", "turned", "palette", "slice", "frames", "coarse",
)  # fmt: skip
_WIDTH_TAG, _LENGTH_TAG = 256, 257
# Factor from 8 bits a value to 16: 255 becomes 65535.
_WIDEN = 257.0


@dataclass(frozen=True)
class Decoded:
    """pixels: uint8 (C, H, W), or float32 for a deep recipe without a scale. gray: whether it has
    three equal channels. header: of the image. remarks: those of TRANSPARENT, TURNED, ... that
    apply.
    """

    pixels: npt.NDArray[Any]
    gray: bool
    header: Header
    remarks: tuple[str, ...] = ()


def header(blob: Blob) -> Header:
    """Size, channels and depth, without decoding. Raises BrokenImage."""
    with guarded():
        if isinstance(blob, np.ndarray):
            return _array_header(blob)
        with opened(blob) as file:
            if tiff.is_special(file):
                return _with_pixels(tiff.header(file))
            with pillow_image(file) as image:
                return _pillow_header(image)


def decode(blob: Blob, recipe: ImageRecipe, *, strict: bool = True) -> Decoded:
    """The image by the recipe. Raises BrokenImage; and Misfit if ``strict`` and it does not fit."""
    with guarded():
        if isinstance(blob, np.ndarray):
            return _from_array(blob, _array_header(blob), recipe, strict, ())
        with opened(blob) as file:
            if tiff.is_special(file, pages_are_channels=recipe.pages_are_channels):
                return _from_tiff(file, recipe, strict)
            with pillow_image(file) as image:
                return _from_pillow(image, recipe, strict)


def _pillow_header(image: Image.Image) -> Header:
    """The header of an opened image whose pixels are not loaded."""
    turn = orientation.of_image(image)
    size = (image.height, image.width)
    deep = image.mode == "F" or image.mode.startswith("I")
    gray = deep or image.mode in ("1", "L", "LA", "La")
    pages = 1
    if isinstance(image, TiffImageFile):
        # Some versions of Pillow give the size as it lies, some the size after turning.
        size = (int(image.tag_v2[_LENGTH_TAG]), int(image.tag_v2[_WIDTH_TAG]))
        pages = image.n_frames if gray else 1
    return Header(orientation.upright_size(size, turn), 1 if gray else 3, deep, turn, pages)


def _has_frames(image: Image.Image) -> bool:
    """Whether the file holds several frames or pages. The second picture of a camera's MPO is a
    preview or a map of depths, and does not count."""
    if image.format == "MPO":
        return False
    try:
        return bool(getattr(image, "is_animated", False))
    except Exception:  # noqa: BLE001  Pillow raises many errors on a damaged second frame
        return True


def _array_header(array: npt.NDArray[Any]) -> Header:
    size = (array.shape[0], array.shape[1])
    return _with_pixels(Header(size, array.shape[2], array.dtype != np.uint8))


def _with_pixels(head: Header) -> Header:
    """``head``. Raises BrokenImage if a side is zero."""
    if 0 in (*head.size, head.channels):
        raise BrokenImage("it has no pixels")
    return head


def _from_tiff(file: Any, recipe: ImageRecipe, strict: bool) -> Decoded:
    head = tiff.header(file)
    found = tiff.read(file, pages_are_channels=recipe.pages_are_channels)
    applies = {SLICE: found.stacked, FRAMES: found.paged, TURNED: head.turn != orientation.UPRIGHT}
    remarks = tuple(remark for remark, true in applies.items() if true)
    head = replace(head, channels=found.array.shape[2])
    return _from_array(found.array, _with_pixels(head), recipe, strict, remarks)


def _from_pillow(image: Image.Image, recipe: ImageRecipe, strict: bool) -> Decoded:
    # Loading the pixels removes the tiles that tell the depth.
    coarse = _is_coarse(image)
    head = _pillow_header(image)
    if strict and not recipe.fits(head):
        raise Misfit(head)
    remarks = []
    if head.turn != orientation.UPRIGHT:
        remarks.append(TURNED)
    if _has_frames(image):
        remarks.append(FRAMES)
    if head.deep:
        array = np.asarray(orientation.upright(image, head.turn))[:, :, None]
        return _from_array(array, head, recipe, strict, tuple(remarks))
    if image.format == "PNG" and coarse:
        remarks.append(COARSE)
    if image.format == "JPEG" and not recipe.native:
        # Decode at a half, a quarter or an eighth, never below twice the wanted side.
        inner = placement(head.size, recipe.size, recipe.fit).inner
        high, wide = orientation.upright_size(inner, head.turn)
        image.draft(None, (2 * wide, 2 * high))
    image = orientation.upright(image, head.turn)
    if image.mode == "P":
        remarks.append(PALETTE)
    gray = head.channels == 1 or (recipe.channels == 1 and recipe.chosen is None)
    image, transparent = _opaque(image, gray=gray)
    if transparent:
        remarks.append(TRANSPARENT)
    if (image.height, image.width) != recipe.size:
        image = fitted(image, recipe.size, recipe.fit)
    array = np.asarray(image)
    array = _selected(array[:, :, None] if array.ndim == 2 else array, recipe)
    return _finished(array, array.dtype, head, recipe, tuple(remarks))


def _is_coarse(image: Image.Image) -> bool:
    """Whether an image that is not loaded has 16 bits a value, of which Pillow reads eight."""
    tiles: Any = getattr(image, "tile", ())
    return bool(tiles) and ";16" in str(tiles[0].args)


def _opaque(image: Image.Image, *, gray: bool) -> tuple[Image.Image, bool]:
    """The image as L or RGB, on white where it is transparent."""
    target = "L" if gray else "RGB"
    if not image.has_transparency_data:
        return image if image.mode == target else image.convert(target), False
    image = image.convert("RGBA")
    see_through = image.getchannel("A").getextrema() != (255, 255)
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert(target), see_through


def _from_array(
    array: npt.NDArray[Any],
    head: Header,
    recipe: ImageRecipe,
    strict: bool,
    remarks: tuple[str, ...],
) -> Decoded:
    """The upright array (H, W, C), of any numbers, by the recipe."""
    if strict and not recipe.fits(head):
        raise Misfit(head)
    kind = array.dtype
    array = _selected(array, recipe)
    if kind.kind == "f" and not np.isfinite(array).all():
        raise BrokenImage("it holds values that are not numbers")
    if array.shape[:2] != recipe.size:
        planes = [Image.fromarray(plane.astype(np.float32)) for plane in array.transpose(2, 0, 1)]
        parts = [np.asarray(fitted(plane, recipe.size, recipe.fit)) for plane in planes]
        array = np.stack(parts, axis=2)
    return _finished(array, kind, head, recipe, remarks)


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
    array: npt.NDArray[Any],
    kind: np.dtype[Any],
    head: Header,
    recipe: ImageRecipe,
    remarks: tuple[str, ...],
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
    return Decoded(pixels, gray, head, remarks)


def scaled(
    pixels: npt.NDArray[np.float32], scale: tuple[tuple[float, float], ...]
) -> npt.NDArray[np.uint8]:
    """uint8 (..., C, H, W): ``low`` of a channel becomes 0, ``high`` 255; the rest is clipped."""
    low = np.array([pair[0] for pair in scale], np.float32)[:, None, None]
    high = np.array([pair[1] for pair in scale], np.float32)[:, None, None]
    span = np.maximum(high - low, 1e-12)
    fractions: npt.NDArray[np.float32] = np.clip((pixels - low) / span, 0, 1)
    return np.rint(fractions * 255).astype(np.uint8)
