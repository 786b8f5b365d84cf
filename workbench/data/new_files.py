"""New samples, read exactly as a prepared data set's own were: image files, or texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.data import tokenizer
from workbench.data.dataset import Dataset
from workbench.data.decoding import decode
from workbench.data.decoding.recipe import Reading
from workbench.data.listing import storable
from workbench.errors import RequestError


@dataclass(frozen=True)
class NewImages:
    """pixels: uint8 (n, C, H, W) of the files that could be read, at positions ``kept`` among all.
    notes: one for each file: why it could not be read, or what was done to it; "" for neither."""

    pixels: npt.NDArray[np.uint8]
    kept: npt.NDArray[np.int64]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class NewTexts:
    """tokens: int64 ids a text, as the encoder gets them. pieces: the same in letters. cut: tokens
    of each text that were left out."""

    tokens: tuple[npt.NDArray[np.int64], ...]
    pieces: tuple[tuple[str, ...], ...]
    cut: tuple[int, ...]


def images_like(files: Sequence[bytes], reference: Dataset) -> NewImages:
    """Encoded images of any size and depth by the recipe of ``reference``.

    Raises RequestError if ``reference`` holds texts.
    """
    if reference.info.modality != "image":
        raise _wrong_kind("images were given", "texts")
    reading = Reading.load(reference.folder)
    pixels, kept, notes = [], [], []
    for at, data in enumerate(files):
        try:
            head = decode.header(data)
            pixels.append(decode.decode(data, reading, strict=False).pixels)
        except decode.BrokenImage as error:
            notes.append(f"It cannot be read: {error}.")
            continue
        kept.append(at)
        notes.append(_told(head.size, head.channels, reading))
    shape = (0, reading.channels, *reading.size)
    return NewImages(
        np.stack(pixels) if pixels else np.empty(shape, np.uint8),
        np.array(kept, np.int64),
        tuple(notes),
    )


def texts_like(texts: Sequence[str], reference: Dataset) -> NewTexts:
    """Texts by the vocabulary and the length of ``reference``.

    Raises RequestError if ``reference`` holds images, or a text holds no sign.
    """
    if reference.info.modality != "text":
        raise _wrong_kind("texts were given", "images")
    if not texts or not all(_holds_signs(text) for text in texts):
        raise RequestError("there is no text.", field="Text", remedy="Type or paste one.")
    vocabulary, limit = tokenizer.load(reference.folder), reference.info.length
    known = [storable(text) for text in texts]
    encoded = [ids for ids, _ in tokenizer.encode(vocabulary, known)]
    tokens = tuple(ids[:limit] for ids in encoded)
    return NewTexts(
        tokens,
        tuple(tuple(str(vocabulary.id_to_token(int(i))) for i in ids) for ids in tokens),
        tuple(len(ids) - len(kept) for ids, kept in zip(encoded, tokens, strict=True)),
    )


def _told(size: tuple[int, int], channels: int, reading: Reading) -> str:
    """What an image loses or is given on its way to the encoder."""
    told = []
    if channels == 1 and reading.channels > 1:
        told.append("It is gray, and the run learned from colour: its gray stands for all colours.")
    if channels > 1 and reading.channels == 1:
        told.append("It is in colour, and the run learned from gray: its colours are left out.")
    if min(size) < min(reading.size):
        told.append(f"It has {size[1]} x {size[0]} pixels only and was enlarged.")
    return " ".join(told)


def _holds_signs(text: str) -> bool:
    return any(sign.isprintable() and not sign.isspace() for sign in text)


def _wrong_kind(given: str, wanted: str) -> RequestError:
    return RequestError(
        f"{given}, and this run learned from {wanted}.",
        field="Try",
        remedy=f"Give {wanted}, or choose another run.",
    )
