"""Tables as listings: Parquet, saved data sets, the hub, CSV and JSONL share this.

A table is guessed to hold images if a column does (encoded bytes, or names of image files), else
texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from workbench.config import DataConfig
from workbench.data.dataset import SplitName
from workbench.data.listing import NOT_GIVEN, Blob, Column, Hints, Listing
from workbench.data.sources.naming import exact_split, index_of
from workbench.errors import RequestError, unknown_name

IMAGE_SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm", ".pbm")
)
TEXT_NAMES = (
    "text", "sentence", "content", "message", "review", "question", "body", "utterance", "query",
    "document", "tweet", "comment", "description", "title", "headline", "abstract", "post",
)  # fmt: skip
IMAGE_NAMES = ("image", "img", "picture", "photo", "pixels", "file_name", "filename", "path")
_PEEK = 200
_IMAGES_AMONG = 0.9


@dataclass(frozen=True)
class Part:
    """One table of a source.

    split: which split it is, None if it does not say. name: prefix of the samples' names.
    column: a whole column by name. cells: values of a column at ascending rows, streamed, so that
    encoded images need not fit into memory. classes: names of the classes of columns that have
    them. base: folder that names of files are relative to.
    """

    split: SplitName | None
    name: str
    rows: int
    types: Mapping[str, pa.DataType]
    column: Callable[[str], pa.ChunkedArray]
    cells: Callable[[str, npt.NDArray[np.int64]], Iterator[Any]]
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    base: Path | None = None


def listing(
    parts: Sequence[Part], config: DataConfig, *, hints: Hints, notes: tuple[str, ...] = ()
) -> Listing:
    """The listing of ``parts``. Raises RequestError without samples or a column of samples."""
    rows = sum(part.rows for part in parts)
    if rows == 0:
        raise RequestError("there are no rows.", field="--data", remedy="Give a table with rows.")
    types = _types(parts)
    image = image_column(parts, config, types)
    texts = () if image else text_columns(parts, config, types)
    payload = (image,) if image else texts
    columns = {
        name: Column(name, _gather(parts, name, kind), _classes(parts, name))
        for name, kind in types.items()
        if name not in payload and _may_describe(kind)
    }
    split, columns, split_note = _splits(parts, columns)
    ids = [f"{part.name}/{row}" for part in parts for row in range(part.rows)]
    return Listing(
        modality="image" if image else "text",
        ids=ids,
        split=split,
        columns=columns,
        hints=hints,
        blobs=(lambda wanted: _blobs(parts, str(image), wanted)) if image else None,
        texts=None if image else (lambda: _joined(parts, texts)),
        shown={name: _words(kind, _classes(parts, name)) for name, kind in types.items()},
        payload=payload,
        notes=(*notes, *split_note, *_payload_note(config, image, texts)),
    )


def image_column(
    parts: Sequence[Part], config: DataConfig, types: Mapping[str, pa.DataType] | None = None
) -> str | None:
    """The column that holds images, None if the table holds texts."""
    types = _types(parts) if types is None else types
    if config.image is not None:
        if config.image not in types:
            raise unknown_name("column", config.image, types, field="--image")
        return config.image
    if config.text is not None:
        return None
    encoded = [name for name, kind in types.items() if _holds_bytes(kind)]
    named = [name for name, kind in types.items() if _is_text(kind) and _names_images(parts, name)]
    for found in (encoded, named):
        if found:
            return _preferred(found, IMAGE_NAMES) or found[0]
    return None


def holds_paths(parts: Sequence[Part], image: str) -> bool:
    """Whether the image column names files instead of holding bytes."""
    return _is_text(_types(parts)[image])


def text_columns(
    parts: Sequence[Part], config: DataConfig, types: Mapping[str, pa.DataType]
) -> tuple[str, ...]:
    """The columns that hold texts. Raises RequestError that lists the columns if there is none."""
    if config.text is not None:
        for name in config.text:
            if name not in types:
                raise unknown_name("column", name, types, field="--text")
        return config.text
    texts = [name for name, kind in types.items() if _is_text(kind)]
    preferred = _preferred(texts, TEXT_NAMES)
    if preferred is not None:
        return (preferred,)
    # A text has several words; a name or a class seldom has.
    words = {name: _words_a_cell(parts, name) for name in texts if name != config.label}
    longest = max(words, key=lambda name: words[name], default=None)
    if longest is None or words[longest] < 2:
        raise RequestError(
            f"no column holds texts or images; the columns are {', '.join(types)}.",
            field="--data",
            remedy="Name the column with --text COLUMN (or --image COLUMN).",
        )
    return (longest,)


def located(value: str, base: Path | None) -> Path:
    """The file that a cell names, relative to the folder of the table."""
    path = Path(value.strip().replace("\\", "/"))
    return path if base is None else base / path


def _types(parts: Sequence[Part]) -> dict[str, pa.DataType]:
    types: dict[str, pa.DataType] = {}
    for part in parts:
        for name, kind in part.types.items():
            known = types.setdefault(name, kind)
            if pa.types.is_null(known):
                types[name] = kind
    return types


def _classes(parts: Sequence[Part], name: str) -> tuple[str, ...] | None:
    named = [part.classes[name] for part in parts if name in part.classes]
    return named[0] if named and all(classes == named[0] for classes in named) else None


def _gather(parts: Sequence[Part], name: str, kind: pa.DataType) -> pa.ChunkedArray:
    """One column over all parts; missing where a part has none, strings where types differ."""
    kinds = {part.types[name] for part in parts if name in part.types}
    common = kind if len(kinds - {pa.null()}) <= 1 else pa.string()
    chunks: list[pa.Array] = []
    for part in parts:
        if name in part.types:
            chunks += pc.cast(part.column(name), common).chunks
        else:
            chunks.append(pa.nulls(part.rows, common))
    return pa.chunked_array(chunks, type=common)


def _splits(
    parts: Sequence[Part], columns: dict[str, Column]
) -> tuple[npt.NDArray[np.int8], dict[str, Column], tuple[str, ...]]:
    """Splits by the parts' names, else by a column called split whose values all are splits."""
    split = np.concatenate([np.full(p.rows, index_of(p.split), np.int8) for p in parts])
    column = columns.get("split")
    if (split != NOT_GIVEN).any() or column is None:
        return split, columns, ()
    values = [str(value) for value in column.values.to_pylist()]
    found = {value: exact_split(value) for value in set(values)}
    if None in found.values():
        return split, columns, ()
    split = np.array([index_of(found[value]) for value in values], np.int8)
    rest = {name: other for name, other in columns.items() if name != "split"}
    return split, rest, ("Splits are those of the column 'split'.",)


def _blobs(parts: Sequence[Part], image: str, wanted: npt.NDArray[np.int64]) -> Iterator[Blob]:
    start = 0
    for part in parts:
        inside = wanted[(wanted >= start) & (wanted < start + part.rows)] - start
        if len(inside) and image not in part.types:
            yield from (None for _ in inside)
        elif len(inside):
            for cell in part.cells(image, inside):
                yield _blob(cell, part.base)
        start += part.rows


def _blob(cell: Any, base: Path | None) -> Blob:
    if isinstance(cell, Mapping):
        data, path = cell.get("bytes"), cell.get("path")
        return data if data is not None else _blob(path, base)
    if isinstance(cell, str):
        return located(cell, base)
    return cell if isinstance(cell, bytes) else None


def _joined(parts: Sequence[Part], names: tuple[str, ...]) -> list[str]:
    types = _types(parts)
    columns = [_gather(parts, name, types[name]).to_pylist() for name in names]
    if len(columns) == 1:
        return ["" if value is None else str(value) for value in columns[0]]
    return [
        "\n".join(str(value) for value in values if value is not None)
        for values in zip(*columns, strict=True)
    ]


def _payload_note(config: DataConfig, image: str | None, texts: tuple[str, ...]) -> tuple[str, ...]:
    if image is not None:
        return () if config.image or image == "image" else (f"Images are in column '{image}'.",)
    return () if config.text or texts == ("text",) else (f"Texts are in column '{texts[0]}'.",)


def _preferred(names: Sequence[str], order: Sequence[str]) -> str | None:
    by_name = {name.lower(): name for name in names}
    return next((by_name[name] for name in order if name in by_name), None)


def _peek(parts: Sequence[Part], name: str) -> list[str]:
    part = next((p for p in parts if name in p.types and p.rows), None)
    if part is None:
        return []
    head = part.column(name).slice(0, _PEEK)
    return [value for value in head.to_pylist() if isinstance(value, str) and value]


def _names_images(parts: Sequence[Part], name: str) -> bool:
    values = _peek(parts, name)
    hits = sum(PurePath(v.strip()).suffix.lower() in IMAGE_SUFFIXES for v in values)
    return bool(values) and hits >= _IMAGES_AMONG * len(values)


def _words_a_cell(parts: Sequence[Part], name: str) -> float:
    values = _peek(parts, name)
    return sum(len(value.split()) for value in values) / len(values) if values else 0.0


def _holds_bytes(kind: pa.DataType) -> bool:
    if pa.types.is_struct(kind):
        return kind.get_field_index("bytes") >= 0
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _may_describe(kind: pa.DataType) -> bool:
    return not (pa.types.is_nested(kind) or _holds_bytes(kind))


def _words(kind: pa.DataType, classes: tuple[str, ...] | None) -> str:
    if classes is not None:
        return f"{len(classes)} classes"
    if _holds_bytes(kind):
        return "images"
    return "text" if _is_text(kind) else str(kind)


def named_files(parts: Sequence[Part], config: DataConfig) -> list[tuple[str, Path]]:
    """The image files that a column of paths names, as far as they exist: they are content too."""
    image = image_column(parts, config)
    if image is None or not holds_paths(parts, image):
        return []
    files: dict[str, Path] = {}
    for part in parts:
        if image in part.types:
            names = {v for v in part.column(image).to_pylist() if v}
            files |= {name: located(name, part.base) for name in names}
    return [(name, path) for name, path in sorted(files.items()) if path.is_file()]
