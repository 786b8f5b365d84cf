"""JSONL, one object a line, and JSON, in any of the shapes that hold a table."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.data.account import Account
from workbench.data.safety import limits
from workbench.data.sources.row_files.encoding import read_text
from workbench.data.sources.row_files.json_shapes import Found, found_in
from workbench.data.sources.row_files.nested_cells import flat
from workbench.data.sources.row_files.row_file import RowFile
from workbench.errors import RequestError

# Where only the first lines are wanted, so many bytes are read.
_HEAD = 1 << 24
# If more lines than this share hold no object, the file is no JSONL.
_MOST_BAD = 0.5
_LONGEST = 60
_NO_OBJECT = "without a JSON object"


@dataclass(frozen=True)
class _Lines:
    """objects: of the lines that hold one. bad: how many lines hold none; first_bad: the first of
    them, counted from 1."""

    objects: list[dict[str, Any]]
    bad: int
    first_bad: int | None


def read(path: Path, most: int | None = None) -> RowFile:
    """The objects of ``path`` as rows: None where one lacks a column; objects in cells become
    columns of their own.

    most: rows to read, None for all. Raises RequestError if the file holds no table.
    """
    by_line = path.suffix.lower() in (".jsonl", ".ndjson")
    text, encoding = read_text(path, _HEAD if by_line and most is not None else None)
    found = _found(path, text, most, by_line)
    if not found.rows:
        raise RequestError(
            f"'{path.name}' holds no JSON objects.",
            field="--data",
            remedy='Give one object a line, such as {"text": "..."}.',
        )
    rows = found.rows[:most]
    names = list(dict.fromkeys(name for one in rows for name in one))
    limits.check(
        "columns", len(names), f"the objects of '{path.name}' have {len(names):,} different keys"
    )
    columns = {name: [one.get(name) for one in rows] for name in names}
    cells = flat(columns)
    if not cells.columns:
        raise RequestError(
            f"no column of '{path.name}' holds single values: "
            + "; ".join(f"'{name}' holds {what}" for name, what in cells.nested.items())
            + ".",
            field="--data",
            remedy='Give one object a line, such as {"text": "..."}.',
        )
    account = Account(len(rows) + found.others).without(_NO_OBJECT, found.others)
    notes = (
        f"'{path.name}' is {encoding.words}.",
        *encoding.notes(path.name),
        *found.notes,
        *cells.notes,
    )
    return RowFile(cells.columns, notes, account, cells.nested)


def _found(path: Path, text: str, most: int | None, by_line: bool) -> Found:
    """The rows in ``text``. by_line: whether the file's name says that each line is an object.

    Raises RequestError if most of it is no JSON.
    """
    lines = _lines(text, most) if by_line else None
    if lines is not None and lines.objects and not lines.bad:
        return Found(lines.objects)
    try:
        return found_in(json.loads(text), path.name)
    except (json.JSONDecodeError, RecursionError) as error:
        broken = error
    lines = lines or _lines(text, most)
    if lines.bad and (objects := _one_after_another(text)) is not None:
        return Found(objects)
    total = len(lines.objects) + lines.bad
    if lines.bad > _MOST_BAD * total and (lines.objects or text.lstrip().startswith(("[", "{"))):
        raise RequestError(
            f"'{path.name}' is no complete JSON ({_place(broken)}), "
            f"and {lines.bad:,} of its {total:,} lines are no JSON objects "
            f"(the first is line {lines.first_bad}: {_begin(text, lines)}).",
            field="--data",
            remedy='Save it again, as one object a line, such as {"text": "..."}.',
        )
    notes: tuple[str, ...] = ()
    if lines.bad and lines.objects:
        notes = (
            f"{lines.bad:,} lines of '{path.name}' are no JSON objects; "
            f"the first is line {lines.first_bad}: {_begin(text, lines)}.",
        )
    return Found(lines.objects, lines.bad, notes)


def _place(error: Exception) -> str:
    """Where and why a document is no JSON, in words."""
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}: {error.msg}"
    return "it is nested too deeply"


def _begin(text: str, lines: _Lines) -> str:
    """The beginning of the first line that holds no object, in quotes."""
    line = physical(text)[(lines.first_bad or 1) - 1].strip()
    return f"'{line if len(line) <= _LONGEST else line[: _LONGEST - 1] + '…'}'"


def physical(text: str) -> list[str]:
    """The lines of ``text``. A JSON text may contain other line separators of Unicode."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _lines(text: str, most: int | None) -> _Lines:
    """The objects of the first ``most`` lines that are not blank."""
    objects: list[dict[str, Any]] = []
    bad, first_bad = 0, None
    for number, line in enumerate(physical(text), 1):
        if not line or line.isspace():
            continue
        if most is not None and len(objects) + bad >= most:
            break
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            objects.append(value)
        else:
            bad += 1
            first_bad = first_bad or number
    return _Lines(objects, bad, first_bad)


def _one_after_another(text: str) -> list[dict[str, Any]] | None:
    """The objects of a text that holds nothing but objects, over several lines each; else None."""
    decoder = json.JSONDecoder()
    objects: list[dict[str, Any]] = []
    at = len(text) - len(text.lstrip())
    while at < len(text):
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return None
        if not isinstance(value, dict):
            return None
        objects.append(value)
        at = end
        while at < len(text) and text[at].isspace():
            at += 1
    return objects
