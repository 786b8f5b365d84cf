"""The dialect of a delimited text: of the few sensible ones, the one that explains most lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from workbench.data.sources.row_files.layout import TableLayout, lay_out
from workbench.data.sources.row_files.records import ONE_COLUMN, QUOTE, Dialect, Records, split

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
# The header is among the first lines.
_HEAD = 50
# Of a longer file, so many lines are tried first.
_SAMPLE = 5000
# "sep=;" tells spreadsheets the separator.
_GIVEN = re.compile(r'\s*"?sep=(\\t|.)"?\s*\n', re.I)


@dataclass(frozen=True)
class Reading:
    """A text as one dialect reads it."""

    dialect: Dialect
    records: Records
    layout: TableLayout

    @property
    def unexplained(self) -> int:
        """How many records have quotes that do not close, or do not fit the header."""
        return len(self.records.broken) + self.layout.misfits


def given_separator(lines: list[str]) -> str | None:
    """The separator that the first line gives as ``sep=;``; that line is made blank."""
    at = next((at for at, line in enumerate(lines[:_HEAD]) if not line.isspace()), None)
    match = None if at is None else _GIVEN.fullmatch(lines[at])
    if at is None or match is None:
        return None
    lines[at] = "\n"
    return "\t" if match[1] == "\\t" else match[1]


def best_reading(lines: Sequence[str], *, tabs: bool, given: str | None) -> Reading | None:
    """The reading that explains ``lines`` best, None if all are blank.

    tabs: whether the file's name says that tabs separate. given: the separator that it gives.
    """
    head = [line for line in islice(lines, _HEAD) if not line.isspace()]
    if not head and all(map(str.isspace, lines)):
        return None
    separators = _candidates(head, tabs, given)
    if len(lines) > _SAMPLE:
        # A separator with which the first lines are no table costs no reading of the whole.
        sample = lines[:_SAMPLE]
        separators = [
            separator
            for separator in separators
            if _with_separator(sample, separator).layout.width > 1
        ]
    readings = [_with_separator(lines, separator) for separator in separators]
    # The share is rounded: commas within a few texts must not outweigh more columns.
    return max(
        (reading for reading in readings if reading.layout.width > 1),
        key=lambda one: (round(one.layout.share, 1), one.layout.width, one.layout.share),
        default=None,
    ) or _with_separator(lines, ONE_COLUMN)


def _candidates(head: Sequence[str], tabs: bool, given: str | None) -> list[str]:
    if given is not None and any(given in line for line in head):
        return [given]
    if tabs and any("\t" in line for line in head):
        return ["\t"]
    return [separator for separator in SEPARATORS if any(separator in line for line in head)]


def _with_separator(lines: Sequence[str], separator: str) -> Reading:
    """The reading with the treatment of quotes that explains the most lines."""
    dialects = _dialects("".join(lines), separator)
    if len(dialects) > 1 and len(lines) > _SAMPLE:
        # What explains the first lines best is tried first, and often explains all.
        first = _best(lines[:_SAMPLE], dialects, separator).dialect
        sure = first.quotes == "escaped" or Dialect(separator, "escaped") not in dialects
        if first.quotes == "plain":
            sure = sure and not _doubled(lines, separator)
        if sure and not (reading := _read(lines, first)).unexplained:
            return reading
    return _best(lines, dialects, separator)


def _best(lines: Sequence[str], dialects: Sequence[Dialect], separator: str) -> Reading:
    """The best reading in one of ``dialects``, of which the last one is without quotes."""
    *quoted, plain = dialects
    if not quoted:
        return _read(lines, plain)
    best = _read(lines, quoted[0])
    if best.unexplained:
        others = (_read(lines, dialect) for dialect in quoted[1:])
        best = min((best, *others), key=lambda one: one.unexplained)
    escaped = Dialect(separator, "escaped")
    if escaped in quoted and not best.unexplained and best.dialect != escaped:
        reading = _read(lines, escaped)
        if not reading.unexplained and _all_escaped(lines, reading):
            return reading
    spaced = Dialect(separator, spaces=True)
    if spaced in quoted and best.dialect != spaced and _quoted_after_blanks(best):
        reading = _read(lines, spaced)
        best = reading if reading.unexplained <= best.unexplained else best
    if not best.records.broken and separator != "\t":
        return best
    if _needs_quotes(lines, best):
        return best
    without = _read(lines, plain)
    return without if without.layout.misfits <= best.layout.misfits else best


def _dialects(text: str, separator: str) -> list[Dialect]:
    """The dialects that may be that of ``text``, the commonest first, plain last."""
    dialects = [Dialect(separator)] if QUOTE in text else []
    if f"\\{QUOTE}" in text or f"\\{separator}" in text:
        dialects = [Dialect(separator), Dialect(separator, "escaped")]
    if f"{separator} {QUOTE}" in text:
        dialects.append(Dialect(separator, spaces=True))
    return [*dialects, Dialect(separator, "plain")]


def _read(lines: Sequence[str], dialect: Dialect) -> Reading:
    records = split(lines, dialect)
    return Reading(dialect, records, lay_out(records, lines, dialect.separator))


def _needs_quotes(lines: Sequence[str], reading: Reading) -> bool:
    """Whether quotes have a meaning: a separator, a line end or another quote is within them, or
    all names of columns stand in them."""
    records, separator = reading.records, reading.dialect.separator
    broken = set(records.broken)
    header = reading.layout.header
    if header not in broken and all(
        map(_in_quotes, _plain(lines[records.lines[header]], separator))
    ):
        return True
    if records.joined:
        return True
    for at, row in enumerate(records.fields):
        line = lines[records.lines[at]]
        if QUOTE not in line or at in broken:
            continue
        cells = _plain(line, separator)
        if len(cells) != len(row) or any(
            _in_quotes(cell) and QUOTE in cell[1:-1] for cell in cells
        ):
            return True
    return False


def _all_escaped(lines: Sequence[str], reading: Reading) -> bool:
    """Whether each quote within a field has a backslash before it."""
    marks = sum(line.count(f"\\{QUOTE}") for line in lines)
    records = reading.records
    cells = (
        row for at, row in zip(records.lines, records.fields, strict=True) if QUOTE in lines[at]
    )
    return 0 < marks == sum(cell.count(QUOTE) for row in cells for cell in row)


def _quoted_after_blanks(reading: Reading) -> bool:
    """Whether fields begin with a blank and a quote, and each of them ends with a quote."""
    after = [
        cell.strip()
        for row in reading.records.fields
        for cell in row
        if cell[:1] == " " and cell.lstrip().startswith(QUOTE)
    ]
    return bool(after) and all(map(_in_quotes, after))


def _doubled(lines: Sequence[str], separator: str) -> bool:
    """Whether any field stands in quotes and holds doubled ones."""
    return any(
        _in_quotes(cell) and QUOTE * 2 in cell[1:-1]
        for line in lines
        if QUOTE * 2 in line
        for cell in _plain(line, separator)
    )


def _plain(line: str, separator: str) -> list[str]:
    return line[:-1].split(separator)


def _in_quotes(cell: str) -> bool:
    return len(cell) > 1 and cell[0] == cell[-1] == QUOTE
