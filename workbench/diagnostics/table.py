"""Files of embeddings from elsewhere: a .npy array, or a Parquet table with names of samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.errors import RequestError

# Columns that identify or describe the sample of a row, and are no part of its embedding.
ID, ROW, SPLIT, LABEL = "id", "row", "split", "label"
_DESCRIPTIVE = (ID, ROW, SPLIT, LABEL, "index", "__index_level_0__")
PARQUET = (".parquet", ".pq")
_BLOCK = 1 << 16


@dataclass(frozen=True)
class EmbeddingTable:
    """values: (n, d), numbers, all finite. ids: names of the samples as texts, n; rows: int64 (n,),
    positions in a prepared data set; None where the file has none. notes: the columns taken."""

    values: npt.NDArray[Any]
    ids: tuple[str, ...] | None = None
    rows: npt.NDArray[np.int64] | None = None
    notes: tuple[str, ...] = ()


def read_embeddings(file: Path, field: str) -> EmbeddingTable:
    """The embeddings in ``file``: .npy, numbers, (n, d); or Parquet, as ``workbench embed`` writes.

    Of a Parquet table the column of lists is taken (``h`` if there are several), or else all
    columns of numbers but ``id``, ``row``, ``split`` and ``label``. ``id`` holds names of samples,
    ``row`` their positions in a prepared data set; both may be missing.
    field: the option to name in errors. Raises RequestError for a file that is missing or holds no
    embeddings, and for NaN or Inf.
    """
    table = (
        _of_parquet(file, field)
        if file.suffix in PARQUET
        else EmbeddingTable(read_array(file, field))
    )
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
    except (ValueError, EOFError) as error:
        raise _no_array(file, field) from error
    if not isinstance(array, np.ndarray):
        array.close()
        raise _no_array(file, field)
    return array


def read_labels(file: Path, field: str) -> npt.NDArray[np.int64]:
    """Labels as class indices, int64 of the array's shape; -1 where one is missing (null, NaN).

    file: .npy, or Parquet with a column ``label`` or one column only. Raises RequestError.
    """
    if file.suffix not in PARQUET:
        names = read_array(file, field)
    else:
        table = _read_parquet(file, field)
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


def _of_parquet(file: Path, field: str) -> EmbeddingTable:
    table = _read_parquet(file, field)
    values, notes = _values(table, file, field)
    ids: tuple[str, ...] | None = None
    rows: npt.NDArray[np.int64] | None = None
    if ROW in table.column_names:
        column = table[ROW]
        if not pa.types.is_integer(column.type) or column.null_count:
            raise RequestError(
                f"the column 'row' in '{file}' is no list of whole numbers.",
                field=field,
                remedy="Give positions in the prepared data set, from 0, or names in 'id'.",
            )
        rows = column.to_numpy().astype(np.int64)
    elif ID in table.column_names:
        column = table[ID]
        if column.null_count:
            raise RequestError(
                f"{column.null_count} ids in '{file}' are missing.",
                field=field,
                remedy="Give every row an id, or leave these rows out.",
            )
        ids = tuple(str(value) for value in column.to_pylist())
    return EmbeddingTable(values, ids, rows, notes)


def _read_parquet(file: Path, field: str) -> pa.Table:
    if not file.is_file():
        raise _unreadable(file, field)
    try:
        return pq.read_table(file)
    except (OSError, pa.ArrowException) as error:
        raise RequestError(
            f"'{file}' is no Parquet file.", field=field, remedy="Write one with pandas or pyarrow."
        ) from error


def _values(table: pa.Table, file: Path, field: str) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    kinds = {name: table.schema.field(name).type for name in table.column_names}
    lists = [name for name, kind in kinds.items() if _is_list(kind)]
    if lists:
        name = "h" if "h" in lists else lists[0]
        if len(lists) > 1 and name != "h":
            raise RequestError(
                f"'{file}' has several columns of lists: {', '.join(lists[:6])}.",
                field=field,
                remedy="Keep one of them, or call the embeddings 'h'.",
            )
        return _stacked(table[name], name, file, field), ()
    numbers = [
        name for name, kind in kinds.items() if name not in _DESCRIPTIVE and _is_number(kind)
    ]
    if not numbers:
        raise RequestError(
            f"'{file}' has no column of lists of numbers and no columns of numbers.",
            field=field,
            remedy="Give one list column, as workbench embed writes, or a column a dimension.",
        )
    parts = [table[name].to_numpy() for name in numbers]
    if any(table[name].null_count for name in numbers):
        parts = [np.asarray(part, np.float64) for part in parts]
    return np.stack(parts, axis=1), (_columns_note(numbers, table.column_names),)


def _stacked(column: pa.ChunkedArray, name: str, file: Path, field: str) -> npt.NDArray[Any]:
    flat = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    lengths = set(flat.value_lengths().to_pylist()) if len(flat) else {0}
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


def _columns_note(numbers: Sequence[str], names: Sequence[str]) -> str:
    left = [name for name in names if name not in numbers]
    ends = numbers[0] if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
    rest = f"; left out: {', '.join(left[:6])}" if left else ""
    return f"Columns taken: {len(numbers)} ({ends}){rest}."


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
        f"'{file}' {what}.", field=field, remedy="Give the path of a .npy or .parquet file."
    )


def _no_array(file: Path, field: str) -> RequestError:
    return RequestError(
        f"'{file}' is no .npy file of plain numbers.",
        field=field,
        remedy="Write one with numpy.save(path, array). Pickled objects are not read.",
    )
