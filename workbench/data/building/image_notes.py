"""Notes on how images are read: their size, their fit, their channels and values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy.typing as npt

from workbench.config import DataConfig
from workbench.data.decoding import batch, decode, fit
from workbench.data.decoding.recipe import Header, ImageRecipe

# A share above this is everything, in words.
_ALL = 0.995
_REMARKS = {
    decode.TRANSPARENT: "{} images are partly transparent; they lie on white.",
    decode.TURNED: "{} images were turned upright, as their orientation tag says.",
    decode.PALETTE: "{} images have a palette; it was resolved into colours.",
    decode.SLICE: "{} images are stacks in depth or time; the first slice was taken.",
    decode.FRAMES: "{} images have several frames or pages; the first was taken.",
    decode.COARSE: "{} images with 16 bits a value were read with 8.",
}


def remark_notes(remarks: Counter[str]) -> list[str]:
    """A sentence on each kind of remark, with its count."""
    return [
        sentence.format(f"{remarks[kind]:,}")
        for kind, sentence in _REMARKS.items()
        if remarks[kind]
    ]


def fit_notes(recipe: ImageRecipe, config: DataConfig, sizes: npt.ArrayLike) -> list[str]:
    """How images of other sizes become one, what is lost, and the flag that changes it.

    sizes: (n, 2), heights and widths of the originals, upright.
    """
    shown = batch.shown(sizes, recipe)
    if shown is None:
        return []
    height, width = recipe.size
    why = "as asked" if config.size is not None else "the default (--size changes it)"
    notes = [f"Images are scaled to {height} x {width}, {why}."]
    centre = float(fit.shares(sizes, recipe.size, "crop").mean())
    if centre > _ALL:
        return notes
    if recipe.fit == "crop":
        return [*notes, crop_note(shown) + " --fit pad keeps all."]
    by_shape = "" if config.fit else f" The centre alone would be {percent(centre)} of each."
    if recipe.fit == "pad":
        changes = "" if config.fit else " Shapes vary: --fit crop or --fit squash changes this."
        kept = "Whole pictures are kept: the rest is filled with the colour of their edges."
    else:
        changes = (
            "" if config.fit else " All have about one shape: --fit crop or --fit pad changes this."
        )
        kept = "Whole pictures are kept: height and width are scaled by different factors."
    return [*notes, kept + by_shape + changes]


def notes_like(shown: float | None) -> tuple[str, ...]:
    """What the crop leaves of images that are prepared like others; nothing to choose."""
    return () if shown is None or shown > _ALL else (crop_note(shown),)


def crop_note(shown: float) -> str:
    """What the crop leaves, in plain words. shown: mean share of a picture's area, in (0, 1]."""
    share = percent(shown)
    return f"The encoder gets {share} of each picture on average; the sides are cut off."


def percent(share: float) -> str:
    """A share in whole percent."""
    return f"{100 * share:.0f} %"


def channel_notes(recipe: ImageRecipe, headers: Sequence[Header]) -> list[str]:
    """Which channels are taken, and whether depths are mixed."""
    notes = []
    most = max((header.channels for header in headers), default=1)
    pages = max((header.pages for header in headers), default=1)
    if recipe.chosen is not None:
        chosen = ", ".join(map(str, recipe.chosen))
        notes.append(f"Channels {chosen} of {max(most, pages)} were taken.")
    elif most > 3:
        notes.append(
            f"Images have {most} channels; the first three were taken (--channels chooses others)."
        )
    elif pages > 1:
        notes.append(f"If the {pages} pages are channels, name them: --channels 0,1.")
    if len({header.deep for header in headers}) == 2:
        notes.append("Images of 8 and of more bits are mixed; 8-bit values were multiplied by 257.")
    return notes


def scale_note(scale: Sequence[tuple[float, float]], percentiles: tuple[float, float]) -> str:
    """How values of more than 8 bits became 8 bits. scale: by channel, what became 0 and 255."""
    pairs = ", ".join(f"{low:.6g} to {high:.6g}" for low, high in scale)
    return (
        f"Values beyond 8 bits were scaled by the {percentiles[0]} and {percentiles[1]} "
        f"percentiles of the training images, the same for all: {pairs} a channel."
    )
