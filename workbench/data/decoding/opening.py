"""Opening encoded images: every error of a reader becomes a BrokenImage that says why."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from workbench.data.decoding import formats
from workbench.data.decoding.recipe import Header
from workbench.data.safety import limits, regular_files

# Pixels of an image that is read while no other large one is.
_LARGE = 16_000_000
_ONE_LARGE = threading.Lock()


class BrokenImage(Exception):  # noqa: N818  it is the image that is broken
    """An image that cannot be read; the message says why."""


class Misfit(Exception):  # noqa: N818  a signal, not an error
    """An image that does not fit the recipe."""

    def __init__(self, header: Header):
        super().__init__(str(header))
        self.header = header


@contextmanager
def guarded() -> Iterator[None]:
    """Turn every error that a decoder raises on broken bytes into BrokenImage."""
    try:
        yield
    except (BrokenImage, Misfit):
        raise
    except MemoryError as error:
        raise BrokenImage("too large for the memory") from error
    except Exception as error:
        raise BrokenImage(_words(error)) from error


@contextmanager
def opened(blob: bytes | Path | None) -> Iterator[Any]:
    """The encoded image as an open file. An error of Pillow inside names the format if it can."""
    if blob is None:
        raise BrokenImage("there is no image")
    if isinstance(blob, bytes):
        file: Any = io.BytesIO(blob)
    else:
        try:
            reason = regular_files.kind_refusal(blob)
            if reason is not None:
                raise BrokenImage(f"it {reason}")
            file = blob.open("rb")
        except (OSError, ValueError) as error:
            raise BrokenImage("the file cannot be opened") from error
    with file:
        try:
            yield file
        except UnidentifiedImageError as error:
            file.seek(0)
            raise BrokenImage(formats.refusal(file.read(formats.LOOKED_AT))) from error


@contextmanager
def pillow_image(file: Any) -> Iterator[Image.Image]:
    """An open file as an image of Pillow, not loaded. Raises BrokenImage if it is too large.

    Large images are read one at a time, whatever the number of threads.
    """
    # Pillow refuses images of twice this number by itself.
    Image.MAX_IMAGE_PIXELS = limits.current().image_pixels
    with Image.open(file) as image:
        check_pixels(image.height, image.width)
        with _ONE_LARGE if image.height * image.width > _LARGE else nullcontext():
            yield image


def check_pixels(high: int, wide: int, start: str = "it has") -> None:
    """Raise BrokenImage for an image that has more pixels than the limit. start: of its reason."""
    most = limits.current().image_pixels
    pixels = high * wide
    if pixels > most:
        raise BrokenImage(
            f"{start} {pixels:,} pixels, the limit is {most:,}; scale it down, or set "
            f"{limits.variable('image_pixels')}"
        )


def _words(error: Exception) -> str:
    """What a decoder says, where it says it for people; its other errors come of damaged bytes."""
    lines = str(error).splitlines()
    if lines and "imagecodecs" in lines[0]:
        return "its TIFF compression is not read; save it uncompressed or with deflate"
    if isinstance(error, Image.DecompressionBombError):
        return (
            "it has too many pixels; scale it down, or set "
            f"{limits.variable('image_pixels')} to allow them"
        )
    if lines and isinstance(error, (OSError, SyntaxError)):
        return lines[0]
    return "its contents are damaged"
