"""Label columns as class indices.

Spellings of one class are one class: white space around a name, the two Unicode forms of a letter,
``1`` and ``1.0``, ``true`` and ``1``. What was taken together is said in ``remarks``.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from workbench.data.listing import LabelColumn
from workbench.data.wording import quoted

# A column with more values than this holds names or numbers and no classes.
MOST_CLASSES = 2000
# Fractions are classes, such as half stars, if there are few of them and each is frequent.
_MOST_FRACTIONS, _SAMPLES_A_FRACTION = 100, 4
# Spellings are compared in columns with at most so many different values.
_MOST_COMPARED = 5 * MOST_CLASSES
# Whole numbers beyond this do not fit into 64 bits.
_LARGEST = 2.0**63
_MOST_NAMES = 3
_HEAD_ROWS, _SPELLINGS = 5000, 3
# No leading zeros: "01" and "1" may be two codes.
_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:\.\d+)?")
_WHOLE = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:\.0+)?")
_DIGITS = r"^-?[0-9]+$"
_NO_NUMBERS = ("nan", "inf", "infinity")
_TRUTH = {"true": "1", "false": "0"}


@dataclass(frozen=True)
class _Encoded:
    """codes: int64 (n,), position in names, -1 where the value is missing. names: strings.
    remarks: on values that were taken together or count as missing."""

    codes: npt.NDArray[np.int64]
    names: pa.Array
    remarks: tuple[str, ...] = ()


_CACHE: WeakKeyDictionary[LabelColumn, _Encoded | None] = WeakKeyDictionary()


def distinct(column: LabelColumn) -> int | None:
    """How many different values; None if the column cannot hold classes (dates, lists, bytes)."""
    if column.problem is None and column.classes is not None:
        return len(column.classes)
    encoded = _encoded(column)
    return None if encoded is None else len(encoded.names)


def may_be_few(column: LabelColumn, most: int) -> bool:
    """Whether a column may have at most ``most`` different values: the first rows have no more.

    Cheaper than ``distinct`` where values are many.
    """
    if column.classes is not None or column.problem is not None:
        return True
    head = column.values.slice(0, _HEAD_ROWS)
    # Spellings of one value may yet be taken together.
    return pa.types.is_null(head.type) or len(pc.unique(head)) <= _SPELLINGS * most


def coded(column: LabelColumn) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """int64 (n,) class indices (-1: missing), and the names of the classes.

    Classes are in the source's order if it names them, else sorted, by number where they are
    numbers. Raises TypeError if the column cannot hold classes (``distinct`` gives None).
    """
    if column.problem is None and column.classes is not None:
        codes = pc.cast(column.values, pa.int64()).fill_null(-1).to_numpy().astype(np.int64)
        valid = (codes >= 0) & (codes < len(column.classes))
        return np.where(valid, codes, -1), column.classes
    encoded = _encoded(column)
    if encoded is None:
        raise TypeError(f"column '{column.name}' {no_classes(column)}")
    names: list[str] = encoded.names.to_pylist()
    order = sorted(range(len(names)), key=lambda i: _sort_key(names[i]))
    rank = np.empty(len(names) + 1, np.int64)
    rank[order] = np.arange(len(names))
    rank[-1] = -1
    return rank[encoded.codes], tuple(names[i] for i in order)


def remarks(column: LabelColumn) -> tuple[str, ...]:
    """Sentences on values that were taken together or count as missing."""
    if column.problem is not None or column.classes is not None:
        return column.notes
    encoded = _encoded(column)
    return column.notes if encoded is None else (*column.notes, *encoded.remarks)


def no_classes(column: LabelColumn) -> str:
    """What a column holds that cannot be classes: words that follow its name."""
    kind = column.values.type
    if column.problem is not None:
        return column.problem
    if pa.types.is_temporal(kind):
        return f"holds dates or times ({kind})"
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return f"holds fractions ({kind}), {int(pc.count_distinct(column.values).as_py()):,} values"
    return f"is of type {kind}"


def names_of(values: pa.Array) -> pa.Array:
    """The values of an array as names of classes: strings, null where a value is missing.

    Whole numbers have no fraction, NaN and infinities are missing. Raises an error of pyarrow for
    types that have no text.
    """
    kind = values.type
    if pa.types.is_null(kind):
        return pa.nulls(len(values), pa.string())
    if pa.types.is_floating(kind):
        values = pc.cast(values, pa.float32()) if pa.types.is_float16(kind) else values
        values = pc.if_else(pc.is_finite(values), values, None)
        whole = pc.and_(pc.equal(pc.round(values), values), pc.less(pc.abs(values), _LARGEST))
        number = pc.cast(pc.if_else(whole, values, None), pa.int64(), safe=False)
        return pc.coalesce(pc.cast(number, pa.string()), pc.cast(values, pa.string()))
    if pa.types.is_decimal(kind):
        plain = [None if v is None else _plain_number(format(v, "f")) for v in values.to_pylist()]
        return pa.array(plain, pa.string())
    text = values if _is_text(kind) else pc.cast(values, pa.string())
    trimmed = pc.utf8_trim_whitespace(pc.utf8_normalize(text, "NFC"))
    return pc.if_else(pc.equal(trimmed, ""), None, trimmed)


def clean_name(name: str) -> str:
    """``name`` in the Unicode form NFC, without white space around it."""
    return unicodedata.normalize("NFC", name).strip()


def _encoded(column: LabelColumn) -> _Encoded | None:
    if column not in _CACHE:
        _CACHE[column] = None if column.problem is not None else _encode(column)
    return _CACHE[column]


def _encode(column: LabelColumn) -> _Encoded | None:
    values = column.values
    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = pc.cast(values, kind.value_type), kind.value_type
    if pa.types.is_float16(kind):
        # pyarrow compares and rounds no numbers of 16 bits.
        values = pc.cast(values, pa.float32())
    fractions = pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    if pa.types.is_null(kind) or not len(values):
        return _Encoded(np.full(len(values), -1, np.int64), pa.array([], pa.string()))
    if not (fractions or _is_text(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)):
        return None
    codes, dictionary = _dictionary(values)
    names = names_of(dictionary)
    if fractions:
        known = names.drop_null()
        whole = pc.all(pc.match_substring_regex(known, _DIGITS)).as_py() is not False
        frequent = len(known) * _SAMPLES_A_FRACTION <= int((codes >= 0).sum())
        if not whole and (len(known) > _MOST_FRACTIONS or not frequent):
            return None
    notes = _infinite(column.name, dictionary, codes)
    return _merged(column.name, codes, names, _is_text(kind), notes)


def _dictionary(values: pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], pa.Array]:
    """int64 (n,) positions among the different values, -1 for null, and these values."""
    encoded = values.dictionary_encode().unify_dictionaries()
    parts = [
        chunk.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
        for chunk in encoded.chunks
    ]
    return np.concatenate(parts), encoded.chunk(0).dictionary


def _infinite(name: str, dictionary: pa.Array, codes: npt.NDArray[np.int64]) -> tuple[str, ...]:
    """A sentence on infinite values, which are no classes."""
    if not pa.types.is_floating(dictionary.type):
        return ()
    endless = np.append(pc.is_inf(dictionary).to_numpy(zero_copy_only=False), False)
    count = int(endless[codes].sum())
    what = "value is" if count == 1 else "values are"
    note = f"{count:,} {what} infinite in column '{name}'; such count as missing."
    return (note,) if count else ()


def _merged(
    column: str,
    codes: npt.NDArray[np.int64],
    names: pa.Array,
    text: bool,
    notes: tuple[str, ...],
) -> _Encoded:
    """The codes after equal names, and then spellings of one class, were taken together.

    names: those of the codes, null for missing values. text: whether the values are strings.
    """
    codes, unique = _mapped(codes, names)
    if text:
        if len(unique) < len(names) - names.null_count:
            note = f"Names in '{column}' that differ in white space around them or in their "
            notes = (*notes, f"{note}Unicode form only are one class.")
        codes, unique, missing = _without_nan(column, codes, unique)
        notes = (*notes, *missing)
    if len(unique) > _MOST_COMPARED:
        return _Encoded(codes, unique, notes)
    before: list[str] = unique.to_pylist()
    spelled = _spelled_alike(before)
    if spelled is None:
        return _Encoded(codes, unique, (*notes, *_capitals(column, before)))
    codes, unique = _mapped(codes, pa.array(spelled, pa.string()))
    pairs = [f"'{old}' is '{new}'" for old, new in zip(before, spelled, strict=True) if old != new]
    more = ", ..." if len(pairs) > _MOST_NAMES else ""
    note = f"Spellings of one class in '{column}': {', '.join(pairs[:_MOST_NAMES])}{more}."
    return _Encoded(codes, unique, (*notes, note))


def _without_nan(
    column: str, codes: npt.NDArray[np.int64], names: pa.Array
) -> tuple[npt.NDArray[np.int64], pa.Array, tuple[str, ...]]:
    """The codes and names without the word NaN, and among numbers without infinite ones, which
    count as missing; and a note."""
    if len(names) > _MOST_COMPARED:
        return codes, names, ()
    listed: list[str] = names.to_pylist()
    odd = [name for name in listed if name.lower().lstrip("+-") in _NO_NUMBERS]
    rest = [name for name in listed if name not in odd]
    if not rest or not all(map(_NUMBER.fullmatch, rest)):
        odd = [name for name in odd if name in ("nan", "NaN")]
    if not odd:
        return codes, names, ()
    count = int(np.isin(codes, [listed.index(name) for name in odd]).sum())
    kept = pa.array([None if name in odd else name for name in listed], pa.string())
    note = f"{count:,} cells of column '{column}' say {quoted(odd, None)} and count as missing."
    return *_mapped(codes, kept), (note,)


def _capitals(column: str, names: list[str]) -> tuple[str, ...]:
    """A note on names that differ in capitals only: they may be meant as one class."""
    first: dict[str, str] = {}
    for name in names:
        other = first.setdefault(name.casefold(), name)
        if other != name:
            return (
                f"'{other}' and '{name}' are two classes of column '{column}': names that differ "
                "in capitals are not taken together.",
            )
    return ()


def _mapped(
    codes: npt.NDArray[np.int64], names: pa.Array
) -> tuple[npt.NDArray[np.int64], pa.Array]:
    """The codes with one number for equal ``names``, and the different names."""
    encoded = names.dictionary_encode()
    table = encoded.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    return np.append(table, -1)[codes], encoded.dictionary


def _spelled_alike(names: list[str]) -> list[str] | None:
    """One spelling for each of ``names``, None if no two of them are spellings of one class.

    Only where all values are of one kind: all numbers, or all true, false and whole numbers.
    """
    truth = [_TRUTH.get(name.lower()) for name in names]
    if not any(truth):
        if not all(_NUMBER.fullmatch(name) for name in names):
            return None
        spelled = [_plain_number(name) for name in names]
    elif all(truth):
        spelled = [name.lower() for name in names]
    elif all(t or _WHOLE.fullmatch(name) for t, name in zip(truth, names, strict=True)):
        spelled = [t or _plain_number(n) for t, n in zip(truth, names, strict=True)]
    else:
        return None
    mixed = any(truth) and not all(truth)
    return spelled if mixed or len(set(spelled)) < len(names) else None


def _plain_number(text: str) -> str:
    """A number without needless signs and zeros: 1.00 is 1, 0.50 is 0.5, -0 is 0."""
    number = text.removeprefix("+")
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return "0" if number == "-0" else number


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _sort_key(name: str) -> tuple[int, Any, str]:
    try:
        number = float(name)
    except ValueError:
        return (1, name, name)
    # Names such as "nan" have no place among the numbers.
    return (0, number, name) if math.isfinite(number) else (1, name, name)
