"""Names of samples: matched with those of files from elsewhere, and put in the source's order.

A cache holds training, validation and test one after another. A file that somebody made from the
source itself has another order, as soon as splits were made here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt

from workbench.data.dataset import Dataset
from workbench.data.sources.naming import in_order

Rows = npt.NDArray[np.int64]

# Rows of a table are called data/12, rows of arrays 12.
_ROW = re.compile(r"^(?:(.*)/)?(\d+)$", re.DOTALL)


def positions(ids: Sequence[str], data: Dataset) -> Rows:
    """int64 (n,): the position in the prepared data of the sample that each id names, else -1.

    Ids are names in the source. The first way of writing them that fits any of ``ids`` is that of
    all: as they are prepared; with other slashes or forms of letters; rows of the one table by
    number; paths from above the source.
    """
    prepared = data.ids
    exact = _found(ids, {name: row for row, name in enumerate(prepared)})
    if (exact >= 0).any():
        return exact
    ways: list[Callable[[], Rows]] = [
        lambda: _found(list(map(_plain, ids)), _unique(list(map(_plain, prepared)))),
        lambda: _by_number(ids, prepared),
        lambda: _by_path(ids, data),
    ]
    for way in ways:
        rows = way()
        if (rows >= 0).any():
            return rows
    return exact


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip()).replace("\\", "/").removeprefix("./")


def _by_number(ids: Sequence[str], prepared: Sequence[str]) -> Rows:
    numbers = row_numbers(prepared)
    if numbers is None or not all(name.isascii() and name.isdigit() for name in ids):
        return np.full(len(ids), -1, np.int64)
    rows = {int(number): row for row, number in enumerate(numbers.tolist())}
    return np.array([rows.get(int(name), -1) for name in ids], np.int64)


def _by_path(ids: Sequence[str], data: Dataset) -> Rows:
    """Paths that begin with the source, or with its last folder."""
    source = _plain(data.info.source).rstrip("/")
    beginnings = (f"{source}/", f"{PurePosixPath(source).name}/")
    below = _unique(list(map(_plain, data.ids)))
    names = []
    for name in map(_plain, ids):
        start = next((len(one) for one in beginnings if name.startswith(one)), 0)
        names.append(name[start:] if start else "")
    return _found(names, below)


def _unique(names: Sequence[str]) -> dict[str, int]:
    """The position of each name that comes once."""
    rows: dict[str, int] = {}
    twice = set()
    for row, name in enumerate(names):
        if name in rows:
            twice.add(name)
        rows[name] = row
    return {name: row for name, row in rows.items() if name not in twice}


def _found(names: Sequence[str], rows: dict[str, int]) -> Rows:
    return np.array([rows.get(name, -1) for name in names], np.int64)


def source_order(ids: Sequence[str]) -> Rows:
    """int64 (n,): positions of the samples with these names, in the order of the source.

    Rows of tables are in the order of the tables and of their rows, files in that of their names.
    """
    named = _rows_of_tables(ids)
    if named is None:
        return np.array(sorted(range(len(ids)), key=lambda at: ids[at]), np.int64)
    tables, numbers = named
    places = {table: at for at, table in enumerate(sorted(set(tables), key=_place))}
    order = np.lexsort((numbers, np.array([places[table] for table in tables], np.int64)))
    return order.astype(np.int64)


def row_numbers(ids: Sequence[str]) -> Rows | None:
    """int64 (n,): the row of each sample in its table, from 0; None for files and for several
    tables."""
    named = _rows_of_tables(ids)
    return named[1] if named is not None and len(set(named[0])) == 1 else None


def _rows_of_tables(ids: Sequence[str]) -> tuple[list[str], Rows] | None:
    """The table and the row of each sample; None for names of files."""
    matches = [_ROW.match(name) for name in ids]
    if not matches or None in matches:
        return None
    found = [match for match in matches if match is not None]
    tables = [match.group(1) or "" for match in found]
    return tables, np.array([int(match.group(2)) for match in found], np.int64)


def _place(table: str) -> tuple[int, str]:
    return in_order(Path(table))
