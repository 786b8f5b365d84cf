"""Decode all images of a listing into one array, in parallel and in bounded memory."""

from __future__ import annotations

import hashlib
import os
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.config import DataConfig
from workbench.data.decoding.decode import BrokenImage, Decoded, Misfit, decode, header
from workbench.data.decoding.fit import shares
from workbench.data.decoding.recipe import Header, ImageRecipe, settle
from workbench.data.listing import Blob
from workbench.data.safety import limits
from workbench.errors import RequestError

Blobs = Callable[[npt.NDArray[np.int64]], Iterator[Blob]]

# Images whose headers decide the recipe; the others are checked while they are read.
PROBED = 256
# At most so many images, and so many bytes, go to a thread at a time: this bounds the memory.
_CHUNK, _CHUNK_BYTES = 64, 4 * 2**20
_FILE_BYTES = 2**18


@dataclass
class Decoding:
    """Decoded images. pixels: uint8 or float32 memory map (n, C, H, W). good: bool (n,), whether
    each could be read. digests: uint64 (n,), equal for equal pixels. gray: whether the channels of
    every image are equal. broken: position and reason of each image that could not be read.
    remarks: how many of each kind. sizes: int32 (n, 2), height and width of the upright originals.
    turns: uint8 (n,), their orientations.
    """

    recipe: ImageRecipe
    pixels: npt.NDArray[Any]
    good: npt.NDArray[np.bool_]
    digests: npt.NDArray[np.uint64]
    sizes: npt.NDArray[np.int32]
    turns: npt.NDArray[np.uint8]
    gray: bool = True
    broken: list[tuple[int, str]] = field(default_factory=list)
    remarks: Counter[str] = field(default_factory=Counter)

    @property
    def shown(self) -> float | None:
        """The mean share of an original's area that is in ``pixels``; None if every original has
        their size already."""
        return shown(self.sizes[self.good], self.recipe)

    def close(self) -> None:
        """Write the memory map to its file and close it, so that the file can be renamed."""
        if isinstance(self.pixels, np.memmap):
            self.pixels.flush()
        self.pixels = np.empty(0, np.uint8)


def shown(sizes: npt.ArrayLike, recipe: ImageRecipe) -> float | None:
    """The mean share of the originals' area that ``recipe`` keeps, in (0, 1]; None if it changes no
    size. sizes: (n, 2), heights and widths of n originals."""
    sides = np.asarray(sizes).reshape(-1, 2)
    if (sides == recipe.size).all():
        return None
    return float(shares(sides, recipe.size, recipe.fit).mean())


def probe(
    blobs: Blobs, wanted: npt.NDArray[np.int64], most: int = PROBED
) -> tuple[list[Header], str]:
    """Headers of images spread over ``wanted``, and the reason of the last broken one."""
    spread = np.unique(np.linspace(0, len(wanted) - 1, min(most, len(wanted))).astype(np.int64))
    headers, reason = [], ""
    with _quiet():
        for blob in blobs(wanted[spread]):
            try:
                headers.append(header(blob))
            except BrokenImage as error:
                reason = str(error)
    return headers, reason


def decode_all(
    blobs: Blobs,
    wanted: npt.NDArray[np.int64],
    recipe: ImageRecipe,
    file: Path,
    progress: Callable[[float], None],
    *,
    strict: bool = True,
) -> Decoding:
    """Decode the images at ``wanted`` (ascending positions) into ``file``, an .npy memory map.

    Raises Misfit with the header of the first image that ``recipe`` does not fit, if ``strict``.
    """
    kind = np.float32 if recipe.deep and recipe.scale is None else np.uint8
    shape = (len(wanted), recipe.channels, *recipe.size)
    done = Decoding(
        recipe,
        np.lib.format.open_memmap(file, mode="w+", dtype=kind, shape=shape),
        np.zeros(len(wanted), np.bool_),
        np.zeros(len(wanted), np.uint64),
        np.zeros((len(wanted), 2), np.int32),
        np.zeros(len(wanted), np.uint8),
    )
    workers = max(1, min(8, os.cpu_count() or 1))
    chunks = in_chunks(blobs(wanted))
    waiting: deque[Future[list[Decoded | str]]] = deque()
    at = 0
    with _quiet(), ThreadPoolExecutor(workers) as pool:
        try:
            while True:
                for chunk in islice(chunks, 2 * workers - len(waiting)):
                    waiting.append(pool.submit(_decode_chunk, chunk, recipe, strict))
                if not waiting:
                    break
                limits.check_time()
                results = waiting.popleft().result()
                _store(done, at, results)
                at += len(results)
                progress(at / len(wanted))
        finally:
            for future in waiting:
                future.cancel()
    return done


def decode_widening(
    blobs: Blobs,
    wanted: npt.NDArray[np.int64],
    config: DataConfig,
    file: Path,
    progress: Callable[[float], None],
) -> Decoding:
    """``decode_all`` by a recipe from the headers. An image that does not fit it widens it, and
    decoding starts again.

    Raises RequestError if no image can be read.
    """
    headers, reason = probe(blobs, wanted)
    if not headers:
        headers, reason = probe(blobs, wanted, most=len(wanted))
    if not headers:
        raise all_broken(len(wanted), reason)
    while True:
        try:
            done = decode_all(blobs, wanted, settle(headers, config), file, progress)
        except Misfit as misfit:
            headers.append(misfit.header)
            continue
        if not done.good.any():
            raise all_broken(len(wanted), done.broken[0][1])
        return done


def all_broken(count: int, reason: str) -> RequestError:
    """The error for images of which none can be read; reason: of one of them."""
    return RequestError(
        f"none of {count:,} images can be read ({reason}).",
        field="--data",
        remedy="Give images in a common format, such as PNG, JPEG or TIFF.",
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress the warnings of decoders: damaged files are read, or count as broken."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _decode_chunk(chunk: list[Blob], recipe: ImageRecipe, strict: bool) -> list[Decoded | str]:
    results: list[Decoded | str] = []
    for blob in chunk:
        try:
            results.append(decode(blob, recipe, strict=strict))
        except BrokenImage as error:
            results.append(str(error))
    return results


def _store(done: Decoding, at: int, results: list[Decoded | str]) -> None:
    for position, result in enumerate(results, at):
        if isinstance(result, str):
            done.broken.append((position, result))
            continue
        done.pixels[position] = result.pixels
        done.good[position] = True
        digest = hashlib.blake2b(result.pixels.tobytes(), digest_size=8).digest()
        done.digests[position] = np.frombuffer(digest, np.uint64)[0]
        done.sizes[position] = result.header.size
        done.turns[position] = result.header.turn
        done.gray &= result.gray
        done.remarks.update(result.remarks)


def in_chunks(blobs: Iterable[Blob]) -> Iterator[list[Blob]]:
    """The images in lists that are small enough to be in memory and large enough for a thread."""
    chunk: list[Blob] = []
    size = 0
    for blob in blobs:
        chunk.append(blob)
        size += _bytes_of(blob)
        if len(chunk) == _CHUNK or size >= _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _bytes_of(blob: Blob) -> int:
    """Bytes in memory; for a file roughly those that decoding it takes."""
    if isinstance(blob, bytes):
        return len(blob)
    if isinstance(blob, np.ndarray):
        return int(blob.nbytes)
    return _FILE_BYTES
