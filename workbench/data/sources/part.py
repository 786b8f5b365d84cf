"""Tables of a source, and which of their columns hold images or texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from workbench.config import DataConfig
from workbench.data.dataset import SplitName
from workbench.errors import RequestError, unknown_name

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
TEXT_NAMES = (
    "text", "sentence", "content", "message", "review", "question", "body", "utterance", "query",
    "document", "tweet", "comment", "description", "title", "headline", "abstract", "post",
)  # fmt: skip
IMAGE_NAMES = ("image", "img", "picture", "photo", "pixels", "file_name", "filename", "path")
# The kind of a column is guessed from so many rows.
PEEK = 200
_IMAGES_AMONG = 0.9
# Words have letters only: a time of day is no text.
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Part:
    """One table of a source.

    split: its split, None if not given. name: prefix of the samples' names. column: gives a whole
    column by name. cells: gives the values of a column at ascending rows one by one, so that
    encoded images need not fit into memory. classes: class names, of columns that have them. base:
    the folder that file names in cells are relative to.
    """

    split: SplitName | None
    name: str
    rows: int
    types: Mapping[str, pa.DataType]
    column: Callable[[str], pa.ChunkedArray]
    cells: Callable[[str, npt.NDArray[np.int64]], Iterator[Any]]
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    base: Path | None = None


def image_column(parts: Sequence[Part], config: DataConfig) -> str | None:
    """The column that holds images, None if the table holds texts. Raises RequestError if the
    column that ``config`` names is absent."""
    types = column_types(parts)
    if config.image is not None:
        if config.image not in types:
            raise unknown_name("column", config.image, types, field="--image")
        return config.image
    if config.text is not None:
        return None
    encoded = [name for name, kind in types.items() if holds_bytes(kind)]
    named = [name for name, kind in types.items() if is_text(kind) and _names_images(parts, name)]
    for candidates in (encoded, named):
        if candidates:
            return _preferred(candidates, IMAGE_NAMES) or candidates[0]
    return None


def holds_paths(parts: Sequence[Part], image: str) -> bool:
    """Whether the image column holds names of files and not bytes."""
    return is_text(column_types(parts)[image])


def text_columns(parts: Sequence[Part], config: DataConfig) -> tuple[str, ...]:
    """The columns that hold texts. Raises RequestError that lists the columns if there is none."""
    types = column_types(parts)
    described = (config.label, config.group)
    if config.text is not None:
        for name in config.text:
            if name not in types:
                raise unknown_name("column", name, types, field="--text")
        return config.text
    texts = [name for name, kind in types.items() if is_text(kind) and name not in described]
    preferred = _preferred(texts, TEXT_NAMES)
    if preferred is not None:
        return (preferred,)
    # A text has several words; names and classes seldom do.
    words = {name: _words_a_cell(parts, name) for name in texts}
    longest = max(words, key=lambda name: words[name], default=None)
    if longest is None or words[longest] < 2:
        raise RequestError(
            f"no column holds texts or images; the columns are {', '.join(types)}.",
            field="--data",
            remedy="Name the column with --text COLUMN (or --image COLUMN).",
        )
    return (longest,)


def column_types(parts: Sequence[Part]) -> dict[str, pa.DataType]:
    """The types of the columns of all parts, by name, in order."""
    types: dict[str, pa.DataType] = {}
    for part in parts:
        for name, kind in part.types.items():
            first = types.setdefault(name, kind)
            if pa.types.is_null(first):
                types[name] = kind
    return types


def _preferred(names: Sequence[str], order: Sequence[str]) -> str | None:
    by_name = {name.lower(): name for name in names}
    return next((by_name[name] for name in order if name in by_name), None)


def _peek(parts: Sequence[Part], name: str) -> list[str]:
    """The strings among the first rows of a column."""
    part = next((p for p in parts if name in p.types and p.rows), None)
    if part is None:
        return []
    head = part.column(name).slice(0, PEEK)
    return [value for value in head.to_pylist() if isinstance(value, str) and value]


def _names_images(parts: Sequence[Part], name: str) -> bool:
    """Whether nearly all strings of a column are names of image files."""
    values = _peek(parts, name)
    hits = sum(PurePath(v.strip()).suffix.lower() in IMAGE_SUFFIXES for v in values)
    return bool(values) and hits >= _IMAGES_AMONG * len(values)


def _words_a_cell(parts: Sequence[Part], name: str) -> float:
    values = _peek(parts, name)
    return sum(len(_WORD.findall(value)) for value in values) / len(values) if values else 0.0


def holds_bytes(kind: pa.DataType) -> bool:
    """Whether values of this type are encoded images."""
    if pa.types.is_struct(kind):
        return bool(kind.get_field_index("bytes") >= 0)
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def is_text(kind: pa.DataType) -> bool:
    """Whether values of this type are strings."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
