"""How much a Parquet column unpacks to, found out before it is unpacked.

A dictionary page holds a long value once, and a few bytes of runs say that a million rows have it.
The numbers in the file's footer bound the size. Where the bound is too coarse, the column is read
as a dictionary first, which does not write values out, and its real size is counted in batches.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from workbench.data.safety import expansion, limits
from workbench.data.sources.parquet_files.open_files import ParquetTable
from workbench.errors import RequestError

# Encodings in which each value takes its own bytes.
_OWN_BYTES = frozenset(("PLAIN", "RLE", "BIT_PACKED", "DELTA_LENGTH_BYTE_ARRAY"))
_SHARED = "DELTA_BYTE_ARRAY"
_WIDTHS = {"BOOLEAN": 1, "INT32": 4, "FLOAT": 4, "INT64": 8, "DOUBLE": 8, "INT96": 12}
_SCANNED = 65_536
_BATCH_BYTES = 64 * 2**20


def check_footer(path: Path, metadata: pq.FileMetaData) -> None:
    """Raise RequestError if the footer's numbers are beyond a limit or do not go together."""
    limits.check("rows", metadata.num_rows, f"'{path.name}' has {metadata.num_rows:,} rows")
    limits.check(
        "columns", metadata.num_columns, f"'{path.name}' has {metadata.num_columns:,} columns"
    )
    groups = [metadata.row_group(at) for at in range(metadata.num_row_groups)]
    stored = path.stat().st_size
    damaged = sum(group.num_rows for group in groups) != metadata.num_rows or any(
        group.num_rows < 0 or chunk.num_values < 0 or not 0 <= chunk.total_compressed_size <= stored
        for group in groups
        for chunk in map(group.column, range(metadata.num_columns))
    )
    if damaged:
        raise RequestError(
            f"'{path.name}' cannot be read (its numbers of rows and bytes do not go together).",
            field="--data",
            remedy="Write it again, or remove it.",
        )


def check_column(table: ParquetTable, column: str) -> None:
    """Raise RequestError if the column, read whole, takes more memory than a column may."""
    fixed, stored, coarse = 0, 0, False
    for described, chunk in table.chunks(column):
        if chunk.physical_type == "BYTE_ARRAY":
            coarse = coarse or _bound(chunk) > limits.current().unpack_bytes
            stored += 0 if _repeats(chunk) else chunk.total_uncompressed_size
        else:
            fixed += chunk.num_values * _width(described)
    _check(table.path, column, max(fixed, stored))
    if coarse:
        total = fixed
        for size in _sizes(table, column):
            total += size
            _check(table.path, column, total)


def rows_at_once(table: ParquetTable, column: str, most: int) -> int:
    """How many rows of a column, at most ``most``, may be read at a time.

    Raises RequestError if a row group takes more memory than a column may.
    """
    longest = 1
    repeated = False
    for described, chunk in table.chunks(column):
        if chunk.physical_type != "BYTE_ARRAY":
            needed = chunk.num_values * _width(described)
            _check(table.path, column, needed)
        elif _repeats(chunk) and _bound(chunk) > _BATCH_BYTES:
            longest = max(longest, chunk.total_uncompressed_size)
            repeated = repeated or described.max_repetition_level > 0
    if repeated:
        # One row may hold all the values of a list.
        check_column(table, column)
    return max(1, min(most, _BATCH_BYTES // longest))


def _check(path: Path, column: str, needed: int) -> None:
    name, most = limits.unpacking(path.stat().st_size, "column_bytes")
    if needed > most:
        what = f"column '{column}' of '{path.name}' unpacks to {needed:,} bytes or more"
        raise limits.exceeded(name, what, most=most)


def _repeats(chunk: pq.ColumnChunkMetaData) -> bool:
    """Whether values may share bytes in the file."""
    return chunk.has_dictionary_page or not _OWN_BYTES.issuperset(chunk.encodings)


def _bound(chunk: pq.ColumnChunkMetaData) -> int:
    """The most bytes that the values take: each may be as long as all that is stored."""
    each = chunk.num_values if _repeats(chunk) else 1
    return int(each * chunk.total_uncompressed_size)


def _width(described: pq.ColumnSchema) -> int:
    """Bytes of a value of a stored column whose values have one width."""
    if described.physical_type != "FIXED_LEN_BYTE_ARRAY":
        return _WIDTHS.get(described.physical_type, 8)
    return int(described.length)


def _sizes(table: ParquetTable, column: str) -> Iterator[int]:
    """Bytes of the strings of each batch of a column, written out."""
    chunks = [c for _, c in table.chunks(column) if c.physical_type == "BYTE_ARRAY"]
    # pyarrow reads values that share their beginnings as values alone.
    shared = [c for c in chunks if _SHARED in c.encodings]
    longest = max((c.total_uncompressed_size for c in shared), default=1)
    rows = max(1, min(_SCANNED, _BATCH_BYTES // longest))
    for batch in table.dictionary_reader.iter_batches(rows, columns=[column]):
        limits.check_time()
        values: pa.Array
        for values in batch.columns:
            yield expansion.size(values)
