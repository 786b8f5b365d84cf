"""The layout of a delimited table: which record names the columns, and which rows fit it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.data.sources.row_files.records import Records

# A header is looked for among so many records.
_HEAD = 30
_FIT, _SURE = 0.8, 0.9
# So many records may stand before the header, or one for so many rows.
_FEW = 3
_COMMENTS = ("#", "//")
_LONGEST_NAME = 100
# A title has a part of so many words.
_TITLE = 3
# Cells of a header occur again in so many rows: then they are values and no names.
_LOOKED_AT = 5000


@dataclass(frozen=True)
class TableLayout:
    """header: the position of the record that names the columns. width: the number of columns.
    row_names: whether rows have one field more than the header, which numbers them and comes first.
    fits: bool, of each record after the header, whether it has ``width`` fields; empty fields at
    its end do not count. extra: the same, whether it has such fields.
    """

    header: int
    width: int
    row_names: bool
    fits: npt.NDArray[np.bool_]
    extra: npt.NDArray[np.bool_]

    @property
    def misfits(self) -> int:
        """How many rows do not fit."""
        return int((~self.fits).sum())

    @property
    def share(self) -> float:
        """The share of the rows that fit; 1 without rows."""
        return float(self.fits.mean()) if len(self.fits) else 1.0


def lay_out(records: Records, lines: Sequence[str], separator: str) -> TableLayout:
    """The layout of ``records``, of which there is at least one."""
    fields = records.fields
    full = np.fromiter(map(len, fields), np.int64, len(fields))
    trimmed = full.copy()
    for at in [at for at, row in enumerate(fields) if not row[-1].strip()]:
        trimmed[at] = _trimmed(fields[at])
    first = _after_gap(records, lines, full, _after_comments(fields))
    layout = _at(fields, full, trimmed, first)
    later = _later(fields, full, trimmed, first, layout, separator)
    if later is not None:
        return later
    if first > 0 and _is_data(fields, first):
        named = _at(fields, full, trimmed, first - 1)
        # The names themselves may stand behind a comment sign.
        if named.share >= _SURE and full[first - 1] > 1 and not _is_data(fields, first - 1):
            return named
    return layout


def header_names(cells: Sequence[str], width: int) -> tuple[list[str], dict[str, int]]:
    """``width`` names of columns, none blank and no two equal, and how often each name that is
    there more than once occurs."""
    raw = [cell.strip() for cell in cells[:width]]
    raw[0] = raw[0].lstrip("#/ ") if raw[0].startswith(_COMMENTS) else raw[0]
    taken = set(raw)
    names: list[str] = []
    for place, name in enumerate(raw, 1):
        wanted = name or f"column{place}"
        if wanted in names or (not name and wanted in taken):
            number = 2
            while f"{wanted}_{number}" in taken or f"{wanted}_{number}" in names:
                number += 1
            wanted = f"{wanted}_{number}"
        names.append(wanted)
    uses = Counter(name for name in raw if name)
    return names, {name: times for name, times in uses.items() if times > 1}


def _at(
    fields: Sequence[Sequence[str]],
    full: npt.NDArray[np.int64],
    trimmed: npt.NDArray[np.int64],
    header: int,
) -> TableLayout:
    """The layout with this header.

    Blank names at its end count only if many rows have values there. In a few rows such values come
    from a separator within a text.
    """
    rows, ends = full[header + 1 :], trimmed[header + 1 :]
    fits = [(ends <= width) & (width <= rows) for width in (trimmed[header], full[header])]
    best = int(fits[1].sum() > fits[0].sum() and fits[0].mean() < _FIT)
    width = int((trimmed[header], full[header])[best]) or 1
    if len(rows) and fits[best].mean() < _FIT:
        numbered = rows == width + 1
        if numbered.mean() >= _SURE and _are_numbers(fields[header + 1 :], width + 1):
            return TableLayout(header, width, True, numbered, np.zeros(len(rows), np.bool_))
    return TableLayout(header, width, False, fits[best], rows > width)


def _later(
    fields: Sequence[Sequence[str]],
    full: npt.NDArray[np.int64],
    trimmed: npt.NDArray[np.int64],
    first: int,
    layout: TableLayout,
    separator: str,
) -> TableLayout | None:
    """The layout with a header that has titles or the like before it, None if there is none."""
    titled = trimmed[first] == 1 and full[first] > 1
    if layout.share >= _FIT and not titled:
        return None
    if full[first] == 1 and _is_prose(fields[first + 1 :], separator):
        return None
    for at in range(first + 1, min(first + _HEAD, len(fields) - 1)):
        if not _most_follow(at - first, len(fields) - at):
            return None
        if trimmed[at] < 2 or (titled and trimmed[at] < full[at]):
            continue
        later = _at(fields, full, trimmed, at)
        if later.share >= _SURE and not _is_data(fields, at):
            return later
        if titled:
            return None
    return None


def _is_data(fields: Sequence[Sequence[str]], at: int) -> bool:
    """Whether a record holds values and no names: a number, a long text, or what occurs again."""
    row = _named(fields, at)
    if any(not cell.strip() or len(cell) > _LONGEST_NAME or _is_number(cell) for cell in row):
        return True
    rows = [other for other in fields[at + 1 : at + 1 + _LOOKED_AT] if len(other) >= len(row)]
    return any(
        cell.strip() in {other[place].strip() for other in rows} for place, cell in enumerate(row)
    )


def _named(fields: Sequence[Sequence[str]], at: int) -> Sequence[str]:
    """A record without the empty fields at its end, where most rows after it have none there."""
    row = fields[at]
    width = _trimmed(row)
    rows = fields[at + 1 : at + 1 + _LOOKED_AT]
    empty = sum(_trimmed(other) <= width for other in rows)
    return row[:width] if 2 * empty > len(rows) else row


def _is_prose(rows: Sequence[Sequence[str]], separator: str) -> bool:
    """Whether commas are those of sentences: most have a blank behind them."""
    later = [cell for row in rows[:_LOOKED_AT] for cell in row[1:]]
    return separator == "," and sum(cell.startswith(" ") for cell in later) * 2 >= len(later)


def _after_comments(fields: Sequence[Sequence[str]]) -> int:
    """The position of the first record that is no comment; 0 if all are."""
    for at, row in enumerate(fields[:_HEAD]):
        if not row[0].lstrip().startswith(_COMMENTS):
            return at
    return 0


def _after_gap(
    records: Records, lines: Sequence[str], full: npt.NDArray[np.int64], first: int
) -> int:
    """``first``, or a record near it that a blank line divides from what stands before it: the
    header of a table below titles. What is as wide as the table is a title only if it has the words
    of one, for a header and rows may have a blank line after them, too."""
    for at in range(first + 1, min(first + _HEAD, len(records) - 1)):
        after, before = (lines[records.lines[one] - 1].isspace() for one in (at, at + 1))
        wide = full[at] > max(1, full[first])
        if full[at] == full[first] > 1:
            words = _most_words(records.fields[first])
            wide = words >= _TITLE and words > _most_words(records.fields[at])
        if after and not before and wide and _most_follow(at - first, len(records) - at):
            return first if _is_data(records.fields, at) else at
    return first


def _most_words(row: Sequence[str]) -> int:
    return max(len(cell.split()) for cell in row)


def _most_follow(skipped: int, following: int) -> bool:
    """Whether what stands before a header is little beside what follows."""
    return skipped * _FEW < following or skipped <= _FEW


def _are_numbers(rows: Sequence[Sequence[str]], width: int) -> bool:
    """Whether the first fields of the rows with ``width`` fields are different whole numbers."""
    cells = [row[0].strip() for row in rows if len(row) == width]
    return all(cell.isdecimal() for cell in cells) and len(set(cells)) == len(cells)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _trimmed(row: Sequence[str]) -> int:
    """The number of fields without the empty ones at the end."""
    width = len(row)
    while width and not row[width - 1].strip():
        width -= 1
    return width
