"""Tables as listings, for Parquet, saved data sets, the hub, CSV and JSONL.

A table holds images if a column holds encoded bytes or names of image files, else texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from workbench.config import DataConfig
from workbench.data.account import Account
from workbench.data.listing import NOT_GIVEN, Blob, Hints, LabelColumn, Listing
from workbench.data.sources import confine
from workbench.data.sources.naming import exact_split, index_of
from workbench.data.sources.part import (
    Part,
    column_types,
    holds_bytes,
    holds_paths,
    image_column,
    is_text,
    text_columns,
)
from workbench.errors import RequestError


def listing(
    parts: Sequence[Part],
    config: DataConfig,
    *,
    hints: Hints,
    notes: tuple[str, ...] = (),
    within: Sequence[Path | None] = (None,),
    account: Account | None = None,
) -> Listing:
    """The listing of ``parts``. Raises RequestError if there are no rows or no column of samples.

    account: of the readers of the parts; its ``taken`` is the number of rows of all parts.
    within: folders, of which one must contain each image file that a cell names; reading a file
    elsewhere raises RequestError. None among them means no limit.
    """
    rows = sum(part.rows for part in parts)
    if rows == 0:
        raise RequestError("there are no rows.", field="--data", remedy="Give a table with rows.")
    types = column_types(parts)
    image = image_column(parts, config)
    texts = () if image else text_columns(parts, config)
    payload = (image,) if image else texts
    columns = {
        name: LabelColumn(name, _gather(parts, name, kind), _classes(parts, name))
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
        blobs=(lambda wanted: _blobs(parts, str(image), wanted, within)) if image else None,
        texts=None if image else (lambda: _joined(parts, texts)),
        shown={name: _type_words(kind, _classes(parts, name)) for name, kind in types.items()},
        payload=payload,
        notes=(*notes, *split_note, *_payload_note(config, image, texts)),
        account=account,
    )


def located(value: str, base: Path | None) -> Path:
    """The path of the file that a cell names, relative to the folder ``base`` of the table."""
    path = Path(value.strip().replace("\\", "/"))
    return path if base is None else base / path


def _classes(parts: Sequence[Part], name: str) -> tuple[str, ...] | None:
    named = [part.classes[name] for part in parts if name in part.classes]
    return named[0] if named and all(classes == named[0] for classes in named) else None


def _gather(parts: Sequence[Part], name: str, kind: pa.DataType) -> pa.ChunkedArray:
    """One column over all parts: null where a part has none, strings where types differ."""
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
    parts: Sequence[Part], columns: dict[str, LabelColumn]
) -> tuple[npt.NDArray[np.int8], dict[str, LabelColumn], tuple[str, ...]]:
    """The splits, int8 (n,), the columns without that of the splits, and notes. Splits are given by
    the parts' names, else by a column called split if all its values are names of splits."""
    split = np.concatenate([np.full(p.rows, index_of(p.split), np.int8) for p in parts])
    column = columns.get("split")
    if (split != NOT_GIVEN).any() or column is None:
        return split, columns, ()
    values = [str(value) for value in column.values.to_pylist()]
    names = {value: exact_split(value) for value in set(values)}
    if None in names.values():
        return split, columns, ()
    split = np.array([index_of(names[value]) for value in values], np.int8)
    rest = {name: other for name, other in columns.items() if name != "split"}
    return split, rest, ("Splits are those of the column 'split'.",)


def _blobs(
    parts: Sequence[Part],
    image: str,
    wanted: npt.NDArray[np.int64],
    within: Sequence[Path | None],
) -> Iterator[Blob]:
    start = 0
    for part in parts:
        inside = wanted[(wanted >= start) & (wanted < start + part.rows)] - start
        if len(inside) and image not in part.types:
            yield from (None for _ in inside)
        elif len(inside):
            for cell in part.cells(image, inside):
                blob = _blob(cell, part.base)
                yield confine.inside(blob, *within) if isinstance(blob, Path) else blob
        start += part.rows


def _blob(cell: Any, base: Path | None) -> Blob:
    if isinstance(cell, Mapping):
        data, path = cell.get("bytes"), cell.get("path")
        return data if data is not None else _blob(path, base)
    if isinstance(cell, str):
        return located(cell, base)
    return cell if isinstance(cell, bytes) else None


def _joined(parts: Sequence[Part], names: tuple[str, ...]) -> list[str]:
    """The texts of all rows, those of several columns joined by line breaks."""
    types = column_types(parts)
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


def _may_describe(kind: pa.DataType) -> bool:
    """Whether values of this type can be labels, factors or groups."""
    return not (pa.types.is_nested(kind) or holds_bytes(kind))


def _type_words(kind: pa.DataType, classes: tuple[str, ...] | None) -> str:
    if classes is not None:
        return f"{len(classes)} classes"
    if holds_bytes(kind):
        return "images"
    return "text" if is_text(kind) else str(kind)


def named_files(
    parts: Sequence[Part], config: DataConfig, within: Path | None = None
) -> list[tuple[str, Path]]:
    """The existing image files that a column names: they are part of the content address.

    Raises RequestError if a file that is named, whether it exists or not, is not below ``within``.
    """
    image = image_column(parts, config)
    if image is None or not holds_paths(parts, image):
        return []
    files: dict[str, Path] = {}
    for part in parts:
        if image in part.types:
            names = {v for v in part.column(image).to_pylist() if v}
            files |= {name: located(name, part.base) for name in names}
    confine.all_inside(list(files.items()), within)
    return [(name, path) for name, path in sorted(files.items()) if path.is_file()]
