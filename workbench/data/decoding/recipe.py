"""The recipe by which the images of a data set are read, stored so that new images are read alike.

It is decided from the headers of a few hundred images. An image that does not fit it (another size,
colour among gray, 16 bits among 8) widens it, and reading starts again. Sizes are those after
turning upright.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench import damage
from workbench.config import FITS, DataConfig
from workbench.data.decoding.fit import by_shape
from workbench.errors import RequestError, unknown_name

# Images that are all of one size are kept as they are up to this side.
LARGEST_NATIVE = 64
DEFAULT_SIDE = 64
_FILE = "reading.json"


@dataclass(frozen=True)
class Header:
    """The header of an image. size: (height, width) after turning it upright. channels: without
    transparency. deep: more than 8 bits a value. turn: how its pixels lie, see ``orientation``.
    pages: of a TIFF that does not say what its pages are; they may serve as channels."""

    size: tuple[int, int]
    channels: int
    deep: bool
    turn: int = 1
    pages: int = 1


@dataclass(frozen=True)
class ImageRecipe:
    """size: (height, width) of the result. native: whether every image has that size already.
    channels: of the result. chosen: which channels of the image they are, None for the first ones.
    deep: whether images have more than 8 bits a value; then values stay float32 until ``scale`` is
    known. scale: by channel (low, high), the values that become 0 and 255. fit: how images of
    another size become ``size``, see ``fit``; caches of older versions were cropped.
    """

    size: tuple[int, int]
    native: bool
    channels: int
    chosen: tuple[int, ...] | None = None
    deep: bool = False
    scale: tuple[tuple[float, float], ...] | None = None
    fit: str = "crop"

    @property
    def pages_are_channels(self) -> bool:
        """Whether pages that a TIFF says nothing of are channels: someone chose among them."""
        return self.chosen is not None

    def fits(self, header: Header) -> bool:
        """Whether an image can be read by this recipe without losing size, colour or depth."""
        narrow = self.chosen is None and min(header.channels, 3) > self.channels
        resized = self.native and header.size != self.size
        return not (narrow or resized or (header.deep and not self.deep))

    def save(self, folder: Path) -> None:
        """Write the recipe into the folder of a cache."""
        (folder / _FILE).write_text(json.dumps(dataclasses.asdict(self)), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> ImageRecipe:
        """The recipe of the prepared images in ``folder``. Raises DamageError."""
        path = folder / _FILE
        raw: dict[str, Any] = dict(damage.read_json(path))
        with damage.reading(path):
            raw["size"] = tuple(raw["size"])
            if raw["chosen"] is not None:
                raw["chosen"] = tuple(raw["chosen"])
            if raw["scale"] is not None:
                raw["scale"] = tuple((low, high) for low, high in raw["scale"])
            return cls(**raw)


def settle(headers: Iterable[Header], config: DataConfig) -> ImageRecipe:
    """The recipe for images with these headers.

    Raises RequestError for channels they lack, or a fit that is unknown.
    """
    headers = list(headers)
    distinct = set(headers)
    sizes = {header.size for header in distinct}
    only = next(iter(sizes)) if len(sizes) == 1 else None
    if config.size is not None:
        size = (config.size, config.size)
    elif only is not None and max(only) <= LARGEST_NATIVE:
        size = only
    else:
        size = (DEFAULT_SIDE, DEFAULT_SIDE)
    most = max(header.channels for header in distinct)
    if config.channels is not None:
        most = max(most, *(header.pages for header in distinct))
    if config.fit not in (None, *FITS):
        raise unknown_name("fit", config.fit, FITS, field="--fit")
    if config.channels is not None and max(config.channels) >= most:
        raise RequestError(
            f"there is no channel {max(config.channels)}; the images have {most}.",
            field="--channels",
            remedy=f"Channels are counted from 0: give numbers up to {most - 1}.",
        )
    return ImageRecipe(
        size=size,
        native=only == size,
        channels=min(most, 3) if config.channels is None else len(config.channels),
        chosen=config.channels,
        deep=any(header.deep for header in distinct),
        fit=config.fit or by_shape([header.size for header in headers], size),
    )
