"""Images for ``build``: read them all, then write them in the order of the splits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.config import DataConfig
from workbench.data import estimate
from workbench.data.building import image_notes, masks
from workbench.data.building.sample_facts import SampleFacts
from workbench.data.dataset import Dataset
from workbench.data.decoding import batch, decode
from workbench.data.decoding.recipe import ImageRecipe, settle
from workbench.data.listing import Listing

Progress = Callable[[str, float], None]

_PERCENTILES = (0.1, 99.9)
# At most so many values are used for percentiles.
_MOST_VALUES = 20_000_000
# Bytes of images in memory at a time while they are written.
_BLOCK = 32 * 2**20
_DECODED = "decoded.npy"
_MOST_NAMES = 3


@dataclass(frozen=True)
class ReadImages:
    """The images that were read. kept: int64, positions of the readable ones among those wanted.
    recipe_notes: how all of them were read. wanted: int64, positions in the listing. masks: of the
    listing."""

    decoding: batch.Decoding
    config: DataConfig
    recipe_notes: tuple[str, ...]
    kept: npt.NDArray[np.int64] = field(repr=False)
    wanted: npt.NDArray[np.int64] = field(repr=False)
    masks: batch.Blobs | None = None

    @property
    def digests(self) -> npt.NDArray[np.uint64]:
        """uint64: of all wanted images, equal for equal pixels."""
        return self.decoding.digests

    def notes(self, name: Callable[[int], str]) -> tuple[str, ...]:
        """Notes on reading. name: of the sample at a position among those wanted."""
        notes = list(self.recipe_notes)
        broken = self.decoding.broken
        if broken:
            first = "; ".join(f"{name(row)}: {reason}" for row, reason in broken[:_MOST_NAMES])
            more = "; ..." if len(broken) > _MOST_NAMES else ""
            notes.append(f"{len(broken):,} broken images were skipped ({first}{more}).")
        return (*notes, *image_notes.remark_notes(self.decoding.remarks))


def usable(listing: Listing) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """All positions: a broken image is noticed when it is read."""
    return np.arange(listing.count), ()


def read(
    listing: Listing,
    wanted: npt.NDArray[np.int64],
    config: DataConfig,
    folder: Path,
    progress: Progress,
    like: Dataset | None,
) -> ReadImages:
    """Decode the images at ``wanted`` into a file in ``folder``. Raises RequestError."""
    if listing.blobs is None:
        raise ValueError("a listing of images has blobs")

    def report(share: float) -> None:
        progress("reading", share)

    if like is not None:
        recipe = ImageRecipe.load(like.folder)
        _check_room(listing, wanted, recipe, folder)
        decoding = batch.decode_all(
            listing.blobs, wanted, recipe, folder / _DECODED, report, strict=False
        )
        if not decoding.good.any():
            raise batch.all_broken(len(wanted), decoding.broken[0][1])
        notes = image_notes.notes_like(decoding.shown)
        kept = np.flatnonzero(decoding.good)
        return ReadImages(decoding, config, notes, kept, wanted, listing.masks)
    headers, _ = batch.probe(listing.blobs, wanted)
    if headers:
        _check_room(listing, wanted, settle(headers, config), folder)
    decoding = batch.decode_widening(listing.blobs, wanted, config, folder / _DECODED, report)
    kept = np.flatnonzero(decoding.good)
    notes = (
        *image_notes.fit_notes(decoding.recipe, config, decoding.sizes[kept]),
        *image_notes.channel_notes(decoding.recipe, headers),
    )
    return ReadImages(decoding, config, notes, kept, wanted, listing.masks)


def _check_room(
    listing: Listing, wanted: npt.NDArray[np.int64], recipe: ImageRecipe, folder: Path
) -> None:
    """Raise RequestError if the images at ``wanted`` do not fit on the disk."""
    deep = recipe.deep and recipe.scale is None
    needed = estimate.image_bytes(len(wanted), recipe.size, recipe.channels, deep=deep)
    if listing.masks is not None:
        needed += len(wanted) * recipe.size[0] * recipe.size[1]
    estimate.check_room(needed, len(wanted), folder)


def write(
    read: ReadImages,
    order: npt.NDArray[np.int64],
    training: int,
    folder: Path,
    progress: Progress,
    like: Dataset | None,
) -> SampleFacts:
    """Write images.npy, and masks.npy where there are masks, in the order of the splits.

    Mean and deviation are of the training split.

    training: how many of ``order`` are training samples, at its beginning.
    """
    decoding = read.decoding
    notes: list[str] = []
    recipe = decoding.recipe
    if like is None and recipe.chosen is None and recipe.channels == 3 and decoding.gray:
        recipe = replace(recipe, channels=1)
        notes.append("All colour images are gray; one channel was kept.")
    if decoding.pixels.dtype != np.uint8:
        recipe = replace(
            recipe, scale=_scale(decoding.pixels[:, : recipe.channels], order[:training])
        )
        notes.append(image_notes.scale_note(recipe.scale or (), _PERCENTILES))
    in_order = np.array_equal(order, np.arange(len(decoding.good)))
    if in_order and recipe == decoding.recipe:
        decoding.close()
        (folder / _DECODED).rename(folder / "images.npy")
    else:
        _copy(decoding.pixels, order, recipe, folder / "images.npy", progress)
        decoding.close()
        (folder / _DECODED).unlink()
    recipe.save(folder)
    if like is None:
        mean, std = moments(folder / "images.npy", training)
        facts = SampleFacts(recipe.size, recipe.channels, mean, std)
    else:
        facts = SampleFacts(recipe.size, recipe.channels, like.info.mean, like.info.std)
    if read.masks is not None:
        tally = masks.write(
            read.masks,
            read.wanted[order],
            decoding.sizes[order],
            decoding.turns[order],
            recipe,
            folder,
        )
        notes += masks.notes(tally, recipe)
    shown = decoding.shown
    fitting = None if shown is None else recipe.fit
    return replace(facts, notes=tuple(notes), fit=fitting, shown=shown)


def moments(file: Path, count: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation a channel, of values in [0, 1], of the first ``count`` images."""
    pixels = np.load(file, mmap_mode="r")
    counts = np.zeros((pixels.shape[1], 256), np.int64)
    for at in _blocks(pixels, count):
        for channel in range(pixels.shape[1]):
            counts[channel] += np.bincount(pixels[at, channel].ravel(), minlength=256)
    values = np.arange(256) / 255.0
    mean = counts @ values / counts.sum(axis=1)
    variance = counts @ values**2 / counts.sum(axis=1) - mean**2
    # A constant channel has no deviation to divide by.
    std = np.maximum(np.sqrt(np.maximum(variance, 0)), 1 / 255)
    return tuple(mean.tolist()), tuple(std.tolist())


def _copy(
    pixels: npt.NDArray[Any],
    order: npt.NDArray[np.int64],
    recipe: ImageRecipe,
    file: Path,
    progress: Progress,
) -> None:
    shape = (len(order), recipe.channels, *recipe.size)
    out = np.lib.format.open_memmap(file, mode="w+", dtype=np.uint8, shape=shape)
    for at in _blocks(pixels, len(order)):
        block = pixels[order[at], : recipe.channels]
        if recipe.scale is not None and block.dtype != np.uint8:
            block = decode.scaled(block, recipe.scale)
        out[at] = block
        progress("writing", at.stop / len(order))
    out.flush()


def _scale(
    pixels: npt.NDArray[Any], training: npt.NDArray[np.int64]
) -> tuple[tuple[float, float], ...]:
    """Percentiles of each channel over the training images, not of single images."""
    each = pixels.shape[2] * pixels.shape[3]
    step = max(1, -(-len(training) * each // _MOST_VALUES))
    chosen = np.sort(training)[::step]
    out = []
    for channel in range(pixels.shape[1]):
        low, high = np.percentile(pixels[chosen, channel], _PERCENTILES)
        out.append((float(low), float(high)))
    return tuple(out)


def _blocks(pixels: npt.NDArray[Any], count: int) -> list[slice]:
    step = max(1, _BLOCK // max(1, pixels[:1].nbytes))
    return [slice(at, min(count, at + step)) for at in range(0, count, step)]
