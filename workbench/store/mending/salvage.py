"""Reading what is left in a damaged SQLite store: by SQLite, then page by page.

SQLite reads until it meets a damaged page. What it did not reach is taken from the pages: a page of
rows can be read alone. The format: https://www.sqlite.org/fileformat.html
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from workbench.store.schema import metadata, runs

Value = int | float | str | bytes | None
Row = tuple[Value, ...]
_LEAF = 0x0D
_HEADER = 100
_LARGEST_PAGE = 65536
_USUAL_PAGE = 4096
# Bytes of the numbers that SQLite stores under these types.
_NUMBERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


@dataclass(frozen=True)
class Salvaged:
    """The rows of a table, by their primary key, with the names of their columns. from_pages: how
    many of them SQLite itself did not reach."""

    columns: tuple[str, ...]
    rows: dict[Row, Row]
    from_pages: int


def read(path: Path) -> dict[str, Salvaged]:
    """What can be read of the store at ``path``, by table. A table may be empty."""
    by_sql = {table.name: _by_sql(path, table) for table in metadata.sorted_tables}
    if all(complete for _, _, complete in by_sql.values()):
        return {name: Salvaged(columns, rows, 0) for name, (columns, rows, _) in by_sql.items()}
    pages = list(_page_rows(path))
    out = {}
    for table in metadata.sorted_tables:
        columns, rows, complete = by_sql[table.name]
        names = columns or tuple(column.name for column in table.c)
        lost = {} if complete else _of_table(pages, table, names)
        merged = {**{key: row for key, row in lost.items() if key not in rows}, **rows}
        out[table.name] = Salvaged(names, merged, len(merged) - len(rows))
    return out


def _by_sql(path: Path, table: sa.Table) -> tuple[tuple[str, ...], dict[Row, Row], bool]:
    """Columns and rows that SQLite reads, and whether it read to the end."""
    columns: tuple[str, ...] = ()
    rows: dict[Row, Row] = {}
    try:
        with closing(sqlite3.connect(f"file:{path.as_posix()}?mode=ro", uri=True)) as db:
            db.text_factory = lambda raw: raw.decode("utf-8", "replace")
            cursor = db.execute(f'SELECT * FROM "{table.name}" NOT INDEXED')
            columns = tuple(str(field[0]) for field in cursor.description)
            keys = _key_places(table, columns)
            for row in cursor:
                rows[tuple(row[place] for place in keys)] = row
    except (sqlite3.Error, LookupError):
        return columns, rows, False
    return columns, rows, True


def _key_places(table: sa.Table, columns: tuple[str, ...]) -> list[int]:
    return [columns.index(column.name) for column in table.primary_key]


def _of_table(pages: list[Row], table: sa.Table, columns: tuple[str, ...]) -> dict[Row, Row]:
    """The rows of pages that can be of this table: as many columns, each of a fitting type."""
    types = [table.c[name].type if name in table.c else None for name in columns]
    keys = _key_places(table, columns)
    found: dict[Row, Row] = {}
    for row in pages:
        # A run that was written before there were tags lacks this last column.
        older = table.name == runs.name and len(columns) - len(row) == 1
        if len(row) != len(columns) and not older:
            continue
        whole = (*row, *([""] * (len(columns) - len(row))))
        if all(_fits(kind, value) for kind, value in zip(types, whole, strict=True)):
            found[tuple(whole[place] for place in keys)] = whole
    return found


def _fits(kind: sa.types.TypeEngine[object] | None, value: Value) -> bool:
    if value is None or kind is None:
        return True
    if isinstance(kind, (sa.Float, sa.Integer, sa.Boolean)):
        return isinstance(value, (int, float))
    return isinstance(value, str)


def _page_rows(path: Path) -> Iterator[Row]:
    """The rows on all pages that hold rows: first of the file, then of its log, which is newer."""
    data = path.read_bytes()
    size = int.from_bytes(data[16:18], "big")
    size = _LARGEST_PAGE if size == 1 else size
    if size < 512 or size & (size - 1):
        size = _USUAL_PAGE
    pages = [data[at : at + size] for at in range(0, len(data), size)]
    for number, page in enumerate(pages):
        yield from _rows_of(page, _HEADER if number == 0 else 0, pages, size)
    log = path.with_name(f"{path.name}-wal")
    frames = log.read_bytes() if log.exists() else b""
    for at in range(32, len(frames), size + 24):
        yield from _rows_of(frames[at + 24 : at + 24 + size], 0, pages, size)


def _rows_of(page: bytes, start: int, pages: list[bytes], size: int) -> Iterator[Row]:
    """The rows on one page of rows; none for another or a damaged page."""
    if len(page) < size or page[start] != _LEAF:
        return
    count = int.from_bytes(page[start + 3 : start + 5], "big")
    for cell in range(min(count, size // 4)):
        at = start + 8 + 2 * cell
        place = int.from_bytes(page[at : at + 2], "big")
        try:
            yield _row(_payload(page, place, pages, size))
        except (LookupError, ValueError):
            continue


def _payload(page: bytes, place: int, pages: list[bytes], size: int) -> bytes:
    """The record of a cell; what does not fit on its page is on a chain of others."""
    length, place = _varint(page, place)
    _, place = _varint(page, place)
    most = size - 35
    if length <= most:
        return page[place : place + length]
    least = (size - 12) * 32 // 255 - 23
    here = least + (length - least) % (size - 4)
    here = here if here <= most else least
    out = page[place : place + here]
    following = int.from_bytes(page[place + here : place + here + 4], "big")
    while len(out) < length and 0 < following <= len(pages):
        other = pages[following - 1]
        out += other[4 : min(len(other), 4 + length - len(out))]
        following = int.from_bytes(other[:4], "big") if len(other) > 4 else 0
    if len(out) != length:
        raise ValueError("a part of the record is lost")
    return out


def _row(record: bytes) -> Row:
    """The values of a record: a header of types, then the values."""
    end, at = _varint(record, 0)
    types = []
    while at < end:
        kind, at = _varint(record, at)
        types.append(kind)
    values: list[Value] = []
    at = end
    for kind in types:
        value, at = _value(record, at, kind)
        values.append(value)
    if at != len(record):
        raise ValueError("this is no record")
    return tuple(values)


def _value(record: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind in _NUMBERS:
        end = at + _NUMBERS[kind]
        return int.from_bytes(_part(record, at, end), "big", signed=True), end
    if kind == 7:
        return float(struct.unpack(">d", _part(record, at, at + 8))[0]), at + 8
    if kind in (0, 8, 9):
        return (None if kind == 0 else kind - 8), at
    if kind < 12:
        raise ValueError("this is no record")
    end = at + (kind - 12) // 2
    raw = _part(record, at, end)
    return (raw.decode("utf-8") if kind % 2 else raw), end


def _part(record: bytes, at: int, end: int) -> bytes:
    if end > len(record):
        raise ValueError("the record is cut off")
    return record[at:end]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where the next one begins."""
    value = 0
    for step in range(8):
        byte = data[at + step]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + step + 1
    return value << 8 | data[at + 8], at + 9
