"""The most that one source may take: bytes, columns, files, pixels and time.

A small file can unpack to more than a machine has. Each limit is a setting: the environment
variable ``WORKBENCH_LIMIT_<NAME>`` changes it. Messages name the limit, its value and the variable.
The app and its engine take the variables from the process that starts the app.
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache

from workbench.errors import RequestError

_PREFIX = "WORKBENCH_LIMIT_"
_MEBI = 2**20
# What the number of a limit counts, for messages. Limits whose name says it have none.
_UNITS = {
    "text_file_bytes": "bytes",
    "column_bytes": "bytes",
    "unpack_bytes": "bytes",
    "member_bytes": "bytes",
    "zip_table_bytes": "bytes",
    "zip_bytes": "bytes",
    "image_pixels": "pixels",
    "seconds": "seconds",
}


@dataclass(frozen=True)
class Limits:
    """The limits in use.

    text_file_bytes: of a CSV or JSON file, which is read whole. column_bytes: of one column of a
    table in memory. unpack_ratio: how many times the size of its file a table's column or a whole
    zip may take when it is unpacked; at least ``unpack_bytes`` are always allowed. member_ratio:
    the same for one image in a zip. rows, columns: of a table. member_bytes: of an image in a zip.
    zip_table_bytes: of a table in a zip. zip_bytes: of all files in a zip together. members: files
    in a zip. files: files below a folder. depth: folders within each other. image_pixels: of one
    image. seconds: for reading one source.
    """

    text_file_bytes: int = 4096 * _MEBI
    column_bytes: int = 2048 * _MEBI
    unpack_bytes: int = 256 * _MEBI
    unpack_ratio: int = 50
    member_ratio: int = 200
    rows: int = 50_000_000
    columns: int = 5000
    member_bytes: int = 512 * _MEBI
    zip_table_bytes: int = 8192 * _MEBI
    zip_bytes: int = 256 * 1024 * _MEBI
    members: int = 2_000_000
    files: int = 5_000_000
    depth: int = 100
    image_pixels: int = 120_000_000
    seconds: int = 3600


_FIELDS = tuple(field.name for field in dataclasses.fields(Limits))
_DEADLINE: ContextVar[float | None] = ContextVar("workbench_reading_deadline", default=None)


def variable(name: str) -> str:
    """The environment variable of the limit ``name``."""
    return f"{_PREFIX}{name.upper()}"


def current() -> Limits:
    """The limits in use now. Raises RequestError if a variable holds no whole number above 0."""
    return _made(tuple(os.environ.get(variable(name)) for name in _FIELDS))


def exceeded(name: str, what: str, *, most: int | None = None) -> RequestError:
    """The error for a source that goes beyond the limit ``name``.

    what: the beginning of a sentence, such as "'a.csv' has 9,000 columns". most: the bytes allowed
    where the limit is a multiple of a file's size.
    """
    value = getattr(current(), name)
    unit = f" {_UNITS[name]}" if name in _UNITS else ""
    shown = f"{value:,}{unit}" if most is None else f"{most:,} bytes"
    return RequestError(
        f"{what}; the limit is {shown}.",
        field="--data",
        remedy=f"Give smaller data. If you trust it, set {variable(name)} to more than {value} "
        "before you start the workbench.",
    )


def check(name: str, number: int, what: str) -> None:
    """Raise RequestError if ``number`` is above the limit ``name``. what: see ``exceeded``."""
    if number > getattr(current(), name):
        raise exceeded(name, what)


def unpacking(packed: int, whole: str) -> tuple[str, int]:
    """How many bytes ``packed`` bytes of a file may unpack to, and the limit that decides it.

    Returns the name of that limit first. whole: the limit for a file of any size.
    """
    limits = current()
    by_size = limits.unpack_ratio * packed
    most = max(limits.unpack_bytes, by_size)
    if most >= getattr(limits, whole):
        return whole, getattr(limits, whole)
    return ("unpack_ratio" if by_size == most else "unpack_bytes"), most


@contextmanager
def clock() -> Iterator[None]:
    """Start the time of reading one source, which ``check_time`` compares with the limit.

    A clock inside another one changes nothing.
    """
    if _DEADLINE.get() is not None:
        yield
        return
    token = _DEADLINE.set(time.monotonic() + current().seconds)
    try:
        yield
    finally:
        _DEADLINE.reset(token)


def check_time() -> None:
    """Raise RequestError if reading the source takes longer than the limit."""
    deadline = _DEADLINE.get()
    if deadline is not None and time.monotonic() > deadline:
        raise exceeded("seconds", "reading the data takes too long")


@lru_cache(maxsize=8)
def _made(raw: tuple[str | None, ...]) -> Limits:
    values = {n: _number(n, text) for n, text in zip(_FIELDS, raw, strict=True) if text is not None}
    return dataclasses.replace(Limits(), **values)


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:18]) > 0 and len(text) <= 18):
        raise RequestError(
            f"'{text[:40]}' is no limit.",
            field=variable(name),
            remedy="Give a whole number above 0, or remove the variable.",
        )
    return int(text)
