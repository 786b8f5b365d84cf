"""Parquet: one file, or a folder of train, validation and test files, as `datasets` writes them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from workbench.config import DataConfig
from workbench.data.dataset import SplitName
from workbench.data.listing import Hints, Listing
from workbench.data.safety import limits, regular_files
from workbench.data.sources import foreign_errors, table
from workbench.data.sources.base import Source
from workbench.data.sources.naming import file_names, file_splits, in_order
from workbench.data.sources.parquet_files import bounds
from workbench.data.sources.parquet_files.open_files import OpenFiles, ParquetTable
from workbench.data.sources.part import Part, plain
from workbench.data.wording import quoted
from workbench.errors import RequestError

_BATCH = 256
_MAGIC = b"PAR1"


class ParquetSource(Source):
    """paths: the files, all of one data set. card: a card.json with title and roles of columns."""

    kind: ClassVar[str] = "Parquet"

    def __init__(self, name: str, paths: list[Path], card: Path | None = None):
        super().__init__(name)
        self.paths = sorted(paths, key=in_order)
        self.card = card

    def files(self, config: DataConfig) -> list[tuple[str, Path]]:
        files = [(path.name, path) for path in self.paths]
        if self.card is not None:
            files.append((self.card.name, self.card))
        return files + table.named_files(self._parts(), config, self.within)

    def listing(self, config: DataConfig) -> Listing:
        hints = read_card(self.card)
        return table.listing(
            self._parts(), config, hints=hints, notes=self.notes, within=[self.within]
        )

    def tables(self, most: int) -> list[Part]:
        return self._parts()

    def _parts(self) -> list[Part]:
        splits, names = file_splits(self.paths), file_names(self.paths)
        files = OpenFiles()
        return [_part(path, names[path], splits[path], files) for path in self.paths]


def read_card(path: Path | None) -> Hints:
    """The hints of a card.json: title, label, group and factors. Raises RequestError if broken."""
    if path is None:
        return Hints()
    try:
        card = json.loads(path.read_text("utf-8"))
        return Hints(card["label"], card.get("group"), tuple(card["factors"]), card["title"])
    except (ValueError, KeyError, TypeError) as error:
        raise RequestError(
            f"{path.name} cannot be read ({error!r}).",
            field="--data",
            remedy="It needs title, label and factors; or remove it.",
        ) from error


def classes_of(features: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Class names of the ClassLabel columns in a `datasets` description of features."""
    return {
        name: tuple(feature["names"])
        for name, feature in features.items()
        if isinstance(feature, Mapping)
        and feature.get("_type") == "ClassLabel"
        and isinstance(feature.get("names"), list)
    }


def _part(path: Path, name: str, split: SplitName | None, files: OpenFiles) -> Part:
    regular_files.check(path)
    with _readable(path):
        reader = files.reader(path)
        schema, stored = reader.schema_arrow, ParquetTable(path, reader.metadata, files)
        bounds.check_footer(path, stored.metadata)
    _check_names(path, schema.names)
    kinds = {field.name: field.type for field in schema}
    return Part(
        split=split,
        name=name,
        rows=stored.metadata.num_rows,
        types=kinds,
        column=partial(_column, stored),
        cells=partial(_cells, stored),
        classes=_described(schema),
        base=path.parent,
        embeds=partial(_embeds, stored),
        lengths=partial(_lengths, stored),
    )


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn the errors of pyarrow on a broken file into RequestError."""
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        what = "cannot be read" if _is_parquet(path) else "is not a Parquet file"
        raise RequestError(
            f"'{path.name}' {what} ({foreign_errors.first_line(error)}).",
            field="--data",
            remedy="Write it again, or remove it.",
        ) from error


def _is_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def _check_names(path: Path, names: list[str]) -> None:
    """Raise RequestError if two columns have one name."""
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise RequestError(
            f"'{path.name}' has several columns called {quoted(twice, None)}.",
            field="--data",
            remedy="Give each column a name of its own.",
        )


def _described(schema: pa.Schema) -> dict[str, tuple[str, ...]]:
    """Class names from the description that `datasets` writes into a file."""
    try:
        described = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
        return classes_of(described.get("info", {}).get("features", {}))
    except (ValueError, AttributeError):
        return {}


def _column(stored: ParquetTable, name: str) -> pa.ChunkedArray:
    with _readable(stored.path):
        bounds.check_column(stored, name)
        groups = list(range(stored.metadata.num_row_groups))
        values = stored.reader.read_row_groups(groups, columns=[name])[name]
        if len(values) != stored.metadata.num_rows:
            raise pa.ArrowInvalid(f"column '{name}' has {len(values):,} rows only")
    return values


def _cells(stored: ParquetTable, column: str, wanted: npt.NDArray[np.int64]) -> Iterator[Any]:
    with _readable(stored.path):
        start = 0
        rows = bounds.rows_at_once(stored, column, _BATCH)
        reader = stored.reader
        for group in range(stored.metadata.num_row_groups):
            stop = start + stored.metadata.row_group(group).num_rows
            if ((wanted >= start) & (wanted < stop)).any():
                for batch in reader.iter_batches(rows, row_groups=[group], columns=[column]):
                    limits.check_time()
                    inside = wanted[(wanted >= start) & (wanted < start + len(batch))] - start
                    values = plain(pa.chunked_array([batch.column(column)]))
                    yield from values.take(pa.array(inside)).to_pylist()
                    start += len(batch)
                    if start > wanted[-1]:
                        return
            start = stop


def _embeds(stored: ParquetTable, column: str) -> bool:
    """Whether the statistics say that no cell of a column of records lacks its bytes."""
    for group in range(stored.metadata.num_row_groups):
        leaves = [
            chunk
            for chunk in stored.leaves(group, column)
            if chunk.path_in_schema.endswith(".bytes")
        ]
        if not leaves:
            return False
        numbers = leaves[0].statistics
        if numbers is None or not numbers.has_null_count or numbers.null_count:
            return False
    return True


def _lengths(stored: ParquetTable, column: str) -> pa.ChunkedArray:
    """The lengths of the lists in a column, read from its smallest stored column."""
    leaves = stored.leaves(0, column) if stored.metadata.num_row_groups else []
    smallest = min(leaves, key=lambda chunk: chunk.total_uncompressed_size, default=None)
    name = column if smallest is None else smallest.path_in_schema
    with _readable(stored.path):
        bounds.check_column(stored, name)
        return pc.list_value_length(plain(stored.reader.read(columns=[name])[column]))
