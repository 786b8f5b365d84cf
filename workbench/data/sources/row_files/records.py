"""Records of a delimited text: physical lines, divided into fields by one dialect.

A quote that never closes must not swallow the rows after it. So a line whose quotes do not close
where a field ends is read without quotes, on its own, and counted.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import _csv

QUOTE = '"'
# No text holds it, so with this separator each line is one field.
ONE_COLUMN = "\x1f"
# A field may be a whole article, or an image as text. A quote that never closes swallows no more.
_LONGEST_FIELD = 50_000_000
# Records are read in portions, so that one of several lines is noticed early.
_AT_ONCE = 10_000
# A record of so many lines that are all whole rows by themselves was joined by stray quotes.
_SURELY_STRAY = 5
# At most one of so many lines of such a record looks like prose.
_PROSE = 5


@dataclass(frozen=True)
class Dialect:
    """separator: between fields. quotes: how a quote within a quoted field is written: twice
    (``doubled``), twice or after a backslash (``escaped``); ``plain`` where quotes mean nothing.
    spaces: whether blanks after a separator are no part of the field."""

    separator: str
    quotes: Literal["doubled", "escaped", "plain"] = "doubled"
    spaces: bool = False


@dataclass(frozen=True)
class Records:
    """n records of a text, blank lines left out.

    fields: of each record. lines: the first line of each, counted from 0. broken: the positions of
    records whose quotes do not close; they are one line each and were read without quotes. joined:
    how many records go over several lines.
    """

    fields: list[list[str]]
    lines: list[int]
    broken: list[int]
    joined: int

    def __len__(self) -> int:
        return len(self.fields)


def physical_lines(text: str) -> list[str]:
    """The lines of ``text``, each with a line feed at its end, whichever line ends it has."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.removesuffix("\x1a").removesuffix("\n").split("\n")
    return [f"{line}\n" for line in lines]


def split(lines: Sequence[str], dialect: Dialect) -> Records:
    """The records of ``lines`` (each ends with a line feed)."""
    if dialect.quotes == "plain":
        return _without_quotes(lines, dialect.separator)
    records, stray = _with_quotes(lines, dialect, _SURELY_STRAY)
    if 0 < stray == records.joined:
        # Every record of several lines is a row of its own in each of its lines.
        records, _ = _with_quotes(lines, dialect, 2)
    return records


def count(lines: Sequence[str], dialect: Dialect, records: Records) -> int:
    """The number of records, found by another way than ``records``: physical lines, without blank
    ones and those that a quoted field runs on to."""
    separator = dialect.separator
    blank = sum(map(str.isspace, lines))
    if separator.isspace():
        blank -= sum(line.isspace() and separator in line for line in lines)
    if not records.joined:
        return len(lines) - blank
    lines = list(lines)
    for at in records.broken:
        # Quotes mean nothing there.
        lines[records.lines[at]] = "x\n"
    between = re.escape(separator)
    blanks = " *" if dialect.spaces else ""
    inner = r'[^"]*+(?:""[^"]*+)*+'
    if dialect.quotes == "escaped":
        inner = r'(?:[^"\\]|\\.|"")*+'
    field = re.compile(f'(?:^|{between}){blanks}"({inner})"(?={between}|$)', re.M | re.S)
    continued = blank_inside = 0
    for match in field.finditer("".join(lines)):
        if "\n" in match[1]:
            inside = match[1].split("\n")
            continued += len(inside) - 1
            blank_inside += sum(not part.strip() and separator not in part for part in inside[1:-1])
    return len(lines) - continued - (blank - blank_inside)


def _without_quotes(lines: Sequence[str], separator: str) -> Records:
    fields = [line[:-1].split(separator) for line in lines]
    empty = QUOTE * 2
    for at in [at for at, line in enumerate(lines) if empty in line]:
        # Two quotes and nothing else are an empty field in every dialect.
        fields[at] = ["" if cell == empty else cell for cell in fields[at]]
    kept = range(len(fields))
    if any(map(str.isspace, lines)):
        kept_list = [at for at, one in enumerate(fields) if len(one) > 1 or one[0].strip()]
        return Records([fields[at] for at in kept_list], kept_list, [], 0)
    return Records(fields, list(kept), [], 0)


def _with_quotes(lines: Sequence[str], dialect: Dialect, stray_from: int) -> tuple[Records, int]:
    """The records, and how many of several lines may have been joined by stray quotes. Of those,
    ones with at least ``stray_from`` lines are taken apart."""
    if dialect.quotes == "escaped":
        lines = _escaped(lines, dialect)
    csv.field_size_limit(_LONGEST_FIELD)
    whole = _one_line_each(lines, dialect)
    if whole is not None:
        return whole, 0
    fields: list[list[str]] = []
    firsts: list[int] = []
    broken: list[int] = []
    joined = stray = 0
    at = 0
    while at < len(lines):
        begun = at
        following = (lines[index] for index in range(begun, len(lines))) if begun else iter(lines)
        reader = _reader(following, dialect)
        try:
            for row in reader:
                end = begun + reader.line_num
                if end - at > 1:
                    number = lines[at].count(dialect.separator)
                    alike = number == lines[end - 1].count(dialect.separator) == len(row) - 1
                    if alike and _is_stray(lines[at:end], row, dialect):
                        if end - at >= stray_from:
                            raise csv.Error
                        stray += 1
                    joined += 1
                if len(row) > 1 or (row and (row[0].strip() or not lines[at].isspace())):
                    fields.append(row)
                    firsts.append(at)
                at = end
        except csv.Error:
            broken.append(len(fields))
            fields.append(_stripped(lines[at], dialect))
            firsts.append(at)
            at += 1
    return Records(fields, firsts, broken, joined), stray


def _one_line_each(lines: Sequence[str], dialect: Dialect) -> Records | None:
    """The records if each is one line and all quotes close, else None."""
    reader = _reader(iter(lines), dialect)
    fields: list[list[str]] = []
    try:
        while following := list(islice(reader, _AT_ONCE)):
            fields += following
            if len(fields) < reader.line_num:
                return None
    except csv.Error:
        return None
    firsts = [
        at
        for at, row in enumerate(fields)
        if len(row) > 1 or (row and (row[0].strip() or not lines[at].isspace()))
    ]
    if len(firsts) < len(fields):
        fields = [fields[at] for at in firsts]
    return Records(fields, firsts, [], 0)


def _reader(lines: Iterator[str], dialect: Dialect) -> _csv.Reader:
    return csv.reader(
        lines,
        delimiter=dialect.separator,
        escapechar="\\" if dialect.quotes == "escaped" else None,
        skipinitialspace=dialect.spaces,
        strict=True,
    )


def _escaped(lines: Sequence[str], dialect: Dialect) -> list[str]:
    """``lines`` with a second backslash before each one that escapes neither a quote nor a
    separator nor a backslash: it is part of the text."""
    alone = re.compile(rf'\\(\\|"|{re.escape(dialect.separator)})|\\')
    return [
        alone.sub(lambda found: found[0] if found[1] else "\\\\", line) if "\\" in line else line
        for line in lines
    ]


def _is_stray(lines: Sequence[str], row: Sequence[str], dialect: Dialect) -> bool:
    """Whether each line of a record of several lines looks like a row by itself: it has as many
    fields as the record, and unlike in prose few separators have a blank or a line end behind."""
    separator = dialect.separator
    if len(row) < 2 or any(line.count(separator) != len(row) - 1 for line in lines):
        return False
    blank, end = f"{separator} ", f"{separator}\n"
    prose = sum((blank in line and not dialect.spaces) or line.endswith(end) for line in lines)
    return prose * _PROSE < len(lines)


def _stripped(line: str, dialect: Dialect) -> list[str]:
    """The fields of a line whose quotes do not close, without the quotes around whole fields."""
    fields = line[:-1].split(dialect.separator)
    return [
        field[1:-1]
        if len(field) > 1 and field[0] == field[-1] == QUOTE and QUOTE not in field[1:-1]
        else field
        for field in fields
    ]
