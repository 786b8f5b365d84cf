"""A Parquet file that is opened once, and an index of its stored columns.

Opening a file with thousands of columns takes longer than reading one of them. So a reader stays
open from column to column. Of many files, those used last stay open, because a process may have
few files open at a time.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pyarrow.parquet as pq

_MOST_OPEN = 16
_SHARED_BEGINNINGS = "DELTA_BYTE_ARRAY"
# A file, and whether its strings are read as dictionaries.
_Key = tuple[Path, bool]


class OpenFiles:
    """Readers of Parquet files, of which at most ``_MOST_OPEN`` stay open.

    A reader is closed when nobody uses it any more, so that one in use is never closed.
    """

    def __init__(self) -> None:
        self._readers: OrderedDict[_Key, pq.ParquetFile] = OrderedDict()

    def reader(self, path: Path, strings: tuple[str, ...] | None = None) -> pq.ParquetFile:
        """The reader of a file. strings: stored columns to be read as dictionaries."""
        key = (path, strings is not None)
        if key not in self._readers:
            # Without ``pre_buffer``: an open reader would keep the bytes that it read last.
            self._readers[key] = pq.ParquetFile(path, read_dictionary=strings, pre_buffer=False)
        self._readers.move_to_end(key)
        while len(self._readers) > _MOST_OPEN:
            self._readers.popitem(last=False)
        return self._readers[key]


@dataclass(frozen=True)
class ParquetTable:
    """One Parquet file. files: the readers of all files of its source."""

    path: Path
    metadata: pq.FileMetaData
    files: OpenFiles = field(repr=False)

    @property
    def reader(self) -> pq.ParquetFile:
        """The file's reader."""
        return self.files.reader(self.path)

    @property
    def dictionary_reader(self) -> pq.ParquetFile:
        """A reader that gives strings as dictionaries, where each text is stored once.

        Columns whose values share their beginnings are left out: pyarrow reads them as values
        alone.
        """
        return self.files.reader(self.path, self._strings)

    def leaves(self, group: int, column: str) -> list[pq.ColumnChunkMetaData]:
        """The stored columns of a row group that make up the column ``column``."""
        stored = self.metadata.row_group(group)
        return [stored.column(at) for at in self._places.get(column, ())]

    def chunks(self, column: str) -> Iterator[tuple[pq.ColumnSchema, pq.ColumnChunkMetaData]]:
        """The stored columns of all row groups that make up a column, each after its schema."""
        for group in range(self.metadata.num_row_groups):
            stored = self.metadata.row_group(group)
            for at in self._places.get(column, ()):
                yield self.metadata.schema.column(at), stored.column(at)

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """Where in each row group the stored columns of a column are: those whose path begins
        with its name, as pyarrow reads them."""
        places: dict[str, list[int]] = defaultdict(list)
        for at in range(self.metadata.num_columns):
            name = ""
            for step in self.metadata.schema.column(at).path.split("."):
                name = f"{name}.{step}" if name else step
                places[name].append(at)
        return dict(places)

    @cached_property
    def _strings(self) -> tuple[str, ...]:
        """Paths of the stored columns of strings whose values do not share their beginnings."""
        strings: dict[str, bool] = {}
        for group in range(self.metadata.num_row_groups):
            stored = self.metadata.row_group(group)
            for at in range(self.metadata.num_columns):
                chunk = stored.column(at)
                if chunk.physical_type == "BYTE_ARRAY":
                    alone = _SHARED_BEGINNINGS not in chunk.encodings
                    strings[chunk.path_in_schema] = alone and strings.get(
                        chunk.path_in_schema, True
                    )
        return tuple(sorted(path for path, alone in strings.items() if alone))
