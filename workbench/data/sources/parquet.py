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
import pyarrow.parquet as pq

from workbench.config import DataConfig
from workbench.data.dataset import SplitName
from workbench.data.listing import Hints, Listing
from workbench.data.safety import limits, regular_files
from workbench.data.sources import foreign_errors, parquet_bounds, table
from workbench.data.sources.base import Source
from workbench.data.sources.naming import file_names, file_splits, in_order
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
        return [_part(path, names[path], splits[path]) for path in self.paths]


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


def _part(path: Path, name: str, split: SplitName | None) -> Part:
    regular_files.check(path)
    with _readable(path), pq.ParquetFile(path) as file:
        metadata, schema = file.metadata, file.schema_arrow
        parquet_bounds.check_footer(path, metadata)
    _check_names(path, schema.names)
    kinds = {field.name: field.type for field in schema}
    return Part(
        split=split,
        name=name,
        rows=metadata.num_rows,
        types=kinds,
        column=partial(_column, path),
        cells=partial(_cells, path),
        classes=_described(schema),
        base=path.parent,
        embeds=lambda name: _embeds(metadata, name),
        lengths=lambda name: _lengths(path, metadata, name),
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


def _column(path: Path, name: str) -> pa.ChunkedArray:
    with _readable(path), pq.ParquetFile(path) as file:
        parquet_bounds.check_column(path, file.metadata, name)
        groups = list(range(file.num_row_groups))
        values = file.read_row_groups(groups, columns=[name])[name]
        if len(values) != file.metadata.num_rows:
            raise pa.ArrowInvalid(f"column '{name}' has {len(values):,} rows only")
    return values


def _cells(path: Path, column: str, wanted: npt.NDArray[np.int64]) -> Iterator[Any]:
    with _readable(path), pq.ParquetFile(path) as file:
        start = 0
        rows = parquet_bounds.rows_at_once(path, file.metadata, column, _BATCH)
        for group in range(file.num_row_groups):
            stop = start + file.metadata.row_group(group).num_rows
            if ((wanted >= start) & (wanted < stop)).any():
                for batch in file.iter_batches(rows, row_groups=[group], columns=[column]):
                    limits.check_time()
                    inside = wanted[(wanted >= start) & (wanted < start + len(batch))] - start
                    values = plain(pa.chunked_array([batch.column(column)]))
                    yield from values.take(pa.array(inside)).to_pylist()
                    start += len(batch)
                    if start > wanted[-1]:
                        return
            start = stop


def _embeds(metadata: pq.FileMetaData, column: str) -> bool:
    """Whether the statistics say that no cell of a column of records lacks its bytes."""
    for group in range(metadata.num_row_groups):
        stored = [
            c
            for c in parquet_bounds.leaves(metadata, group, column)
            if c.path_in_schema.endswith(".bytes")
        ]
        if not stored:
            return False
        numbers = stored[0].statistics
        if numbers is None or not numbers.has_null_count or numbers.null_count:
            return False
    return True


def _lengths(path: Path, metadata: pq.FileMetaData, column: str) -> pa.ChunkedArray:
    """The lengths of the lists in a column, read from its smallest stored column."""
    leaves = parquet_bounds.leaves(metadata, 0, column) if metadata.num_row_groups else []
    smallest = min(leaves, key=lambda chunk: chunk.total_uncompressed_size, default=None)
    name = column if smallest is None else smallest.path_in_schema
    with _readable(path), pq.ParquetFile(path) as file:
        parquet_bounds.check_column(path, metadata, name)
        return pc.list_value_length(plain(file.read(columns=[name])[column]))
