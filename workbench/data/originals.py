"""Samples as they are in the source, to compare with what the encoder gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.config import DataConfig
from workbench.data.dataset import Dataset
from workbench.data.decoding import batch, decode
from workbench.data.decoding.recipe import Header, ImageRecipe
from workbench.data.listing import Blob, Listing
from workbench.data.sources import foreign_errors
from workbench.data.sources.resolve import resolve
from workbench.data.thumbnails import rgb
from workbench.errors import RequestError

MOST_MEASURED = 2000


@dataclass(frozen=True)
class Original:
    """One image as it is in the source. size: (height, width), upright. deep: more than 8 bits a
    value. picture: uint8 (H, W, 3), scaled down for the screen, None if it cannot be read."""

    name: str
    size: tuple[int, int] | None = None
    channels: int | None = None
    deep: bool = False
    picture: npt.NDArray[np.uint8] | None = None
    error: str = ""


@dataclass(frozen=True)
class CutText:
    """A text as tokens. pieces: the word pieces that the encoder gets. tokens: how many the whole
    text has. kept: characters of the text that the pieces cover."""

    pieces: tuple[str, ...]
    tokens: int
    kept: int


@dataclass(frozen=True)
class Sizes:
    """Heights and widths in pixels of the readable ones of ``looked_at`` images of a source."""

    looked_at: int
    heights: npt.NDArray[np.int64]
    widths: npt.NDArray[np.int64]


def originals(
    config: DataConfig,
    dataset: Dataset,
    rows: Sequence[int],
    *,
    within: Path | None = None,
    side: int = 192,
) -> list[Original]:
    """The originals of the images at ``rows`` of the cache, in that order.

    within: the folder that must contain all files of the source. side: longest side of the
    pictures. Raises RequestError if the source cannot be read any more, SourceMissing if it is
    gone.
    """
    listing = _images(config, within)
    place = {name: at for at, name in enumerate(listing.ids)}
    names = [dataset.ids[row] for row in rows]
    wanted = np.array(sorted({place[name] for name in names if name in place}), np.int64)
    with foreign_errors.in_words(config.source):
        blobs = _blobs(listing, wanted)
    by_name = {
        listing.ids[at]: original(listing.ids[at], blob, side)
        for at, blob in zip(wanted.tolist(), blobs, strict=True)
    }
    gone = "it is no longer in the source"
    return [by_name.get(name, Original(name, error=gone)) for name in names]


def original(name: str, blob: Blob, side: int) -> Original:
    """One image with a picture of at most ``side`` pixels, or with the error that prevents it."""
    try:
        head = decode.header(blob)
        return Original(name, head.size, head.channels, head.deep, picture(blob, head, side))
    except decode.BrokenImage as error:
        return Original(name, error=str(error))


def picture(blob: Blob, head: Header, side: int) -> npt.NDArray[np.uint8]:
    """uint8 (H, W, 3): the whole image, its longer side at most ``side``. Raises BrokenImage.

    Values of more than 8 bits are scaled from the image's darkest to its lightest.
    """
    factor = min(1.0, side / max(head.size))
    size = (max(1, round(head.size[0] * factor)), max(1, round(head.size[1] * factor)))
    channels = min(head.channels, 3)
    recipe = ImageRecipe(size, size == head.size, channels, deep=head.deep, fit="squash")
    pixels = decode.decode(blob, recipe, strict=False).pixels
    if pixels.dtype != np.uint8:
        span = (float(pixels.min()), float(pixels.max()))
        pixels = decode.scaled(pixels, (span,) * len(pixels))
    shown: npt.NDArray[np.uint8] = rgb(pixels[None])[0]
    return shown


def sizes(config: DataConfig, *, within: Path | None = None) -> Sizes:
    """Sizes of at most 2,000 images spread over the source, read from their headers alone."""
    listing = _images(config, within)
    if listing.blobs is None:
        raise ValueError("a listing of images has blobs")
    with foreign_errors.in_words(config.source):
        headers, _ = batch.probe(listing.blobs, np.arange(listing.count), most=MOST_MEASURED)
    return Sizes(
        min(listing.count, MOST_MEASURED),
        np.array([head.size[0] for head in headers], np.int64),
        np.array([head.size[1] for head in headers], np.int64),
    )


def cut_texts(dataset: Dataset, rows: Sequence[int]) -> list[CutText]:
    """The texts at ``rows`` of the cache as tokens."""
    from workbench.data import tokenizer

    vocabulary = tokenizer.load(dataset.folder)
    limit = dataset.info.length or 0
    texts = dataset.texts
    out = []
    for encoding in vocabulary.encode_batch([texts[row] for row in rows]):
        ids, offsets = encoding.ids[:limit], encoding.offsets[:limit]
        pieces = tuple(str(vocabulary.id_to_token(token)) for token in ids)
        out.append(CutText(pieces, len(encoding.ids), offsets[-1][1] if offsets else 0))
    return out


def token_counts(dataset: Dataset, rows: Sequence[int]) -> npt.NDArray[np.int64]:
    """int64 (n,): tokens of the texts at ``rows`` of the cache before they are cut."""
    from workbench.data import tokenizer

    vocabulary, texts = tokenizer.load(dataset.folder), dataset.texts
    encodings = vocabulary.encode_batch([texts[row] for row in rows])
    return np.array([len(encoding.ids) for encoding in encodings], np.int64)


def _images(config: DataConfig, within: Path | None) -> Listing:
    with foreign_errors.in_words(config.source):
        listing = resolve(config, within).listing(config)
    if listing.blobs is None:
        raise RequestError("the source holds texts.", field="--data", remedy="Choose it again.")
    return listing


def _blobs(listing: Listing, wanted: npt.NDArray[np.int64]) -> list[Blob]:
    return [] if listing.blobs is None else list(listing.blobs(wanted))
