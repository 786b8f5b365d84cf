"""Files of embeddings from elsewhere: a .npy array, or a table, perhaps with names of samples.

Tables are Parquet, or text: CSV, TSV, or numbers between spaces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from workbench.diagnostics import columns
from workbench.diagnostics.delimited import TEXTS, read_delimited
from workbench.errors import RequestError, unknown_name

# Columns that identify or describe the sample of a row, and are no part of its embedding.
ID, ROW, SPLIT, LABEL = "id", "row", "split", "label"
_DESCRIPTIVE = (ID, ROW, SPLIT, LABEL, "index", "__index_level_0__")
# Where there is no column "id", one of these holds the names of samples if its values are texts.
_NAMES = ("file_name", "filename", "file", "path", "image", "name", "sample", "__index_level_0__")
PARQUET = (".parquet", ".pq")
ALL = "all"
_COLUMNS = "--columns"
_MOST_NAMED = 8
_BLOCK = 1 << 16


@dataclass(frozen=True)
class EmbeddingTable:
    """values: (n, d), numbers, all finite. ids: names of the samples as texts, n; rows: int64 (n,),
    positions in a prepared data set; None where the file has none. notes: the columns taken.
    guessed: whether columns of numbers were left out because of what they look like."""

    values: npt.NDArray[Any]
    ids: tuple[str, ...] | None = None
    rows: npt.NDArray[np.int64] | None = None
    notes: tuple[str, ...] = ()
    guessed: bool = False


def read_embeddings(file: Path, field: str, wanted: str | None = None) -> EmbeddingTable:
    """The embeddings in ``file``: .npy, numbers, (n, d); or a table, as ``workbench embed`` writes.

    Of a table the column of lists is taken (``h`` if there are several), or else the columns of
    numbers that look like dimensions (``columns.dimensions``). ``id`` holds names of samples,
    ``row`` their positions in a prepared data set; both may be missing. wanted: names of columns
    with commas between them, or "all" for all columns of numbers but ``id``, ``row``, ``split`` and
    ``label``. field: the option to name in errors. Raises RequestError for a file that is missing
    or holds no embeddings, and for NaN or Inf.
    """
    if file.suffix.lower() in (*PARQUET, *TEXTS):
        table = _of_table(_read_table(file, field), file, field, wanted)
    elif wanted is not None:
        raise RequestError(
            f"'{file}' is no table, so its columns have no names.",
            field=_COLUMNS,
            remedy="Leave the option out, or give a Parquet or CSV file.",
        )
    else:
        table = EmbeddingTable(read_array(file, field))
    z = table.values
    if z.ndim != 2 or z.dtype.kind not in "fiu":
        raise RequestError(
            f"'{file}' holds an array of shape {z.shape} and type {z.dtype}.",
            field=field,
            remedy="Give a two-dimensional array of real numbers, one embedding a row.",
        )
    _refuse_odd_values(z, file, field)
    return table


def read_array(file: Path, field: str) -> npt.NDArray[Any]:
    """The array in a .npy file, memory-mapped. Raises RequestError; pickles are not read."""
    try:
        array = np.load(file, allow_pickle=False, mmap_mode="r")
    except OSError as error:
        raise _unreadable(file, field) from error
    # numpy raises whatever a damaged header makes it raise.
    except Exception as error:
        raise _no_array(file, field) from error
    if not isinstance(array, np.ndarray):
        array.close()
        raise _no_array(file, field)
    return array


def read_labels(file: Path, field: str) -> npt.NDArray[np.int64]:
    """Labels as class indices, int64 of the array's shape; -1 where one is missing (null, NaN).

    file: .npy, or Parquet with a column ``label`` or one column only. Raises RequestError.
    """
    if file.suffix.lower() not in (*PARQUET, *TEXTS):
        names = read_array(file, field)
    else:
        table = _read_table(file, field)
        if LABEL in table.column_names:
            column = table[LABEL]
        elif table.num_columns == 1:
            column = table[0]
        else:
            raise RequestError(
                f"'{file}' has no column 'label'.",
                field=field,
                remedy="Give a table with a column 'label', or with one column only.",
            )
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        names = np.array(["" if v is None else str(v) for v in column.to_pylist()], np.str_)
        missing = np.array([v is None or v != v for v in column.to_pylist()], np.bool_)
        return _indices(names, missing)
    missing = np.isnan(names) if names.dtype.kind == "f" else np.zeros(names.shape, np.bool_)
    return _indices(names, missing)


def _indices(names: npt.NDArray[Any], missing: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    codes = np.full(names.shape, -1, np.int64)
    codes[~missing] = np.unique(names[~missing], return_inverse=True)[1].astype(np.int64)
    return codes


def _of_table(table: pa.Table, file: Path, field: str, wanted: str | None) -> EmbeddingTable:
    values, notes, guessed = _values(table, file, field, wanted)
    ids: tuple[str, ...] | None = None
    rows: npt.NDArray[np.int64] | None = None
    name = _name_column(table)
    if name is not None:
        column = table[name]
        if column.null_count:
            raise RequestError(
                f"{column.null_count} ids in '{file}' are missing.",
                field=field,
                remedy="Give every row an id, or leave these rows out.",
            )
        ids = tuple(_names(column))
        notes += () if name == ID else (f"Names of samples are in the column '{name}'.",)
    elif ROW in table.column_names:
        column = table[ROW]
        if not pa.types.is_integer(column.type) or column.null_count:
            raise RequestError(
                f"the column 'row' in '{file}' is no list of whole numbers.",
                field=field,
                remedy="Give positions in the prepared data set, from 0, or names in 'id'.",
            )
        rows = column.to_numpy().astype(np.int64)
    return EmbeddingTable(values, ids, rows, notes, guessed)


def _name_column(table: pa.Table) -> str | None:
    """The column that names the samples: ``id``, or texts under a name that files have."""
    by_name = {str(name).strip().lower(): str(name) for name in reversed(table.column_names)}
    if ID in by_name:
        return by_name[ID]
    texts = (by_name[name] for name in _NAMES if name in by_name)
    return next((name for name in texts if pa.types.is_string(_plain(table[name]).type)), None)


def _names(column: pa.ChunkedArray) -> list[str]:
    """Names as texts; whole numbers stay whole if they were stored as 7.0."""
    column = _plain(column)
    if pa.types.is_floating(column.type) and pc.all(pc.equal(column, pc.floor(column))).as_py():
        return [str(int(value)) for value in column.to_pylist()]
    return [str(value) for value in column.to_pylist()]


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """``column`` without a dictionary, and with strings of one type."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column.cast(pa.string()) if pa.types.is_large_string(column.type) else column


def _read_table(file: Path, field: str) -> pa.Table:
    table = (
        _read_parquet(file, field)
        if file.suffix.lower() in PARQUET
        else read_delimited(file, field)
    )
    twice = [name for name in table.column_names if table.column_names.count(name) > 1]
    if twice:
        raise RequestError(
            f"'{file}' has several columns called '{twice[0]}'.",
            field=field,
            remedy="Give every column its own name.",
        )
    return table


def _read_parquet(file: Path, field: str) -> pa.Table:
    if not file.is_file():
        raise _unreadable(file, field)
    try:
        return pq.read_table(file)
    except (OSError, pa.ArrowException) as error:
        raise RequestError(
            f"'{file}' is no Parquet file.", field=field, remedy="Write one with pandas or pyarrow."
        ) from error


def _values(
    table: pa.Table, file: Path, field: str, wanted: str | None
) -> tuple[npt.NDArray[Any], tuple[str, ...], bool]:
    """The embeddings, notes on the columns, and whether columns were left out by a guess."""
    kinds = {name: table.schema.field(name).type for name in table.column_names}
    asked = None if wanted in (None, ALL) else _wanted(str(wanted), kinds)
    numbers = [name for name, kind in kinds.items() if _is_number(kind)]
    candidates = [name for name in numbers if name.strip().lower() not in _DESCRIPTIVE]
    lists = [name for name in asked or kinds if _is_list(kinds[name])]
    if lists and not (wanted == ALL and candidates):
        name = "h" if "h" in lists else lists[0]
        if len(lists) > 1 and name != "h":
            raise RequestError(
                f"'{file}' has several columns of lists: {', '.join(lists[:6])}.",
                field=field,
                remedy="Keep one of them, or call the embeddings 'h'.",
            )
        return _stacked(table[name], name, file, field), (), False
    if not candidates and asked is None:
        raise RequestError(
            f"'{file}' has no column of lists of numbers and no columns of numbers.",
            field=field,
            remedy="Give one list column, as workbench embed writes, or a column a dimension.",
        )
    reasons: dict[str, str] = {}
    taken = candidates
    if asked is not None:
        taken = asked
    elif wanted != ALL:
        chosen = columns.dimensions(candidates, lambda name: _floats(table[name]))
        taken, reasons = list(chosen.taken), dict(chosen.left_out)
    parts = [table[name].to_numpy() for name in taken]
    if any(table[name].null_count for name in taken):
        parts = [np.asarray(part, np.float64) for part in parts]
    note = _columns_note(taken, table.column_names, reasons)
    return np.stack(parts, axis=1), (note,), bool(reasons)


def _floats(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    return np.asarray(column.to_numpy(), np.float64)


def _wanted(text: str, kinds: dict[str, pa.DataType]) -> list[str]:
    """The columns named in ``text``. Raises RequestError for names of no column of numbers."""
    names = [text] if text in kinds else [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in kinds:
            raise unknown_name("column", name, kinds, field=_COLUMNS)
        if not (_is_number(kinds[name]) or (_is_list(kinds[name]) and len(names) == 1)):
            raise RequestError(
                f"the column '{name}' holds no numbers.",
                field=_COLUMNS,
                remedy="Give columns of numbers, or one column of lists.",
            )
    if not names:
        raise RequestError("no column is named.", field=_COLUMNS, remedy="Give A,B or all.")
    return list(dict.fromkeys(names))


def _stacked(column: pa.ChunkedArray, name: str, file: Path, field: str) -> npt.NDArray[Any]:
    flat = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    lengths = set(pc.unique(flat.value_lengths()).to_pylist()) if len(flat) else {0}
    inner = flat.flatten()
    if len(lengths) > 1 or None in lengths or inner.null_count:
        raise RequestError(
            f"the lists in the column '{name}' of '{file}' are not all full and of one length.",
            field=field,
            remedy="Give one embedding a row, all of the same number of columns.",
        )
    (width,) = lengths
    values: npt.NDArray[Any] = inner.to_numpy(zero_copy_only=False).reshape(len(flat), width)
    return values


def _is_list(kind: pa.DataType) -> bool:
    listed = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return any(is_one(kind) for is_one in listed) and _is_number(kind.value_type)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def _columns_note(
    taken: Sequence[str], names: Sequence[str], reasons: Mapping[str, str] | None = None
) -> str:
    """Which columns were taken and which were not, with the reason where it was a guess."""
    reasons = reasons or {}
    left = [name for name in names if name not in taken]
    # Guesses first: they are what may be wrong.
    left.sort(key=lambda name: name not in reasons)
    ends = taken[0] if len(taken) == 1 else f"{taken[0]} to {taken[-1]}"
    words = [f"{name} ({reasons[name]})" if name in reasons else name for name in left]
    more = f", and {len(left) - _MOST_NAMED} more" if len(left) > _MOST_NAMED else ""
    rest = f"; left out: {', '.join(words[:_MOST_NAMED])}{more}" if left else ""
    return f"Columns taken: {len(taken)} ({ends}){rest}."


def _refuse_odd_values(z: npt.NDArray[Any], file: Path, field: str) -> None:
    bad = sum(
        int((~np.isfinite(z[start : start + _BLOCK])).any(axis=1).sum())
        for start in range(0, len(z), _BLOCK)
    )
    if bad:
        raise RequestError(
            f"{bad} of {len(z)} rows in '{file}' hold NaN or Inf.",
            field=field,
            remedy="Remove or mend these rows.",
        )


def _unreadable(file: Path, field: str) -> RequestError:
    what = "cannot be read" if file.exists() else "is not there"
    return RequestError(
        f"'{file}' {what}.", field=field, remedy="Give the path of a .npy, .parquet or .csv file."
    )


def _no_array(file: Path, field: str) -> RequestError:
    return RequestError(
        f"'{file}' is no .npy file of plain numbers.",
        field=field,
        remedy="Write one with numpy.save(path, array). Pickled objects are not read.",
    )
