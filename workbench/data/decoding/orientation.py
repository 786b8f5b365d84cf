"""Orientation of an image: how its pixels are turned or mirrored so that it stands upright.

The values are those of EXIF and of TIFF tag 274: 1 is upright, 2 to 8 are the other ways. Every
reader here gives upright pixels, and each turns them once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

TAG = 0x0112
UPRIGHT = 1
# From this value on, height and width change places.
_LYING = 5
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def of_value(value: object) -> int:
    """The orientation that a tag's value names, 1 to 8; UPRIGHT for a value that names none."""
    return next((turn for turn in _TURNS if value == turn), UPRIGHT)


def of_image(image: Image.Image) -> int:
    """The orientation in the EXIF or XMP data of an opened image, UPRIGHT if they are damaged.

    Raises what Pillow raises on broken pixels: a PNG is read to its end, where EXIF data may lie.
    """
    if image.format == "PNG":
        image.load()
    try:
        return of_value(image.getexif().get(TAG))
    except Exception:  # noqa: BLE001  Pillow raises many errors on damaged EXIF data
        return UPRIGHT


def upright_size(size: tuple[int, int], turn: int) -> tuple[int, int]:
    """(height, width) after turning, of an image with orientation ``turn``."""
    return (size[1], size[0]) if turn >= _LYING else size


def upright(image: Image.Image, turn: int) -> Image.Image:
    """The image turned upright. Pillow turns a TIFF by itself when it loads the pixels."""
    if isinstance(image, TiffImageFile):
        image.load()
        return image
    return image.transpose(_TURNS[turn]) if turn in _TURNS else image


def upright_array(array: npt.NDArray[Any], turn: int) -> npt.NDArray[Any]:
    """The array (H, W, C) turned upright."""
    if turn >= _LYING:
        array = array.transpose(1, 0, 2)
    # After the exchange of the sides: which of them run backwards.
    if turn in (3, 4, 7, 8):
        array = array[::-1]
    if turn in (2, 3, 6, 7):
        array = array[:, ::-1]
    return np.ascontiguousarray(array)
