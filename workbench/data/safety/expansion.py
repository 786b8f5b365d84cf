"""Columns that store a value once for many rows, and how large they are when it is written out.

A dictionary, runs and views keep one long text for a million rows. Casting such a column to plain
strings writes the text a million times, so its size is computed before.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from workbench.data.safety import limits

# Bytes of a view: its length first, then the beginning of the text or where it lies.
_VIEW_FIELDS = 4


def check(values: pa.ChunkedArray) -> None:
    """Raise RequestError if ``values`` would take more bytes than a column may."""
    name, most = limits.unpacking(values.nbytes, "column_bytes")
    needed = sum(size(chunk) for chunk in values.chunks)
    if needed > most:
        raise limits.exceeded(name, f"a column would unpack to {needed:,} bytes", most=most)


def size(array: pa.Array) -> int:
    """Bytes of an array when each row has a value of its own."""
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        return size(array.storage)
    if pa.types.is_dictionary(kind):
        lengths = _lengths(array.dictionary)
        if lengths is None:
            return _width(kind.value_type) * len(array)
        codes = array.indices.drop_null().to_numpy(zero_copy_only=False)
        return int(lengths[codes].sum())
    if pa.types.is_run_end_encoded(kind):
        lengths = _lengths(array.values)
        runs = np.diff(np.asarray(array.run_ends), prepend=0).astype(np.int64)
        return int((runs * (_width(kind.value_type) if lengths is None else lengths)).sum())
    if _is_list(kind):
        return size(array.flatten())
    if pa.types.is_struct(kind):
        return sum(size(one) for one in array.flatten())
    lengths = _lengths(array)
    return int(array.nbytes) if lengths is None else int(lengths.sum())


def _lengths(values: pa.Array) -> npt.NDArray[np.int64] | None:
    """int64 (n,): bytes of each value, 0 for null; None for values of one width."""
    kind = values.type
    if pa.types.is_string_view(kind) or pa.types.is_binary_view(kind):
        fields = np.frombuffer(values.buffers()[1], np.int32).reshape(-1, _VIEW_FIELDS)
        return fields[values.offset : values.offset + len(values), 0].astype(np.int64)
    if not (
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
    ):
        return None
    lengths = pc.fill_null(pc.binary_length(values), 0)
    whole: npt.NDArray[np.int64] = lengths.to_numpy(zero_copy_only=False).astype(np.int64)
    return whole


def _width(kind: pa.DataType) -> int:
    try:
        return max(1, int(kind.bit_width) // 8)
    except ValueError:
        return 8


def _is_list(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )
