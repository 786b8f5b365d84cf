"""Shapes of a JSON document that hold a table: a list of objects, one under a key, columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.data.sources.naming import exact_split
from workbench.errors import RequestError

# Lists of objects are looked for under so many keys within each other.
_DEEPEST = 3
_SHOWN = 8


@dataclass(frozen=True)
class Found:
    """rows: the objects. others: how many values beside them are no objects. notes: how they were
    read."""

    rows: Sequence[Mapping[str, Any]]
    others: int = 0
    notes: tuple[str, ...] = ()


def found_in(value: Any, name: str) -> Found:
    """The rows of the JSON document ``value`` of the file ``name``.

    Raises RequestError if it holds several tables, or columns of different lengths.
    """
    if isinstance(value, list):
        return _list(value, name)
    if not isinstance(value, dict):
        return Found([])
    if isinstance(value.get("columns"), list) and isinstance(value.get("data"), list):
        split = _divided(value["columns"], value["data"])
        if split is not None:
            return split
    by_columns = _by_columns(value, name)
    if by_columns is not None:
        return by_columns
    # pandas writes a schema beside the rows.
    tables = _tables({key: one for key, one in value.items() if key != "schema"}, _DEEPEST)
    if len(tables) == 1:
        [(key, rows)] = tables.items()
        found = _list(rows, name)
        return Found(found.rows, found.others, (f"Rows of '{name}' are the list '{key}'.",))
    if len(tables) > 1:
        return _splits(tables, name)
    if value and all(isinstance(one, dict) for one in value.values()):
        return Found(list(value.values()), 0, (f"Rows of '{name}' are the objects in it.",))
    return Found([value] if value else [])


def _list(values: Sequence[Any], name: str) -> Found:
    """The rows of a list; a list of strings is one column."""
    if values and all(isinstance(value, str) for value in values):
        note = f"'{name}' holds a list of texts; its column is 'text'."
        return Found([{"text": value} for value in values], 0, (note,))
    rows = [value for value in values if isinstance(value, dict)]
    others = len(values) - len(rows)
    if not others or not rows:
        return Found(rows, others)
    first = next(at for at, value in enumerate(values, 1) if not isinstance(value, dict))
    note = f"{others:,} values of '{name}' are no JSON objects; the first is value {first}."
    return Found(rows, others, (note,))


def _divided(columns: Sequence[Any], data: Sequence[Any]) -> Found | None:
    """The rows of a list of names and a list of lists; None if the two do not go together."""
    names = [str(column) for column in columns]
    if len(set(names)) < len(names) or not data:
        return None
    if not all(isinstance(row, list) and len(row) == len(names) for row in data):
        return None
    return Found([dict(zip(names, row, strict=True)) for row in data])


def _by_columns(value: Mapping[str, Any], name: str) -> Found | None:
    """The rows of an object of columns, each a list or an object by row; None if it is none.

    Raises RequestError if the columns have different lengths.
    """
    columns = value.values()
    if all(isinstance(column, list) for column in columns) and value:
        nested = [column for column in columns if any(isinstance(c, dict) for c in column[:_SHOWN])]
        if nested and len(nested) == len(value):
            return None
        lengths = {key: len(column) for key, column in value.items()}
        if len(set(lengths.values())) > 1:
            shown = ", ".join(f"{key} {n:,}" for key, n in list(lengths.items())[:_SHOWN])
            raise RequestError(
                f"the columns of '{name}' have different numbers of values: {shown}.",
                field="--data",
                remedy="Give each column one value for each row.",
            )
        rows = [dict(zip(value, cells, strict=True)) for cells in zip(*columns, strict=True)]
        return Found(rows, 0, (f"'{name}' holds columns: {_keys(value)}.",))
    if not value or not all(isinstance(column, dict) and column for column in columns):
        return None
    keys = list(dict.fromkeys(key for column in columns for key in column))
    # Rows are numbered, columns are not.
    if not all(key.isdecimal() for key in keys) or all(key.isdecimal() for key in value):
        return None
    rows = [{key: column.get(row) for key, column in value.items()} for row in keys]
    return Found(rows, 0, (f"'{name}' holds columns: {_keys(value)}.",))


def _tables(value: Mapping[str, Any], depth: int) -> dict[str, list[Any]]:
    """The lists of objects below ``value``, by their keys joined by dots."""
    tables: dict[str, list[Any]] = {}
    for key, inner in value.items():
        if isinstance(inner, list) and any(isinstance(one, dict) for one in inner[:_SHOWN]):
            tables[key] = inner
        elif isinstance(inner, dict) and depth > 1:
            tables |= {f"{key}.{sub}": rows for sub, rows in _tables(inner, depth - 1).items()}
    return tables


def _splits(tables: Mapping[str, Sequence[Any]], name: str) -> Found:
    """The rows of several lists that are called like splits. Raises RequestError otherwise."""
    found = [_list(rows, name) for rows in tables.values()]
    rows = [row for one in found for row in one.rows]
    if not all(exact_split(key) for key in tables) or any("split" in row for row in rows):
        raise RequestError(
            f"'{name}' holds several lists of objects: {_keys(tables)}.",
            field="--data",
            remedy="Save the list with the samples as a file of its own.",
        )
    rows = [
        {**row, "split": key} for key, one in zip(tables, found, strict=True) for row in one.rows
    ]
    note = f"The lists of '{name}' are splits: {_keys(tables)}."
    return Found(rows, sum(one.others for one in found), (note,))


def _keys(value: Mapping[str, Any]) -> str:
    keys = list(value)
    return ", ".join(keys[:_SHOWN]) + (", ..." if len(keys) > _SHOWN else "")
