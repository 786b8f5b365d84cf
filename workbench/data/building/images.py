"""The image half of ``workbench.data.building.build``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.config import DataConfig
from workbench.data import estimate
from workbench.data.dataset import Dataset
from workbench.data.decoding import batch, decode
from workbench.data.decoding.recipe import Reading, settle
from workbench.data.listing import Listing

Progress = Callable[[str, float], None]

_PERCENTILES = (0.1, 99.9)
# Values that percentiles are taken of, at most.
_MOST_VALUES = 20_000_000
# Bytes of images in memory at a time while they are written.
_BLOCK = 32 * 2**20
_DECODED = "decoded.npy"
_NAMES_TOLD = 3
_REMARKS = {
    decode.TRANSPARENT: "{} images are partly transparent; they lie on white.",
    decode.TURNED: "{} images were turned upright, as their EXIF data say.",
    decode.PALETTE: "{} images have a palette; it was resolved into colours.",
    decode.SLICE: "{} images are stacks in depth or time; the first slice was taken.",
    decode.COARSE: "{} colour images with 16 bits a value were read with 8.",
}


@dataclass(frozen=True)
class Written:
    """Fields of DataInfo, and notes, that come from the pixels."""

    fields: dict[str, Any]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadImages:
    """kept: int64, positions among the samples wanted that could be read. digests: of all."""

    done: batch.Decoding
    config: DataConfig
    told: tuple[str, ...]
    kept: npt.NDArray[np.int64] = field(repr=False)

    @property
    def digests(self) -> npt.NDArray[np.uint64]:
        return self.done.digests

    def notes(self, name: Callable[[int], str]) -> tuple[str, ...]:
        """What was met while reading. name: of the sample at a position among those wanted."""
        told = list(self.told)
        broken = self.done.broken
        if broken:
            first = "; ".join(f"{name(row)}: {reason}" for row, reason in broken[:_NAMES_TOLD])
            more = "; ..." if len(broken) > _NAMES_TOLD else ""
            told.append(f"{len(broken):,} broken images were skipped ({first}{more}).")
        for kind, sentence in _REMARKS.items():
            if self.done.remarks[kind]:
                told.append(sentence.format(f"{self.done.remarks[kind]:,}"))
        return tuple(told)


def usable(listing: Listing) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """All positions: whether an image is broken shows when it is read."""
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

    def told(share: float) -> None:
        progress("reading", share)

    if like is not None:
        reading = Reading.load(like.folder)
        most = estimate.image_bytes(len(wanted), reading.size, reading.channels)
        estimate.check_room(most, len(wanted), folder)
        done = batch.decode_all(
            listing.blobs, wanted, reading, folder / _DECODED, told, strict=False
        )
        if not done.good.any():
            raise batch.all_broken(len(wanted), done.broken[0][1])
        return ReadImages(done, config, (), np.flatnonzero(done.good))
    headers, _ = batch.probe(listing.blobs, wanted)
    if headers:
        planned = settle(headers, config)
        needed = estimate.image_bytes(
            len(wanted), planned.size, planned.channels, deep=planned.deep
        )
        estimate.check_room(needed, len(wanted), folder)
    done = batch.decode_widening(listing.blobs, wanted, config, folder / _DECODED, told)
    return ReadImages(
        done, config, _reading_notes(done.reading, config, headers), np.flatnonzero(done.good)
    )


def write(
    read: ReadImages,
    order: npt.NDArray[np.int64],
    training: int,
    folder: Path,
    progress: Progress,
    like: Dataset | None,
) -> Written:
    """Write images.npy in the order of the splits; mean and deviation are the training split's.

    training: how many of ``order`` are training samples, at its beginning.
    """
    done, notes = read.done, []
    reading = done.reading
    if like is None and reading.chosen is None and reading.channels == 3 and done.gray:
        reading = replace(reading, channels=1)
        notes.append("All colour images are gray; one channel was kept.")
    if done.pixels.dtype != np.uint8:
        reading = replace(
            reading, scale=_scale(done.pixels[:, : reading.channels], order[:training])
        )
        notes.append(_scale_note(reading))
    same = np.array_equal(order, np.arange(len(done.good)))
    if same and reading == done.reading:
        done.close()
        (folder / _DECODED).rename(folder / "images.npy")
    else:
        _copy(done.pixels, order, reading, folder / "images.npy", progress)
        done.close()
        (folder / _DECODED).unlink()
    reading.save(folder)
    fields: dict[str, Any] = {"size": reading.size, "channels": reading.channels}
    if like is None:
        fields["mean"], fields["std"] = moments(folder / "images.npy", training)
    else:
        fields["mean"], fields["std"] = like.info.mean, like.info.std
    return Written(fields, tuple(notes))


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
    # A constant channel would be divided by nothing.
    std = np.maximum(np.sqrt(np.maximum(variance, 0)), 1 / 255)
    return tuple(mean.tolist()), tuple(std.tolist())


def _copy(
    pixels: npt.NDArray[Any],
    order: npt.NDArray[np.int64],
    reading: Reading,
    file: Path,
    progress: Progress,
) -> None:
    shape = (len(order), reading.channels, *reading.size)
    out = np.lib.format.open_memmap(file, mode="w+", dtype=np.uint8, shape=shape)
    for at in _blocks(pixels, len(order)):
        block = pixels[order[at], : reading.channels]
        if reading.scale is not None and block.dtype != np.uint8:
            block = decode.scaled(block, reading.scale)
        out[at] = block
        progress("writing", at.stop / len(order))
    out.flush()


def _scale(
    pixels: npt.NDArray[Any], training: npt.NDArray[np.int64]
) -> tuple[tuple[float, float], ...]:
    """Percentiles of the training images, a channel: never of one image."""
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


def _scale_note(reading: Reading) -> str:
    pairs = ", ".join(f"{low:.6g} to {high:.6g}" for low, high in reading.scale or ())
    return (
        f"Values beyond 8 bits were scaled by the {_PERCENTILES[0]} and {_PERCENTILES[1]} "
        f"percentiles of the training images, the same for all: {pairs} a channel."
    )


def _reading_notes(reading: Reading, config: DataConfig, headers: list[Any]) -> tuple[str, ...]:
    notes = []
    height, width = reading.size
    if not reading.native:
        why = "as asked" if config.size is not None else "the default (--size changes it)"
        notes.append(
            f"Images were scaled to {height} x {width}, {why}: the shorter side, then the centre "
            "was cut out."
        )
    most = max((header.channels for header in headers), default=1)
    if reading.chosen is not None:
        notes.append(f"Channels {', '.join(map(str, reading.chosen))} of {most} were taken.")
    elif most > 3:
        notes.append(
            f"Images have {most} channels; the first three were taken (--channels chooses others)."
        )
    depths = {header.deep for header in headers}
    if len(depths) == 2:
        notes.append("Images of 8 and of more bits are mixed; 8-bit values were multiplied by 257.")
    return tuple(notes)
