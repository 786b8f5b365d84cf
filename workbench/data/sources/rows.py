"""CSV and JSONL: one file, or a folder of train, validation and test files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from workbench.config import DataConfig
from workbench.data.listing import Hints, Listing, storable
from workbench.data.sources import delimited, jsonlines, table
from workbench.data.sources.base import Source
from workbench.data.sources.naming import in_order, split_of
from workbench.data.sources.part import PEEK, Part, holds_paths, image_column

# Columns by name and notes, of a file and at most so many rows.
_Reader = Callable[[Path, int | None], tuple[Mapping[str, list[Any]], tuple[str, ...]]]
_READERS: dict[str, _Reader] = {
    ".csv": delimited.read,
    ".tsv": delimited.read,
    ".jsonl": jsonlines.read,
    ".ndjson": jsonlines.read,
    ".json": jsonlines.read,
}
SUFFIXES = frozenset(_READERS)


def row_files(path: Path) -> list[Path]:
    """The tables of a folder: those named after splits, else all."""
    files = sorted(p for p in path.iterdir() if p.is_file() and p.suffix.lower() in SUFFIXES)
    return [p for p in files if split_of(p.stem) is not None] or files


class RowsSource(Source):
    """paths: the files, all of one data set."""

    kind: ClassVar[str] = "CSV or JSONL"

    def __init__(self, name: str, paths: Sequence[Path]):
        super().__init__(name)
        self.paths = sorted(paths, key=in_order)

    def files(self, config: DataConfig) -> list[tuple[str, Path]]:
        files = [(path.name, path) for path in self.paths]
        # The first rows decide whether a column names image files, which then are content too.
        heads, _ = _parts(self.paths, PEEK)
        image = image_column(heads, config)
        if image is None or not holds_paths(heads, image):
            return files
        return files + table.named_files(self._read[0], config, self.within)

    def listing(self, config: DataConfig) -> Listing:
        parts, notes = self._read
        return table.listing(parts, config, hints=Hints(), notes=notes, within=[self.within])

    def tables(self, most: int) -> list[Part]:
        return _parts(self.paths, most)[0]

    @cached_property
    def _read(self) -> tuple[list[Part], tuple[str, ...]]:
        return _parts(self.paths, None)


def _parts(paths: Sequence[Path], most: int | None) -> tuple[list[Part], tuple[str, ...]]:
    parts: list[Part] = []
    notes: list[str] = []
    for path in paths:
        columns, read_notes = _READERS[path.suffix.lower()](path, most)
        parts.append(_part(path, {name: _arrow(v) for name, v in columns.items()}))
        notes += read_notes
    return parts, tuple(notes)


def _part(path: Path, columns: dict[str, pa.ChunkedArray]) -> Part:
    return Part(
        split=split_of(path.stem),
        name=path.stem,
        rows=max((len(values) for values in columns.values()), default=0),
        types={name: values.type for name, values in columns.items()},
        column=columns.__getitem__,
        cells=lambda name, wanted: iter(columns[name].take(pa.array(wanted)).to_pylist()),
        base=path.parent,
    )


def _arrow(values: list[Any]) -> pa.ChunkedArray:
    """The values in their common type, else as strings."""
    values = [storable(value) if isinstance(value, str) else value for value in values]
    try:
        array = pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        array = pa.array([None if value is None else str(value) for value in values], pa.string())
    return pa.chunked_array([array])
