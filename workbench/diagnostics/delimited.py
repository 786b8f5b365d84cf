"""Embeddings in text files: CSV, TSV, or numbers between spaces, with a header or without."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from workbench.errors import RequestError

TEXTS = (".csv", ".tsv", ".txt")
_DELIMITERS = ("\t", ";", ",", " ")


def read_delimited(file: Path, field: str) -> pa.Table:
    """The table in a text file; without a header its columns are f0, f1, ...

    Semicolons between columns may go with decimal commas. field: the option to name in errors.
    Raises RequestError for a file that is missing, empty or no table.
    """
    first, second = _first_lines(file, field)
    delimiter = next((one for one in _DELIMITERS if one in first.strip()), ",")
    if delimiter == " ":
        return _of_spaces(file, field)
    cells = [cell.strip().strip('"') for cell in first.split(delimiter)]
    comma = delimiter == ";" and "," in second and "." not in second
    numbers = all(_is_number(cell.replace(",", ".") if comma else cell) for cell in cells)
    # pandas numbers columns that have no names.
    header = not numbers or (len(cells) > 1 and cells == [str(at) for at in range(len(cells))])
    try:
        return csv.read_csv(
            file,
            csv.ReadOptions(autogenerate_column_names=not header),
            csv.ParseOptions(delimiter=delimiter),
            csv.ConvertOptions(decimal_point="," if comma else "."),
        )
    except (OSError, pa.ArrowException, UnicodeError) as error:
        raise _no_table(file, field, error) from error


def _of_spaces(file: Path, field: str) -> pa.Table:
    try:
        array = np.loadtxt(file, np.float64, ndmin=2)
    except (OSError, ValueError) as error:
        raise _no_table(file, field, error) from error
    return pa.table({f"f{at}": array[:, at] for at in range(array.shape[1])})


def _first_lines(file: Path, field: str) -> tuple[str, str]:
    """The first line and the second. Raises RequestError if the file holds none."""
    try:
        with file.open(encoding="utf-8-sig") as lines:
            first, second = lines.readline().rstrip("\r\n"), lines.readline().rstrip("\r\n")
    except OSError as error:
        what = "cannot be read" if file.exists() else "is not there"
        raise RequestError(
            f"'{file}' {what}.", field=field, remedy="Give the path of a file of embeddings."
        ) from error
    except UnicodeError as error:
        raise _no_table(file, field, error) from error
    if not first.strip():
        raise RequestError(
            f"'{file}' begins with an empty line or is empty.",
            field=field,
            remedy="Give a table with one embedding a row.",
        )
    return first, second


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _no_table(file: Path, field: str, error: Exception) -> RequestError:
    reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
    return RequestError(
        f"'{file}' is no table of numbers ({reason[:150]}).",
        field=field,
        remedy="Write it again, with one embedding a row, or give .npy or Parquet.",
    )
