"""Label columns as class indices."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from workbench.data.listing import LabelColumn

# A column with more values than this holds names or numbers and no classes.
MOST_CLASSES = 2000


def distinct(column: LabelColumn) -> int | None:
    """How many different values; None if the type cannot hold classes (lists, bytes)."""
    if column.classes is not None:
        return len(column.classes)
    values = _plain(column.values)
    return None if values is None else int(pc.count_distinct(values).as_py())


def coded(column: LabelColumn) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """int64 (n,) class indices (-1: missing), and the names of the classes.

    Classes are in the source's order if it names them, else sorted, by number where they are
    numbers. Raises TypeError if the column cannot hold classes (``distinct`` gives None).
    """
    if column.classes is not None:
        codes = pc.cast(column.values, pa.int64()).fill_null(-1).to_numpy().astype(np.int64)
        valid = (codes >= 0) & (codes < len(column.classes))
        return np.where(valid, codes, -1), column.classes
    values = _plain(column.values)
    if values is None:
        raise TypeError(f"column '{column.name}' of type {column.values.type} holds no classes")
    encoded = values.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0)
    names = [str(name) for name in encoded.dictionary.to_pylist()]
    order = sorted(range(len(names)), key=lambda i: _sort_key(names[i]))
    rank = np.empty(len(names) + 1, np.int64)
    rank[order] = np.arange(len(names))
    rank[-1] = -1
    codes = encoded.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    return rank[codes], tuple(names[i] for i in order)


def _plain(values: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """The values as strings or integers, empty strings as missing; None for other types."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return _plain(pc.cast(values, kind.value_type))
    if pa.types.is_null(kind) or pa.types.is_integer(kind):
        return values
    if pa.types.is_boolean(kind):
        return pc.cast(values, pa.string())
    if pa.types.is_floating(kind):
        # pandas writes a column of integers with gaps as fractions.
        values = pc.if_else(pc.is_nan(values), None, values)
        whole = pc.all(pc.equal(pc.round(values), values)).as_py()
        return pc.cast(values, pa.int64(), safe=False) if whole is not False else None
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        trimmed = pc.utf8_trim_whitespace(values)
        return pc.if_else(pc.equal(trimmed, ""), None, trimmed)
    return None


def _sort_key(name: str) -> tuple[int, Any, str]:
    try:
        return (0, float(name), name)
    except ValueError:
        return (1, name, name)
