"""Tables as listings, for Parquet, saved data sets, the hub, CSV and JSONL.

A table holds images if a column holds encoded images or names of image files, else texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from workbench.config import DataConfig
from workbench.data.account import Account
from workbench.data.columns import names_of
from workbench.data.listing import Blob, Hints, LabelColumn, Listing
from workbench.data.safety import limits
from workbench.data.sources import confine
from workbench.data.sources.cells import splits
from workbench.data.sources.cells.classes import described
from workbench.data.sources.cells.content import (
    Content,
    as_text,
    contents,
    embedded,
    first_of,
    inner_fields,
    is_bytes,
    is_embedded,
)
from workbench.data.sources.cells.files import NamedFiles, Roots, locator, name_in, named
from workbench.data.sources.cells.payload import images_in, payload_notes, texts_in
from workbench.data.sources.naming import index_of
from workbench.data.sources.part import Part, plain
from workbench.data.wording import shortened
from workbench.errors import RequestError

# Characters of a path or a cell in a message.
_LONGEST = 160


def listing(
    parts: Sequence[Part],
    config: DataConfig,
    *,
    hints: Hints,
    notes: tuple[str, ...] = (),
    within: Roots = (None,),
    account: Account | None = None,
) -> Listing:
    """The listing of ``parts``. Raises RequestError if there are no rows or no column of samples.

    account: of the readers of the parts; its ``taken`` is the number of rows of all parts.
    within: folders, of which one must contain each image file that a cell names; reading a file
    elsewhere raises RequestError. None among them means no limit.
    """
    rows = sum(part.rows for part in parts)
    limits.check("rows", rows, f"the table has {rows:,} rows")
    if rows == 0:
        raise RequestError("there are no rows.", field="--data", remedy="Give a table with rows.")
    held = contents(parts)
    image = images_in(held, config)
    texts = () if image else texts_in(parts, held, config)
    payload = (image,) if image else texts
    given = np.concatenate([np.full(p.rows, index_of(p.split), np.int8) for p in parts])
    split = splits.read(given, _columns(parts, held, payload, config), config)
    account = account or Account(rows)
    files = NamedFiles(np.zeros(rows, np.bool_), np.zeros(rows, np.bool_))
    several: tuple[str, ...] = ()
    if image:
        files = named(parts, image, held[image], within)
        _check_files(files, image, rows)
        several = _several_note(parts, image, held[image])
    out = files.missing | files.web
    account = account.without("whose file is missing", int(files.missing.sum()))
    account = account.without("with a web address as image", int(files.web.sum()))
    account = account.without("without a split", int((split.out & ~out).sum()))
    whole = Listing(
        modality="image" if image else "text",
        ids=[f"{part.name}/{row}" for part in parts for row in range(part.rows)],
        split=split.split,
        columns=split.columns,
        hints=hints,
        blobs=partial(_blobs, parts, image, held[image], within, files) if image else None,
        texts=None if image else (lambda: _joined(parts, texts)),
        shown={name: _shown(content, name, split.columns) for name, content in held.items()},
        payload=payload,
        split_column=split.column,
        notes=(
            *notes,
            *split.notes,
            *payload_notes(held, config, image, texts),
            *several,
            *_files_notes(files),
            *_undecoded_notes(parts, texts, held),
        ),
    )
    kept = np.flatnonzero(~(out | split.out))
    return replace(whole if len(kept) == rows else _only(whole, kept), account=account)


def named_files(
    parts: Sequence[Part], config: DataConfig, within: Path | None = None
) -> list[tuple[str, Path]]:
    """The existing image files that a column names: they are part of the content address.

    Raises RequestError if a file that is named, whether it exists or not, is not below ``within``.
    """
    held = contents(parts)
    image = images_in(held, config)
    if image is None:
        return []
    found = named(parts, image, held[image], (within,)).paths
    return [(name, Path(path)) for name, path in sorted(found.items())]


def _only(whole: Listing, kept: npt.NDArray[np.int64]) -> Listing:
    """The rows of a listing at ``kept``, ascending positions."""
    rows = pa.array(kept)
    blobs, texts = whole.blobs, whole.texts
    return replace(
        whole,
        ids=[whole.ids[row] for row in kept.tolist()],
        split=whole.split[kept],
        columns={n: replace(c, values=c.values.take(rows)) for n, c in whole.columns.items()},
        blobs=None if blobs is None else (lambda wanted: blobs(kept[wanted])),
        texts=None if texts is None else (lambda: _picked(texts(), kept)),
    )


def _picked(texts: list[str], kept: npt.NDArray[np.int64]) -> list[str]:
    return [texts[row] for row in kept.tolist()]


def _columns(
    parts: Sequence[Part],
    held: Mapping[str, Content],
    payload: tuple[str | None, ...],
    config: DataConfig,
) -> dict[str, LabelColumn]:
    """The columns that may describe samples, and those that cannot, with the reason."""
    columns = {}
    rows = sum(part.rows for part in parts)
    for name, content in held.items():
        if name in payload:
            if name == config.split:
                raise RequestError(
                    f"column '{name}' holds the samples.",
                    field="--split",
                    remedy="Give another column, or --split none.",
                )
            continue
        problem = _problem(content)
        if problem is None:
            columns[name] = described(parts, name)
        else:
            empty = pa.chunked_array([pa.nulls(rows)])
            columns[name] = LabelColumn(name, empty, problem=problem)
    return columns


def _problem(content: Content) -> str | None:
    """Why a column cannot describe samples, in words that follow its name; None if it can."""
    inner = inner_fields(content.kind)
    if content.holds == "nested":
        return f"holds records ({inner})" if inner else f"holds lists ({content.kind})"
    if content.several:
        return f"holds lists ({content.kind})"
    if content.holds == "images":
        return "holds images"
    return "holds bytes that are no text" if content.holds == "bytes" else None


def _check_files(files: NamedFiles, image: str, rows: int) -> None:
    """Raise RequestError if no row has a file or an image of its own."""
    if files.example is None or not (files.missing | files.web).all():
        return
    cell, path = files.example
    raise RequestError(
        f"none of {rows:,} images can be read: column '{image}' names "
        f"'{shortened(cell, _LONGEST)}', and there is no file '{shortened(str(path), _LONGEST)}'.",
        field="--data",
        remedy="Put the files there, or correct the names (relative ones start at the table's "
        "folder); --text COLUMN reads texts.",
    )


def _files_notes(files: NamedFiles) -> tuple[str, ...]:
    if files.example is None:
        return files.notes
    missing = shortened(str(files.example[1]), _LONGEST)
    return (*files.notes, f"The first missing file is '{missing}'.")


def _several_note(parts: Sequence[Part], image: str, content: Content) -> tuple[str, ...]:
    """A note on the images of lists that are not taken: all but the first of each."""
    if not content.several:
        return ()
    more = 0
    for part in parts:
        if image in part.types:
            lengths = part.lengths(image) if part.lengths else _lengths(part.column(image))
            total = pc.sum(pc.subtract(lengths, pc.min_element_wise(lengths, 1))).as_py()
            more += int(total or 0)
    if not more:
        return ()
    return (f"Column '{image}' holds lists; the first image of each was taken, {more:,} not.",)


def _lengths(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.list_value_length(plain(values))


def _undecoded_notes(
    parts: Sequence[Part], texts: tuple[str, ...], held: Mapping[str, Content]
) -> tuple[str, ...]:
    """A note on bytes that are no UTF-8 in columns of texts."""
    notes = []
    for name in texts:
        if held[name].binary:
            bad = sum(_strings(part, name)[1] for part in parts)
            if bad:
                notes.append(
                    f"{bad:,} texts in column '{name}' hold bytes that are no UTF-8; they stand as "
                    "question marks."
                )
    return tuple(notes)


def _blobs(
    parts: Sequence[Part],
    image: str,
    content: Content,
    within: Roots,
    files: NamedFiles,
    wanted: npt.NDArray[np.int64],
) -> Iterator[Blob]:
    start = 0
    for part in parts:
        inside = wanted[(wanted >= start) & (wanted < start + part.rows)] - start
        if len(inside) and image not in part.types:
            yield from (None for _ in inside)
        elif len(inside):
            located = locator(part.base)
            for cell in part.cells(image, inside):
                name = name_in(cell, content)
                if name is None:
                    yield _encoded(cell)
                else:
                    path = located(name)
                    yield confine.inside(Path(files.other.get(path, path)), *within)
        start += part.rows


def _encoded(cell: Any) -> bytes | None:
    """The encoded image in a cell that names no file."""
    cell = first_of(cell)
    if isinstance(cell, Mapping):
        cell = cell.get("bytes")
    if isinstance(cell, str):
        return embedded(cell) if is_embedded(cell) else None
    return cell if isinstance(cell, bytes) else None


def _joined(parts: Sequence[Part], names: tuple[str, ...]) -> list[str]:
    """The texts of all rows, those of several columns joined by line breaks."""
    columns = [
        [text for part in parts for text in _strings(part, name)[0].to_pylist()] for name in names
    ]
    if len(columns) == 1:
        return ["" if value is None else value for value in columns[0]]
    return [
        "\n".join(value for value in values if value is not None)
        for values in zip(*columns, strict=True)
    ]


def _strings(part: Part, name: str) -> tuple[pa.ChunkedArray, int]:
    """A column of a part as strings, null where it has none, and in how many cells some bytes are
    no UTF-8."""
    if name not in part.types:
        return pa.chunked_array([pa.nulls(part.rows, pa.string())]), 0
    values = plain(part.column(name))
    if is_bytes(values.type):
        return as_text(values)
    if pa.types.is_floating(values.type) or pa.types.is_decimal(values.type):
        chunks = [names_of(chunk) for chunk in values.chunks]
        return pa.chunked_array(chunks, type=pa.string()), 0
    try:
        return pc.cast(values, pa.large_string()), 0
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as error:
        raise RequestError(
            f"column '{name}' holds no texts, but {values.type}, in '{part.name}'.",
            field="--text",
            remedy="Give a column of strings.",
        ) from error


def _shown(content: Content, name: str, columns: Mapping[str, LabelColumn]) -> str:
    classes = columns[name].classes if name in columns else None
    return content.words if classes is None else f"{len(classes)} classes"
