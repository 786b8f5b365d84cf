"""Tables of a source: their columns, types, rows and cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from workbench.data.dataset import SplitName
from workbench.data.safety import expansion

IMAGE_SUFFIXES = frozenset(
    (
        ".png",
        ".jpg",
        ".jpeg",
        ".jfif",
        ".bmp",
        ".gif",
        ".webp",
        ".tif",
        ".tiff",
        ".pgm",
        ".ppm",
        ".pbm",
    )
)
# The kind of a column is guessed from so many rows.
PEEK = 200


def _unknown(column: str) -> bool:
    return False


@dataclass(frozen=True)
class Part:
    """One table of a source.

    split: its split, None if not given. name: prefix of the samples' names. column: gives a whole
    column by name. cells: gives the values of a column at ascending rows one by one, so that
    encoded images need not fit into memory. classes: class names, of columns that have them. base:
    the folder that file names in cells are relative to. embeds: whether all cells of a column of
    images hold the images themselves and no names of files, as far as is known without reading
    them. lengths: of the lists in a column of lists, null where there is none.
    """

    split: SplitName | None
    name: str
    rows: int
    types: Mapping[str, pa.DataType]
    column: Callable[[str], pa.ChunkedArray]
    cells: Callable[[str, npt.NDArray[np.int64]], Iterator[Any]]
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    base: Path | None = None
    embeds: Callable[[str], bool] = _unknown
    lengths: Callable[[str], pa.ChunkedArray] | None = None


def column_types(parts: Sequence[Part]) -> dict[str, pa.DataType]:
    """The plain types of the columns of all parts, by name, in order."""
    types: dict[str, pa.DataType] = {}
    for part in parts:
        for name, kind in part.types.items():
            first = types.setdefault(name, plain_type(kind))
            if pa.types.is_null(first):
                types[name] = plain_type(kind)
    return types


def plain_type(kind: pa.DataType) -> pa.DataType:
    """The type of the values that ``kind`` stores as a dictionary, in runs or as views."""
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        return plain_type(kind.value_type)
    if isinstance(kind, pa.BaseExtensionType):
        return plain_type(kind.storage_type)
    if pa.types.is_string_view(kind):
        return pa.large_string()
    return pa.large_binary() if pa.types.is_binary_view(kind) else kind


def plain(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """The values in their ``plain_type``. Raises RequestError if they become too large by it."""
    kind = values.type
    if plain_type(kind) == kind:
        return values
    expansion.check(values)
    if pa.types.is_run_end_encoded(kind):
        chunks = [pc.run_end_decode(chunk) for chunk in values.chunks]
        return plain(pa.chunked_array(chunks, type=kind.value_type))
    if isinstance(kind, pa.BaseExtensionType):
        chunks = [chunk.storage for chunk in values.chunks]
        return plain(pa.chunked_array(chunks, type=kind.storage_type))
    return pc.cast(values, plain_type(kind))


def is_text(kind: pa.DataType) -> bool:
    """Whether values of this type are strings."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
