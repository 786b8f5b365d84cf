"""Embeddings from elsewhere, each row matched with its sample of a prepared data set.

``NAME=FILE`` is a Parquet table with a column ``id`` (names of samples as ``workbench embed``
writes them: file names inside an image folder) or ``row`` (positions in the prepared data, as in
``predictions.parquet``); or a .npy array of all samples in the order train, validation, test.
``NAME@SPLIT=FILE`` is an array of one split in its order; each further split is another file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from workbench.data.dataset import SPLITS, Dataset, SplitName
from workbench.diagnostics.table import EmbeddingTable, read_embeddings
from workbench.errors import RequestError, unknown_name

FIELD = "--embeddings"
_LONGEST_NAME = 60
_NAMED = 3

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class External:
    """Embeddings with a name. rows: int64 (n,), positions in the data set's cache, ascending, none
    twice; values: float32 (n, d); notes: what was decided on reading, and what is missing."""

    name: str
    rows: Rows
    values: npt.NDArray[np.float32]
    notes: tuple[str, ...] = ()


class _Part(NamedTuple):
    """What one file or array gives of one name: rows as in ``External``, in any order."""

    rows: Rows
    values: npt.NDArray[Any]
    notes: tuple[str, ...]


def read_files(specs: Sequence[str], data: Dataset) -> list[External]:
    """One ``External`` for each name, in the order in which the names first appear.

    specs: ``NAME=FILE`` or ``NAME@SPLIT=FILE``. Raises RequestError for a file that cannot be read,
    NaN or Inf, fewer than two rows, ids that are unknown or come twice, a number of rows other than
    that of samples, and files of one name with different widths.
    """
    parts_of: dict[str, list[_Part]] = {}
    for spec in specs:
        name, split, file = _parse(spec)
        table = read_embeddings(file, f"{FIELD} {name}")
        rows = _rows_of(table, data, name, split, file)
        parts_of.setdefault(name, []).append(_Part(rows, table.values, table.notes))
    return [_join(name, parts, data) for name, parts in parts_of.items()]


def of_arrays(
    arrays: Mapping[str, npt.NDArray[Any] | Mapping[str, npt.NDArray[Any]]], data: Dataset
) -> list[External]:
    """As ``read_files``, from arrays by name: (n, d) of all samples, or such arrays by split."""
    out = []
    for name, value in arrays.items():
        by_split = value if isinstance(value, Mapping) else {None: value}
        parts = []
        for split, array in by_split.items():
            values = np.asarray(array)
            if values.ndim != 2 or values.dtype.kind not in "fiu":
                raise RequestError(
                    f"the array has shape {values.shape} and type {values.dtype}.",
                    field=name,
                    remedy="Give a two-dimensional array of real numbers, one embedding a row.",
                )
            bad = int((~np.isfinite(values)).any(axis=1).sum())
            if bad:
                raise RequestError(
                    f"{bad} of {len(values)} rows hold NaN or Inf.",
                    field=name,
                    remedy="Remove or mend these rows.",
                )
            checked_split = None if split is None else _split(str(split), name)
            rows = _rows_in_order(len(values), data, name, checked_split)
            parts.append(_Part(rows, values, ()))
        out.append(_join(name, parts, data))
    return out


def _parse(spec: str) -> tuple[str, SplitName | None, Path]:
    target, equals, file = spec.partition("=")
    name, at, split = target.strip().partition("@")
    if not equals or not name or not file or len(name) > _LONGEST_NAME:
        raise RequestError(
            f"'{spec[:80]}' is not NAME=FILE.",
            field=FIELD,
            remedy="Give --embeddings mine=h.parquet, or mine@test=h.npy for one split.",
        )
    return name, _split(split, name) if at else None, Path(file).expanduser()


def _split(text: str, name: str) -> SplitName:
    for split in SPLITS:
        if text == split:
            return split
    raise unknown_name("split", text[:30], SPLITS, field=f"{FIELD} {name}")


def _rows_of(
    table: EmbeddingTable, data: Dataset, name: str, split: SplitName | None, file: Path
) -> Rows:
    """The sample of each row of ``table``: by its ids, by its rows, or by its order."""
    if table.ids is None and table.rows is None:
        return _rows_in_order(len(table.values), data, name, split)
    if split is not None:
        raise RequestError(
            f"'{file}' names its samples, so '@{split}' has no meaning.",
            field=f"{FIELD} {name}",
            remedy=f"Give {FIELD} {name}={file}.",
        )
    if table.rows is not None:
        rows = table.rows
        unknown = [str(row) for row in rows[(rows < 0) | (rows >= data.info.total)]]
    else:
        row_of = {sample_id: row for row, sample_id in enumerate(data.ids)}
        ids = table.ids or ()
        unknown = [sample_id for sample_id in ids if sample_id not in row_of]
        rows = np.array([row_of.get(sample_id, -1) for sample_id in ids], np.int64)
    if unknown:
        examples = ", ".join(f"'{sample_id[:40]}'" for sample_id in data.ids[:2])
        raise RequestError(
            f"{len(unknown)} of {len(rows)} rows are of no sample of '{data.info.name}': "
            f"{', '.join(repr(each[:40]) for each in unknown[:_NAMED])}.",
            field=f"{FIELD} {name}",
            remedy=f"Leave them out, and name samples as workbench embed does ({examples}, ...).",
        )
    return rows


def _rows_in_order(count: int, data: Dataset, name: str, split: SplitName | None) -> Rows:
    """All samples, or those of one split, in the order in which they are prepared."""
    part = slice(0, data.info.total) if split is None else data.rows(split)
    if count != part.stop - part.start:
        counts = ", ".join(f"{n:,} {which}" for which, n in data.info.counts.items())
        wanted = f"the {split} split has" if split else "the data set has"
        raise RequestError(
            f"there are {count:,} rows, but {wanted} {part.stop - part.start:,} samples.",
            field=f"{FIELD} {name}",
            remedy=f"Give all samples ({counts}), one split as {name}@SPLIT, or a table with ids.",
        )
    return np.arange(part.start, part.stop, dtype=np.int64)


def _join(name: str, parts: Sequence[_Part], data: Dataset) -> External:
    widths = sorted({part.values.shape[1] for part in parts})
    if len(widths) > 1 or widths[0] < 1:
        raise RequestError(
            f"the files have {' and '.join(map(str, widths))} columns.",
            field=f"{FIELD} {name}",
            remedy="Give embeddings of one encoder under one name.",
        )
    rows = np.concatenate([part.rows for part in parts])
    if len(rows) < 2:
        raise RequestError(
            f"{len(rows)} of its rows are samples of these data: too few to be judged.",
            field=f"{FIELD} {name}",
            remedy="Give at least two.",
        )
    order = np.argsort(rows, kind="stable")
    rows = rows[order]
    twice = rows[1:][rows[1:] == rows[:-1]]
    if len(twice):
        raise RequestError(
            f"{len(twice)} samples come more than once, such as '{data.ids[int(twice[0])][:60]}'.",
            field=f"{FIELD} {name}",
            remedy="Give one embedding a sample.",
        )
    values = np.concatenate([np.asarray(part.values, np.float32) for part in parts])[order]
    if not np.isfinite(values).all():
        raise RequestError(
            "some values are too large for 32 bits.", field=f"{FIELD} {name}", remedy="Scale them."
        )
    notes = [note for part in parts for note in part.notes]
    missing = data.info.total - len(rows)
    if missing:
        notes.append(f"{missing:,} of {data.info.total:,} samples have no embedding here.")
    return External(name, rows, values, tuple(dict.fromkeys(notes)))
