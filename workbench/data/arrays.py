"""Images and texts given as arrays: from a notebook, or new input to a trained encoder."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from workbench import paths
from workbench.config import DataConfig
from workbench.data import tokenizer
from workbench.data.columns import distinct, names_of, no_classes
from workbench.data.dataset import Dataset
from workbench.data.decoding import decode
from workbench.data.decoding.recipe import ImageRecipe
from workbench.data.listing import LabelColumn, storable
from workbench.data.preparing import prepare
from workbench.data.sources.arrays import store
from workbench.errors import RequestError


def prepare_arrays(
    source: npt.NDArray[Any] | Sequence[str],
    home: Path,
    *,
    labels: Sequence[Any] | None = None,
    name: str = "notebook",
    **options: Any,
) -> tuple[DataConfig, Dataset]:
    """Store and prepare images or texts; the configuration finds them again in ``home``.

    source: uint8 or uint16 (n, H, W) or (n, H, W, C), float of those shapes in [0, 1], or texts.
    labels: n names or whole numbers, None where missing. options: further fields of DataConfig.
    Raises RequestError.
    """
    samples = checked_images(source) if isinstance(source, np.ndarray) else checked_texts(source)
    column = None if labels is None else _labels(labels, len(samples))
    described = [name, None if column is None else column.to_pylist()]
    digest = hashlib.sha256(json.dumps(described).encode())
    if isinstance(samples, np.ndarray):
        digest.update(str((samples.shape, samples.dtype)).encode())
        digest.update(np.ascontiguousarray(samples).data)
    else:
        digest.update(json.dumps(samples).encode())
    folder = home / "arrays" / digest.hexdigest()[:16]
    if not folder.exists():
        paths.make_folder(folder.parent)
        temporary = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))
        try:
            store(temporary, name, samples, column)
            temporary.rename(folder)
        except OSError:
            # Another process stored the same arrays in the meantime.
            if not folder.exists():
                raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    config = DataConfig(source=str(folder), **options)
    return config, prepare(config, home)


def arrays_like(
    source: npt.NDArray[Any] | Sequence[str], reference: Dataset
) -> npt.NDArray[np.uint8] | list[npt.NDArray[np.int64]]:
    """Arrays prepared exactly as the samples of ``reference`` were, in the order given.

    Images (as ``prepare_arrays`` takes them) become uint8 (n, C, H, W); texts one int64 array of
    token ids each, cut to the reference's length. Raises RequestError.
    """
    if reference.info.modality == "text":
        if isinstance(source, np.ndarray) and source.dtype.kind not in "UO":
            raise _wrong_kind("an array of numbers", "texts")
        vocabulary = tokenizer.load(reference.folder)
        texts = checked_texts(source)
        return [ids for ids, _ in tokenizer.encode(vocabulary, texts, reference.info.length)]
    if not isinstance(source, np.ndarray):
        raise _wrong_kind("a list", "images as an array")
    recipe = ImageRecipe.load(reference.folder)
    images = checked_images(source)
    out = np.empty((len(images), recipe.channels, *recipe.size), np.uint8)
    for row, image in enumerate(images):
        try:
            out[row] = decode.decode(image, recipe, strict=False).pixels
        except decode.BrokenImage as error:
            raise RequestError(
                f"image {row} cannot be read ({error}).", field="data", remedy="Leave it out."
            ) from error
    return out


def checked_images(source: npt.NDArray[Any]) -> npt.NDArray[np.uint8] | npt.NDArray[np.uint16]:
    """uint8 or uint16 (n, H, W, C). Raises RequestError for other shapes, types and ranges."""
    images: npt.NDArray[Any] = source[..., None] if source.ndim == 3 else source
    if images.ndim != 4 or not images.size:
        raise RequestError(
            f"an array of shape {source.shape} is no set of images.",
            field="data",
            remedy="Give (n, H, W) or (n, H, W, C).",
        )
    if images.dtype == np.uint8:
        return images.astype(np.uint8, copy=False)
    if images.dtype == np.uint16:
        return images.astype(np.uint16, copy=False)
    if images.dtype.kind == "f":
        low, high = float(images.min()), float(images.max())
        if low >= 0 and high <= 1:
            levels: npt.NDArray[np.floating[Any]] = np.rint(images * 255)
            return levels.astype(np.uint8)
        raise RequestError(
            f"fractions from {low:g} to {high:g} are no pixels.",
            field="data",
            remedy="Scale them to [0, 1], or give uint8.",
        )
    raise RequestError(
        f"an array of type {images.dtype} is no set of images.",
        field="data",
        remedy="Give uint8, or fractions in [0, 1].",
    )


def checked_texts(source: Any) -> list[str]:
    """The texts as a list. Raises RequestError if one is no text, or there is none."""
    texts = list(source)
    other = next((text for text in texts if not isinstance(text, str)), None)
    if other is not None or not texts:
        raise RequestError(
            "there are no texts." if not texts else f"a {type(other).__name__} is no text.",
            field="data",
            remedy="Give an array of images, or a list of texts.",
        )
    return [storable(text) for text in texts]


def _labels(labels: Sequence[Any], count: int) -> pa.Array:
    if len(labels) != count:
        raise RequestError(
            f"there are {len(labels):,} labels for {count:,} samples.",
            field="labels",
            remedy="Give one a sample, None where it is missing.",
        )
    remedy = "Give names or whole numbers."
    try:
        values = pa.array(np.asarray(labels, dtype=object).tolist())
        if pa.types.is_binary(values.type):
            values = pc.cast(values, pa.string())
    except (pa.ArrowException, OverflowError) as error:
        raise RequestError(
            "the labels are not of one kind.", field="labels", remedy=remedy
        ) from error
    column = LabelColumn("labels", pa.chunked_array([values]))
    if distinct(column) is None:
        raise RequestError(f"the argument {no_classes(column)}.", field="labels", remedy=remedy)
    return names_of(values) if pa.types.is_decimal(values.type) else values


def _wrong_kind(given: str, wanted: str) -> RequestError:
    return RequestError(
        f"{given} was given; the run learned from other data.",
        field="data",
        remedy=f"Give {wanted}.",
    )
