"""JSONL, one object a line, and JSON, one list of objects."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

from workbench.data.sources.encoding import detect
from workbench.errors import RequestError

_PEEK = 64


def read(path: Path, most: int | None = None) -> tuple[dict[str, list[Any]], tuple[str, ...]]:
    """Columns by name (None where an object lacks one), and notes.

    most: lines to read, None for all. Raises RequestError if there is no object.
    """
    encoding = detect(path)
    # Line ends are not translated: a JSON text may contain other line separators of Unicode.
    with path.open(encoding=encoding.codec, newline="\n") as file:
        begins = file.read(_PEEK).lstrip()
        file.seek(0)
        objects, bad = _whole(file.read()) if begins.startswith("[") else None, 0
        if objects is None:
            file.seek(0)
            objects, bad = _lines(islice(file, most))
    if not objects:
        raise RequestError(
            f"'{path.name}' holds no JSON objects.",
            field="--data",
            remedy='Give one object a line, such as {"text": "..."}.',
        )
    names = list(dict.fromkeys(name for one in objects for name in one))
    notes = [f"'{path.name}' is {encoding.words}."]
    if bad:
        notes.append(f"{bad:,} lines of '{path.name}' are no JSON objects; skipped.")
    return {name: [one.get(name) for one in objects] for name in names}, tuple(notes)


def _whole(text: str) -> list[dict[str, Any]] | None:
    """The objects of one JSON list, None if ``text`` is no JSON."""
    try:
        values = json.loads(text)
    except ValueError:
        return None
    return [value for value in values if isinstance(value, dict)]


def _lines(lines: Iterable[str]) -> tuple[list[dict[str, Any]], int]:
    """The objects of all lines, and how many lines hold none."""
    objects, bad = [], 0
    for line in lines:
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        if isinstance(value, dict):
            objects.append(value)
        else:
            bad += 1
    return objects, bad
