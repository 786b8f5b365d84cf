"""CSV files: separator and encoding are detected."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from workbench.data.sources.encoding import Encoding, detect
from workbench.errors import RequestError

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_PEEK = 100
# A field may be a whole article.
_LONGEST_FIELD = 50_000_000


def read(
    path: Path, most: int | None = None
) -> tuple[dict[str, list[str | None]], tuple[str, ...]]:
    """Columns by name, and notes on how the file was read. The first row names the columns.

    most: rows to read, None for all. Raises RequestError if the encoding is not recognised, or the
    file has no rows.
    """
    encoding = detect(path)
    csv.field_size_limit(_LONGEST_FIELD)
    separator = _separator(path, encoding)
    rows = _rows(path, encoding, separator)
    header = next(rows, None)
    if header is None:
        raise RequestError(
            f"'{path.name}' is empty.", field="--data", remedy="Give a file with rows."
        )
    names = _names(header)
    values: list[list[str | None]] = [[] for _ in names]
    skipped = 0
    for row in islice(rows, most):
        if len(row) != len(names):
            skipped += 1
            continue
        for column, value in zip(values, row, strict=True):
            column.append(value or None)
    notes = [f"'{path.name}' is {encoding.words}, separated by {SEPARATORS[separator]}."]
    if skipped:
        notes.append(f"{skipped:,} rows of '{path.name}' have another number of fields; skipped.")
    return dict(zip(names, values, strict=True)), tuple(notes)


def _rows(path: Path, encoding: Encoding, separator: str) -> Iterator[list[str]]:
    """All rows except blank ones."""
    with path.open(encoding=encoding.codec, newline="") as file:
        try:
            yield from (row for row in csv.reader(file, delimiter=separator) if row)
        except csv.Error as error:
            raise RequestError(
                f"'{path.name}' cannot be read ({error}).", field="--data", remedy="Save it again."
            ) from error


def _separator(path: Path, encoding: Encoding) -> str:
    """The separator that divides the first rows into the most columns, equally many in each."""

    def score(separator: str) -> tuple[float, int]:
        widths = [len(row) for row in islice(_rows(path, encoding, separator), _PEEK)]
        if not widths or widths[0] < 2:
            return (0.0, 0)
        return (sum(width == widths[0] for width in widths) / len(widths), widths[0])

    if path.suffix.lower() == ".tsv":
        return "\t"
    # The share is rounded: commas within a few texts must not outweigh twice as many columns.
    return max(SEPARATORS, key=lambda separator: (round(score(separator)[0], 1), score(separator)))


def _names(header: list[str]) -> list[str]:
    """Names of the columns, none blank and no two equal."""
    uses: Counter[str] = Counter()
    names = []
    for place, raw in enumerate(header, 1):
        name = raw.strip() or f"column{place}"
        uses[name] += 1
        names.append(name if uses[name] == 1 else f"{name}_{uses[name]}")
    return names
