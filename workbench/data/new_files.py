"""New samples, image files or texts, read exactly as those of a prepared data set were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.data import tokenizer
from workbench.data.dataset import Dataset
from workbench.data.decoding import decode
from workbench.data.decoding.fit import shares
from workbench.data.decoding.recipe import ImageRecipe
from workbench.data.listing import holds_characters, storable
from workbench.errors import RequestError

# Below this share of a picture, it is said that the rest is cut off.
_MOST_SHOWN = 0.95


@dataclass(frozen=True)
class NewImages:
    """pixels: uint8 (n, C, H, W) of the files that could be read; kept: their positions among all
    files. notes: one for each file: why it could not be read, or what was done to it, or ""."""

    pixels: npt.NDArray[np.uint8]
    kept: npt.NDArray[np.int64]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class NewTexts:
    """tokens: int64 ids of each text, as the encoder gets them. pieces: the same as word pieces.
    cut: how many tokens of each text were left out."""

    tokens: tuple[npt.NDArray[np.int64], ...]
    pieces: tuple[tuple[str, ...], ...]
    cut: tuple[int, ...]


def images_like(files: Sequence[bytes], reference: Dataset) -> NewImages:
    """Encoded images of any size and depth by the recipe of ``reference``.

    Raises RequestError if ``reference`` holds texts.
    """
    if reference.info.modality != "image":
        raise _wrong_kind("images were given", "texts")
    recipe = ImageRecipe.load(reference.folder)
    pixels, kept, notes = [], [], []
    for at, data in enumerate(files):
        try:
            head = decode.header(data)
            pixels.append(decode.decode(data, recipe, strict=False).pixels)
        except decode.BrokenImage as error:
            notes.append(f"It cannot be read: {error}.")
            continue
        kept.append(at)
        notes.append(_change_note(head.size, head.channels, recipe))
    shape = (0, recipe.channels, *recipe.size)
    return NewImages(
        np.stack(pixels) if pixels else np.empty(shape, np.uint8),
        np.array(kept, np.int64),
        tuple(notes),
    )


def texts_like(texts: Sequence[str], reference: Dataset) -> NewTexts:
    """Texts by the vocabulary and the length of ``reference``.

    Raises RequestError if ``reference`` holds images, or a text holds no printable character.
    """
    if reference.info.modality != "text":
        raise _wrong_kind("texts were given", "images")
    if not texts or not all(holds_characters(text) for text in texts):
        raise RequestError("there is no text.", field="Text", remedy="Type or paste one.")
    vocabulary, limit = tokenizer.load(reference.folder), reference.info.length
    encoded = [ids for ids, _ in tokenizer.encode(vocabulary, [storable(text) for text in texts])]
    tokens = tuple(ids[:limit] for ids in encoded)
    return NewTexts(
        tokens,
        tuple(tuple(str(vocabulary.id_to_token(int(i))) for i in ids) for ids in tokens),
        tuple(len(ids) - len(kept) for ids, kept in zip(encoded, tokens, strict=True)),
    )


def _change_note(size: tuple[int, int], channels: int, recipe: ImageRecipe) -> str:
    """How the recipe changes an image of this size, in sentences; "" if it does not."""
    notes = []
    if channels == 1 and recipe.channels > 1:
        notes.append(
            "It is gray, and the run learned from colour: its gray stands for all colours."
        )
    if channels > 1 and recipe.channels == 1:
        notes.append("It is in colour, and the run learned from gray: its colours are left out.")
    if min(size) < min(recipe.size):
        notes.append(f"It has {size[1]} x {size[0]} pixels only and was enlarged.")
    shown = float(shares(size, recipe.size, recipe.fit)[0])
    if shown < _MOST_SHOWN:
        notes.append(f"The encoder gets {100 * shown:.0f} % of it; the sides are cut off.")
    return " ".join(notes)


def _wrong_kind(given: str, wanted: str) -> RequestError:
    return RequestError(
        f"{given}, and this run learned from {wanted}.",
        field="Try",
        remedy=f"Give {wanted}, or choose another run.",
    )
