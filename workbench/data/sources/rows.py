"""CSV and JSONL: one file, or a folder of train, validation and test files."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from workbench.config import DataConfig
from workbench.data.account import Account, together
from workbench.data.dataset import SplitName
from workbench.data.listing import Hints, Listing, printable, storable
from workbench.data.sources import table
from workbench.data.sources.base import Source
from workbench.data.sources.cells.payload import holds_paths, image_column
from workbench.data.sources.naming import file_names, file_splits, in_order
from workbench.data.sources.part import PEEK, Part, column_types
from workbench.data.sources.row_files import delimited, jsonlines
from workbench.data.sources.row_files.row_file import RowFile
from workbench.data.wording import quoted
from workbench.errors import RequestError

# Reads a file, or at most so many of its rows.
_Reader = Callable[[Path, int | None], RowFile]
_READERS: dict[str, _Reader] = {
    ".csv": delimited.read,
    ".tsv": delimited.read,
    ".jsonl": jsonlines.read,
    ".ndjson": jsonlines.read,
    ".json": jsonlines.read,
}
SUFFIXES = frozenset(_READERS)
# Columns that a remedy names.
_OFFERED = 4


class RowsSource(Source):
    """paths: the files, all of one data set."""

    kind: ClassVar[str] = "CSV or JSONL"

    def __init__(self, name: str, paths: Sequence[Path]):
        super().__init__(name)
        self.paths = sorted(paths, key=in_order)

    def files(self, config: DataConfig) -> list[tuple[str, Path]]:
        files = [(path.name, path) for path in self.paths]
        # The first rows decide whether a column names image files, which then are content too.
        heads = _tables(self.paths, PEEK)
        heads.check_names(config)
        image = image_column(heads.parts, config)
        if image is None or not holds_paths(heads.parts, image):
            return files
        return files + table.named_files(self._read.parts, config, self.within)

    def listing(self, config: DataConfig) -> Listing:
        read = self._read
        read.check_names(config)
        if not read.account.found:
            names = quoted((path.name for path in self.paths), None)
            raise RequestError(
                f"there are no rows: {names} holds the names of columns only.",
                field="--data",
                remedy="Give a table with rows.",
            )
        if not read.account.taken:
            reasons = ", ".join(f"{n:,} {reason}" for reason, n in read.account.left_out.items())
            raise RequestError(
                f"none of {read.account.found:,} rows can be used: {reasons}.",
                field="--data",
                remedy="Give a table whose rows have as many fields as its header.",
            )
        return table.listing(
            read.parts,
            config,
            hints=Hints(),
            notes=tuple(map(printable, (*self.notes, *read.notes))),
            within=[self.within],
            account=read.account,
        )

    def tables(self, most: int) -> list[Part]:
        return _tables(self.paths, most).parts

    @cached_property
    def _read(self) -> _Tables:
        return _tables(self.paths, None)


@dataclass(frozen=True)
class _Tables:
    """The tables of some files. nested: of each column that holds objects or lists, what is in it,
    in words."""

    parts: list[Part]
    notes: tuple[str, ...]
    account: Account
    nested: Mapping[str, str]

    def check_names(self, config: DataConfig) -> None:
        """Raise RequestError if ``config`` names a column that holds no single values."""
        columns = column_types(self.parts)
        named: list[tuple[str, str | None]] = [("--text", name) for name in config.text or ()]
        named += [("--label", config.label), ("--group", config.group), ("--image", config.image)]
        for flag, name in named:
            if name is None or name in columns or name not in self.nested:
                continue
            inner = [column for column in columns if column.startswith(f"{name}.")]
            remedy = "Give a column of single values."
            if inner:
                remedy = f"Give {flag} {' or '.join(inner[:_OFFERED])}."
            raise RequestError(
                f"column '{name}' holds {self.nested[name]}.", field=flag, remedy=remedy
            )


def _tables(paths: Sequence[Path], most: int | None) -> _Tables:
    with _no_collection():
        files = [_READERS[path.suffix.lower()](path, most) for path in paths]
    splits, names = file_splits(paths), file_names(paths)
    parts = [
        _part(
            path,
            names[path],
            splits[path],
            {name: _arrow(values) for name, values in file.columns.items()},
        )
        for path, file in zip(paths, files, strict=True)
    ]
    nested = {name: what for file in files for name, what in file.nested.items()}
    notes = tuple(note for file in files for note in file.notes)
    return _Tables(parts, notes, together([file.account for file in files]), nested)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Collect no garbage meanwhile. Else Python looks at all rows again and again while new ones
    come, which takes as long as reading."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _part(
    path: Path, name: str, split: SplitName | None, columns: dict[str, pa.ChunkedArray]
) -> Part:
    return Part(
        split=split,
        name=name,
        rows=max((len(values) for values in columns.values()), default=0),
        types={name: values.type for name, values in columns.items()},
        column=columns.__getitem__,
        cells=lambda name, wanted: iter(columns[name].take(pa.array(wanted)).to_pylist()),
        base=path.parent,
    )


def _arrow(values: Sequence[Any]) -> pa.ChunkedArray:
    """The values in their common type, else as strings."""
    try:
        return pa.chunked_array([pa.array(values)])
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeError):
        words = [None if _is_missing(value) else storable(str(value)) for value in values]
        return pa.chunked_array([pa.array(words, pa.string())])


def _is_missing(value: Any) -> bool:
    """Whether a cell is null, or NaN among words."""
    return value is None or value != value
