"""Opening encoded images: every error of a reader becomes a BrokenImage that says why."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from workbench.data.decoding import formats
from workbench.data.decoding.recipe import Header


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
            file = blob.open("rb")
        except OSError as error:
            raise BrokenImage("the file cannot be opened") from error
    with file:
        try:
            yield file
        except UnidentifiedImageError as error:
            file.seek(0)
            raise BrokenImage(formats.refusal(file.read(formats.LOOKED_AT))) from error


def _words(error: Exception) -> str:
    """What a decoder says, where it says it for people; its other errors come of damaged bytes."""
    lines = str(error).splitlines()
    if lines and "imagecodecs" in lines[0]:
        return "its TIFF compression is not read; save it uncompressed or with deflate"
    if isinstance(error, Image.DecompressionBombError):
        return "it has too many pixels; scale it down"
    if lines and isinstance(error, (OSError, SyntaxError)):
        return lines[0]
    return "its contents are damaged"
