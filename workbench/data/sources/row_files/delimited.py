"""CSV files: encoding, separator, quotes and header are detected; every row is accounted for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path

import numpy as np

from workbench.data.account import Account
from workbench.data.safety import limits
from workbench.data.sources.row_files.dialect import (
    SEPARATORS,
    Reading,
    best_reading,
    given_separator,
)
from workbench.data.sources.row_files.encoding import read_text
from workbench.data.sources.row_files.layout import header_names
from workbench.data.sources.row_files.records import ONE_COLUMN, QUOTE, count, physical_lines
from workbench.data.sources.row_files.row_file import RowFile
from workbench.errors import RequestError

# Where only the first rows are wanted, so many bytes of the file decide how it is read.
_HEAD = 1 << 24
# If more rows than this share do not fit the header, the file is refused.
_MOST_MISFITS = 0.2
_LONGEST = 60
_RETURN = re.compile(r"\r(?!\n)")
_QUOTES = {"escaped": ", quotes doubled or after backslashes"}
_MISFIT = "with another number of fields"
_OPEN = "with quotes that do not close"
_REPEATED = "repeating the header"


def read(path: Path, most: int | None = None) -> RowFile:
    """The rows of ``path``. The first record names the columns, unless titles stand before it.

    most: rows to read, None for all. Raises RequestError if the encoding is not recognised, the
    file is empty, or too many rows do not fit the header.
    """
    text, encoding = read_text(path, None if most is None else _HEAD)
    reading, lines, text_notes = _reading(text, path)
    table = _Table(path.name, reading, lines, QUOTE in text)
    limits.check("columns", table.width, f"'{path.name}' has {table.width:,} columns")
    table.check()
    rows = table.rows[:most]
    kept, left_out = table.kept(len(rows))
    account = Account(len(rows))
    for reason, number in left_out.items():
        account = account.without(reason, number)
    if account.taken != len(kept):
        raise ValueError(f"{account} does not lead to {len(kept)} rows of '{path.name}'")
    names, name_notes = table.names()
    notes = (
        f"'{path.name}' is {encoding.words}, {_words(reading)}.",
        *encoding.notes(path.name),
        *text_notes,
        *table.notes(left_out, len(rows)),
        *name_notes,
    )
    return RowFile(_columns(kept, names), notes, account)


def _reading(text: str, path: Path) -> tuple[Reading, list[str], tuple[str, ...]]:
    """How ``text`` is best read, its lines, and notes on changes.

    Raises RequestError if there is no line.
    """
    lines = physical_lines(text)
    tabs = path.suffix.lower() == ".tsv"
    given = given_separator(lines)
    reading = best_reading(lines, tabs=tabs, given=given)
    if reading is None:
        raise RequestError(
            f"'{path.name}' is empty.", field="--data", remedy="Give a file with rows."
        )
    if reading.unexplained and "\n" in text and _RETURN.search(text):
        # Carriage returns within lines may be part of the texts.
        spaced, number = _RETURN.subn(" ", text)
        other_lines = physical_lines(spaced)
        given = given_separator(other_lines)
        other = best_reading(other_lines, tabs=tabs, given=given)
        if other is not None and other.unexplained < reading.unexplained:
            note = f"{number:,} carriage returns within rows of '{path.name}' read as blanks."
            return other, other_lines, (note,)
    return reading, lines, ()


class _Table:
    """The rows of one file as it is read. rows: the records after the header."""

    def __init__(self, name: str, reading: Reading, lines: Sequence[str], quoted: bool):
        self.quoted = quoted
        self.name = name
        self.reading = reading
        self.lines = lines
        self.start = reading.layout.header + 1
        self.header = reading.records.fields[reading.layout.header]
        self.rows = reading.records.fields[self.start :]
        self.width = reading.layout.width + reading.layout.row_names
        self.open = {at - self.start for at in reading.records.broken if at >= self.start}
        self.misfits: list[int] = np.flatnonzero(~reading.layout.fits).tolist()

    def check(self) -> None:
        """Raise RequestError if rows are lost, or too many do not fit the header."""
        records = self.reading.records
        found = count(self.lines, self.reading.dialect, records) - self.start
        if found != len(self.rows):
            raise RequestError(
                f"'{self.name}' has {found:,} rows by its lines, but {len(self.rows):,} were read.",
                field="--data",
                remedy="Save it again with quotes doubled within quoted texts.",
            )
        unclosed = [at for at in self.misfits if at in self.open]
        if unclosed and records.joined:
            raise RequestError(
                f"the quotes in line {self._line(unclosed[0])} of '{self.name}' do not close: "
                f"{self._begin(unclosed[0])}.",
                field="--data",
                remedy="Double the quotes within the text, or remove them.",
            )
        if len(self.misfits) > _MOST_MISFITS * len(self.rows):
            raise RequestError(
                f"{len(self.misfits):,} of {len(self.rows):,} rows of '{self.name}' have another "
                f"number of fields than the header, which has {self.width}; "
                f"{self._first_misfit(self.misfits)}.",
                field="--data",
                remedy="Put texts that hold separators into double quotes, and give each row as "
                "many fields as the header.",
            )

    def kept(self, number: int) -> tuple[list[list[str]], dict[str, int]]:
        """The rows among the first ``number`` that are taken, and the others by reason."""
        left_out: dict[str, int] = {}
        misfits = [at for at in self.misfits if at < number]
        for at in misfits:
            reason = _OPEN if at in self.open else _MISFIT
            left_out[reason] = left_out.get(reason, 0) + 1
        kept = self.rows[:number]
        if misfits:
            unfit = set(misfits)
            kept = [row for at, row in enumerate(kept) if at not in unfit]
        repeated = kept.count(self.header) if self.width > 1 else 0
        if repeated:
            left_out[_REPEATED] = repeated
            kept = [row for row in kept if row != self.header]
        return kept, left_out

    def names(self) -> tuple[list[str], tuple[str, ...]]:
        """The names of the columns, and notes on them."""
        layout = self.reading.layout
        names, doubles = header_names(self.header, layout.width)
        notes = []
        for name, times in doubles.items():
            like = ", ".join(one for one in names if one == name or one.startswith(f"{name}_"))
            notes.append(
                f"'{self.name}' has {times} columns '{name}'; they are kept apart: {like}."
            )
        if layout.row_names:
            names = header_names(["row", *names], self.width)[0]
            notes.append(
                f"Rows of '{self.name}' begin with their number; its column is '{names[0]}'."
            )
        return names, tuple(notes)

    def notes(self, left_out: dict[str, int], number: int) -> list[str]:
        """How the first ``number`` rows were read."""
        notes = []
        records, layout = self.reading.records, self.reading.layout
        if layout.header:
            begin = self._begin(-1 - layout.header)
            notes.append(
                f"Lines skipped above the header of '{self.name}': {layout.header} ({begin})."
            )
        if len(self.header) > self.width:
            notes.append(f"The header of '{self.name}' ends with a separator too many.")
        if records.joined:
            notes.append(f"{records.joined:,} rows of '{self.name}' go over several lines.")
        unclosed = sorted(self.open.difference(self.misfits))
        if unclosed:
            notes.append(
                f"{len(unclosed):,} rows of '{self.name}' have quotes that do not close "
                f"(the first in line {self._line(unclosed[0])}); they are read as text."
            )
        if self.reading.dialect.quotes == "plain" and self.quoted:
            notes.append(f"Quotes in '{self.name}' are part of the texts.")
        extra = int((layout.fits & layout.extra)[:number].sum())
        if extra:
            notes.append(f"{extra:,} rows of '{self.name}' end with a separator too many.")
        missing = sum(left_out.get(reason, 0) for reason in (_MISFIT, _OPEN))
        if missing:
            notes.append(
                f"{missing:,} rows of '{self.name}' have another number of fields than the header "
                f"({self.width}); {self._first_misfit(self.misfits)}."
            )
        return notes

    def _first_misfit(self, rows: Sequence[int]) -> str:
        at = rows[0]
        return f"the first is line {self._line(at)} with {len(self.rows[at])}: {self._begin(at)}"

    def _line(self, row: int) -> int:
        """The line of a row, counted from 1; that of the header is row -1."""
        return self.reading.records.lines[self.start + row] + 1

    def _begin(self, row: int) -> str:
        """The beginning of the line of a row, in quotes."""
        line = self.lines[self._line(row) - 1].strip()
        return f"'{line if len(line) <= _LONGEST else line[: _LONGEST - 1] + '…'}'"


def _columns(rows: Sequence[Sequence[str]], names: Sequence[str]) -> dict[str, list[str | None]]:
    """The values by column, None for empty ones."""
    return {
        name: [value or None for value in map(itemgetter(place), rows)]
        for place, name in enumerate(names)
    }


def _words(reading: Reading) -> str:
    """The dialect in words."""
    separator, quotes = reading.dialect.separator, reading.dialect.quotes
    if separator == ONE_COLUMN:
        return "one column"
    return f"separated by {SEPARATORS.get(separator, repr(separator))}{_QUOTES.get(quotes, '')}"
