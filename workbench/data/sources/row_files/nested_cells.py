"""Cells of a JSON table that hold objects or lists.

An object is no text: its values become columns of their own, named ``column.key``. A list of one
value is that value; a longer list is no column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_MOST_KEYS = 50
_DEEPEST = 4
_SHOWN = 8


@dataclass(frozen=True)
class Flat:
    """columns: single values by column. nested: of each column that holds objects or long lists,
    what is in it, in words. notes: on what was taken apart."""

    columns: dict[str, Sequence[Any]]
    nested: dict[str, str]
    notes: tuple[str, ...]


def flat(columns: Mapping[str, Sequence[Any]]) -> Flat:
    """``columns`` without objects and lists."""
    kept: dict[str, Sequence[Any]] = {}
    nested: dict[str, str] = {}
    notes: list[str] = []
    open_columns = [(name, values, _DEEPEST) for name, values in columns.items()]
    while open_columns:
        name, values, depth = open_columns.pop(0)
        kinds = set(map(type, values)) - {type(None)}
        if list in kinds:
            longest = max(len(value) for value in values if isinstance(value, list))
            if longest <= 1 and depth:
                notes.append(f"The lists in column '{name}' hold one value each, which is taken.")
                single = [_only(value) for value in values]
                open_columns.insert(0, (name, single, depth - 1))
                continue
            nested[name] = f"lists of up to {longest:,} values"
            notes.append(f"Column '{name}' holds {nested[name]}; they are not used.")
        if dict in kinds:
            keys = list(dict.fromkeys(k for v in values if isinstance(v, dict) for k in v))
            shown = ", ".join(keys[:_SHOWN]) + (", ..." if len(keys) > _SHOWN else "")
            nested[name] = f"objects with the keys {shown}"
            if len(keys) <= _MOST_KEYS and depth:
                names = [_free(f"{name}.{key}", columns, kept) for key in keys]
                notes.append(f"Column '{name}' holds {nested[name]}; columns {_list(names)}.")
                inner = [
                    (new, [v.get(key) if isinstance(v, dict) else None for v in values], depth - 1)
                    for new, key in zip(names, keys, strict=True)
                ]
                open_columns[:0] = inner
            else:
                notes.append(f"Column '{name}' holds {nested[name]}; they are not used.")
        if not kinds & {dict, list}:
            kept[name] = values
        elif kinds - {dict, list}:
            kept[name] = [None if isinstance(value, dict | list) else value for value in values]
            lost = sum(isinstance(value, dict | list) for value in values)
            notes.append(f"{lost:,} cells of column '{name}' hold no single value and are empty.")
    return Flat(kept, nested, tuple(notes))


def _only(value: Any) -> Any:
    if isinstance(value, list):
        return value[0] if value else None
    return value


def _free(name: str, *taken: Mapping[str, object]) -> str:
    """``name``, with a number if a column has this name already."""
    number, free = 1, name
    while any(free in names for names in taken):
        number += 1
        free = f"{name}_{number}"
    return free


def _list(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names[:_SHOWN]) + (
        ", ..." if len(names) > _SHOWN else ""
    )
