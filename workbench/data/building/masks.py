"""Masks beside images: read, fitted as their images were, and written in the cache's order."""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.data.building.image_notes import percent
from workbench.data.decoding import batch, fit, mask, orientation
from workbench.data.decoding.opening import BrokenImage
from workbench.data.decoding.recipe import ImageRecipe
from workbench.data.listing import Blob

FILE = "masks.npy"
# A mask whose sides differ by more than this from the picture's has another shape.
_SHAPE = 0.02


@dataclass(frozen=True)
class FittedMask:
    """pixels: bool of the recipe's size. marked: marked pixels of the whole mask. lost: how many of
    them the encoder does not get. stretched: whether the mask has another shape than its image."""

    pixels: npt.NDArray[np.bool_]
    marked: int
    lost: int
    stretched: bool


@dataclass
class MaskTally:
    """Counts of masks. images: in all. masks: that were written. whole: that mark every pixel, and
    were ignored. marked: images with marks. cut, empty: those of them with some, and with all of
    the marks outside of what the encoder gets. gone: those whose marks are smaller than its pixels.
    lost: mean share of the marked pixels that is outside. broken: reasons by count."""

    images: int
    masks: int = 0
    whole: int = 0
    marked: int = 0
    cut: int = 0
    empty: int = 0
    gone: int = 0
    stretched: int = 0
    lost: float = 0.0
    broken: Counter[str] = field(default_factory=Counter)


def fitted(
    marked: npt.NDArray[np.bool_], source: fit.Size, turn: int, recipe: ImageRecipe
) -> FittedMask:
    """A mask (H, W), fitted as its image was. source: (height, width) of the image, upright.

    turn: the orientation of the image. A mask without tags of its own that has the size of the
    image as it lies in its file is turned with it.
    """
    if marked.shape != source and marked.shape == orientation.upright_size(source, turn):
        marked = orientation.upright_array(marked[:, :, None], turn)[:, :, 0]
    part = fit.shown_part(source, recipe.size, recipe.fit)
    down, across = marked.shape[0] / source[0], marked.shape[1] / source[1]
    rows = slice(round(part.top * down), round((part.top + part.height) * down))
    columns = slice(round(part.left * across), round((part.left + part.width) * across))
    total = int(marked.sum())
    return FittedMask(
        fit.fitted_mask(marked, source, recipe.size, recipe.fit),
        total,
        total - int(marked[rows, columns].sum()),
        abs(down / across - 1) > _SHAPE,
    )


def write(
    masks: batch.Blobs,
    rows: npt.NDArray[np.int64],
    sizes: npt.NDArray[np.int32],
    turns: npt.NDArray[np.uint8],
    recipe: ImageRecipe,
    folder: Path,
) -> MaskTally:
    """Write masks.npy, uint8 (N, H, W), 0 or 255; no file if no image has a mask.

    rows: positions in the listing, in the cache's order. sizes, turns: of the images at ``rows``,
    see ``batch.Decoding``.
    """
    tally = MaskTally(len(rows))
    shape = (len(rows), *recipe.size)
    out = np.lib.format.open_memmap(folder / FILE, mode="w+", dtype=np.uint8, shape=shape)
    # Sources give masks in their own order.
    places = np.argsort(rows)
    at = 0

    def one(place: int, blob: Blob) -> FittedMask | str | None:
        if blob is None:
            return None
        try:
            marked = mask.read(blob)
        except BrokenImage as error:
            return str(error)
        if marked.all():
            return ""
        height, width = sizes[place].tolist()
        return fitted(marked, (height, width), int(turns[place]), recipe)

    with ThreadPoolExecutor(max(1, min(8, os.cpu_count() or 1))) as pool:
        for chunk in batch.in_chunks(masks(rows[places])):
            here = places[at : at + len(chunk)].tolist()
            at += len(chunk)
            for place, result in zip(here, pool.map(one, here, chunk), strict=True):
                if isinstance(result, FittedMask):
                    out[place] = result.pixels * np.uint8(255)
                _count(tally, result)
    if tally.marked:
        tally.lost /= tally.marked
    out.flush()
    del out
    if not tally.masks:
        (folder / FILE).unlink()
    return tally


def _count(tally: MaskTally, result: FittedMask | str | None) -> None:
    if result is None:
        return
    if isinstance(result, str):
        if result:
            tally.broken[result] += 1
        else:
            tally.whole += 1
        return
    tally.masks += 1
    tally.stretched += result.stretched
    if result.marked:
        tally.marked += 1
        tally.cut += result.lost > 0
        tally.empty += result.lost == result.marked
        tally.gone += result.lost < result.marked and not result.pixels.any()
        tally.lost += result.lost / result.marked


def notes(tally: MaskTally, recipe: ImageRecipe) -> list[str]:
    """Sentences on the masks: how many, what the crop loses of them, what is wrong with them."""
    out = []
    if tally.masks:
        out.append(
            f"{tally.masks:,} of {tally.images:,} images have a mask; in {tally.marked:,} of them "
            "it marks places."
        )
    if tally.cut:
        out.append(
            f"The crop cuts marked places off in {tally.cut:,} of {tally.marked:,} images, all of "
            f"them in {tally.empty:,} ({percent(tally.lost)} on average). --fit pad keeps all."
        )
    if tally.gone:
        height, width = recipe.size
        out.append(
            f"The marks of {tally.gone:,} images are smaller than a pixel at {height} x {width}. "
            "--size makes images larger."
        )
    if tally.whole:
        out.append(f"{tally.whole:,} masks mark the whole image; they were ignored.")
    if tally.stretched:
        out.append(
            f"{tally.stretched:,} masks have another shape than their image; they were stretched "
            "to it."
        )
    if tally.broken:
        reason, _ = tally.broken.most_common(1)[0]
        out.append(f"{tally.broken.total():,} masks cannot be read ({reason}); nothing is marked.")
    return out
