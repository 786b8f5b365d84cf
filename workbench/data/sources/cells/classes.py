"""One column of classes of the columns of several tables: classes are matched by their names.

Tables may number their classes differently, or give names in one and numbers in another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from workbench.data.columns import clean_name, names_of
from workbench.data.listing import LabelColumn
from workbench.data.sources.cells.content import as_text, is_bytes
from workbench.data.sources.part import Part, plain
from workbench.errors import RequestError

# Whole numbers up to this are exact as fractions.
_EXACT = 2**53
_KINDS = {"bool": "true and false"}


@dataclass(frozen=True)
class _Piece:
    """The column of one table. values: of a plain type. classes: names of whole numbers."""

    table: str
    values: pa.ChunkedArray
    classes: tuple[str, ...] | None


def described(parts: Sequence[Part], name: str) -> LabelColumn:
    """The column ``name`` over all parts, null where a part has none."""
    pieces = [_piece(part, name) for part in parts]
    if any(piece.classes is not None for piece in pieces):
        return _by_name(name, pieces)
    try:
        return LabelColumn(
            name, _of_one_type([piece.values for piece in pieces]), notes=_types_note(name, pieces)
        )
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        kinds = ", ".join(sorted({str(piece.values.type) for piece in pieces}))
        return LabelColumn(name, _nothing(pieces), problem=f"holds values of types {kinds}")


def _piece(part: Part, name: str) -> _Piece:
    if name not in part.types:
        return _Piece(part.name, pa.chunked_array([pa.nulls(part.rows)]), None)
    values = part.column(name)
    if len(values) != part.rows:
        raise RequestError(
            f"'{part.name}' has {part.rows:,} rows, and {len(values):,} in column '{name}'.",
            field="--data",
            remedy="Write the file again.",
        )
    values = as_text(values)[0] if is_bytes(values.type) else plain(values)
    classes = part.classes.get(name)
    named = classes is not None and pa.types.is_integer(values.type)
    return _Piece(part.name, values, classes if named else None)


def _of_one_type(columns: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    """The columns as one: of their own type if they share it, as numbers if all are, else as
    names."""
    kinds = {column.type for column in columns if not pa.types.is_null(column.type)}
    if len(kinds) <= 1:
        common = next(iter(kinds), pa.null())
    elif all(pa.types.is_string(kind) or pa.types.is_large_string(kind) for kind in kinds):
        common = pa.large_string()
    elif all(pa.types.is_signed_integer(kind) for kind in kinds):
        common = pa.int64()
    elif all(map(_exact, columns)):
        common = pa.float64()
    else:
        chunks = [names_of(chunk) for column in columns for chunk in column.chunks]
        return pa.chunked_array([pc.cast(chunk, pa.large_string()) for chunk in chunks])
    return pa.chunked_array(
        [chunk for column in columns for chunk in pc.cast(column, common).chunks], type=common
    )


def _types_note(name: str, pieces: Sequence[_Piece]) -> tuple[str, ...]:
    """A note on tables that store a column in types that are not all numbers or all strings."""
    tables: dict[str, str] = {}
    for piece in pieces:
        kind = piece.values.type
        if not pa.types.is_null(kind):
            text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
            words = (
                "numbers"
                if _is_number(piece.values)
                else "text"
                if text
                else _KINDS.get(str(kind), str(kind))
            )
            tables.setdefault(words, piece.table)
    if len(tables) < 2:
        return ()
    where = ", ".join(f"{words} in '{table}'" for words, table in tables.items())
    return (f"Column '{name}' holds {where}; values are matched by their names.",)


def _exact(column: pa.ChunkedArray) -> bool:
    """Whether all values are numbers that a fraction of 64 bits holds exactly."""
    kind = column.type
    if pa.types.is_floating(kind) or pa.types.is_null(kind):
        return True
    if not pa.types.is_integer(kind):
        return False
    ends = pc.min_max(column).as_py()
    return ends["min"] is None or (ends["min"] >= -_EXACT and ends["max"] <= _EXACT)


def _by_name(name: str, pieces: Sequence[_Piece]) -> LabelColumn:
    """The column as positions among the class names of all pieces, in the order of the first."""
    cleaned = [tuple(map(clean_name, one.classes)) if one.classes else None for one in pieces]
    lists = [names for names in cleaned if names is not None]
    union = list(dict.fromkeys(one for names in lists for one in names))
    alike = all(names == tuple(union) for names in lists)
    place = {one: at for at, one in enumerate(union)}
    notes: list[str] = []
    if not alike:
        tables = [one.table for one, names in zip(pieces, cleaned, strict=True) if names]
        notes.append(
            f"The class names of '{name}' have another number in '{tables[-1]}' than in "
            f"'{tables[0]}'; classes are matched by name."
        )
    codes, outside = [], 0
    for piece, names in zip(pieces, cleaned, strict=True):
        numbered = names
        if names is None and alike and _positions(piece.values, union):
            numbered = tuple(union)
            notes.append(f"The numbers of '{name}' in '{piece.table}' count its class names.")
        if numbered is not None:
            table = np.array([place[one] for one in numbered] + [-1], np.int64)
            at = _numbers(piece.values)
            outside += int((at >= len(numbered)).sum())
            codes.append(table[np.where((at < 0) | (at >= len(numbered)), -1, at)])
            continue
        if _is_number(piece.values) and not _all_in(piece.values, place):
            return LabelColumn(name, _nothing(pieces), problem=_ambiguous(piece))
        codes.append(_placed(piece.values, place))
    if outside:
        notes.append(f"{outside:,} values of '{name}' are no numbers of classes, and are missing.")
    values = np.concatenate(codes)
    numbers = pa.array(values, mask=values < 0)
    return LabelColumn(name, pa.chunked_array([numbers]), tuple(place), notes=tuple(notes))


def _positions(values: pa.ChunkedArray, names: Sequence[str]) -> bool:
    """Whether numbers without names are positions among ``names``: all fit, and are no names."""
    if not _is_number(values) or set(_distinct(values)) <= set(names):
        return False
    ends = pc.min_max(values).as_py()
    return ends["min"] is not None and ends["min"] >= -1 and ends["max"] < len(names)


def _numbers(values: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    whole = pc.cast(values, pa.int64(), safe=False).fill_null(-1)
    return np.asarray(whole.to_numpy(), np.int64)


def _placed(values: pa.ChunkedArray, place: dict[str, int]) -> npt.NDArray[np.int64]:
    """Positions of names; a name that is not in ``place`` is added to it. -1 where missing."""
    if not len(values):
        return np.zeros(0, np.int64)
    names = pa.chunked_array([names_of(chunk) for chunk in values.chunks], type=None)
    encoded = names.dictionary_encode().unify_dictionaries()
    known = [place.setdefault(one, len(place)) for one in encoded.chunk(0).dictionary.to_pylist()]
    table = np.array([*known, -1], np.int64)
    at = [
        c.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
        for c in encoded.chunks
    ]
    return np.asarray(table[np.concatenate(at)], np.int64)


def _all_in(values: pa.ChunkedArray, place: dict[str, int]) -> bool:
    return set(_distinct(values)) <= set(place)


def _distinct(values: pa.ChunkedArray) -> list[str]:
    return [name for name in names_of(pc.unique(values)).to_pylist() if name is not None]


def _is_number(values: pa.ChunkedArray) -> bool:
    kind = values.type
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _ambiguous(piece: _Piece) -> str:
    return (
        f"holds names of classes in one file, and in '{piece.table}' numbers that count other names"
    )


def _nothing(pieces: Sequence[_Piece]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.nulls(sum(len(piece.values) for piece in pieces))])
