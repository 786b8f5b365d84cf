"""Embeddings from elsewhere, each row matched with its sample of a prepared data set.

``NAME=FILE`` is a table with a column ``id`` (names of samples in their source, as ``workbench
embed`` writes them: names of files inside a folder, table and row of a table) or ``row`` (positions
in the prepared data, as in ``predictions.parquet``); or it names no samples, and then their order
is assumed and checked (``external_order.py``). ``NAME@SPLIT=FILE`` is an array of one split in its
order; each further split is another file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from workbench.data.dataset import SPLITS, Dataset, SplitName
from workbench.data.safety import regular_files
from workbench.diagnostics.table import EmbeddingTable, read_embeddings
from workbench.errors import RequestError, unknown_name
from workbench.stored_runs.external_ids import positions
from workbench.stored_runs.external_order import in_assumed_order

FIELD = "--embeddings"
_LONGEST_NAME = 60
# Squares of larger and of smaller values are none in single precision.
_SMALLEST, _LARGEST = 1e-15, 1e15
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
        regular_files.check(file, FIELD)
        table = read_embeddings(file, f"{FIELD} {name}")
        parts_of.setdefault(name, []).append(_matched(table, data, name, split, file))
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
            parts.append(_in_order(EmbeddingTable(values), data, name, checked_split))
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


def _matched(
    table: EmbeddingTable, data: Dataset, name: str, split: SplitName | None, file: Path
) -> _Part:
    """``table`` with the sample of each row: by its ids, by its rows, or by its order."""
    if table.ids is None and table.rows is None:
        return _in_order(table, data, name, split)
    if split is not None:
        raise RequestError(
            f"'{file}' names its samples, so '@{split}' has no meaning.",
            field=f"{FIELD} {name}",
            remedy=f"Give {FIELD} {name}={file}.",
        )
    if table.ids is not None:
        return _by_ids(table, table.ids, data, name)
    rows = table.rows if table.rows is not None else np.empty(0, np.int64)
    unknown = rows[(rows < 0) | (rows >= data.info.total)]
    if len(unknown):
        raise _of_no_sample([str(row) for row in unknown.tolist()], len(rows), data, name)
    return _Part(rows, table.values, table.notes)


def _by_ids(table: EmbeddingTable, ids: Sequence[str], data: Dataset, name: str) -> _Part:
    """The rows of ``table`` whose ids are names of samples. As many others may be there as were
    left out when the data were prepared."""
    rows = positions(ids, data)
    known = rows >= 0
    unknown = [sample_id for sample_id, is_known in zip(ids, known, strict=True) if not is_known]
    if len(unknown) > sum(data.info.left_out.values()) or not known.any():
        raise _of_no_sample(unknown, len(ids), data, name)
    notes = table.notes
    if unknown:
        notes = (
            *notes,
            f"{len(unknown):,} of {len(ids):,} rows are of no prepared sample and are passed over: "
            f"{_few(unknown)}.",
        )
    return _Part(rows[known], table.values[known], notes)


def _few(names: Sequence[str]) -> str:
    more = ", ..." if len(names) > _NAMED else ""
    return ", ".join(repr(each[:40]) for each in names[:_NAMED]) + more


def _of_no_sample(unknown: Sequence[str], count: int, data: Dataset, name: str) -> RequestError:
    examples = ", ".join(f"'{sample_id[:40]}'" for sample_id in data.ids[:2])
    return RequestError(
        f"{len(unknown):,} of {count:,} rows are of no sample of '{data.info.name}': "
        f"{_few(unknown)}.",
        field=f"{FIELD} {name}",
        remedy=f"Leave them out, and name samples as workbench embed does ({examples}, ...).",
    )


def _in_order(table: EmbeddingTable, data: Dataset, name: str, split: SplitName | None) -> _Part:
    """All samples in the order that is assumed, or those of one split as they are prepared."""
    count, values, field = len(table.values), table.values, f"{FIELD} {name}"
    if split is None:
        ordered = in_assumed_order(values, data, field)
        if ordered is not None:
            return _Part(ordered.samples, values[ordered.taken], (*table.notes, *ordered.notes))
    part = slice(0, data.info.total) if split is None else data.rows(split)
    if count != part.stop - part.start:
        counts = ", ".join(f"{n:,} {which}" for which, n in data.info.counts.items())
        wanted = f"the {split} split has" if split else "the data set has"
        raise RequestError(
            f"there are {count:,} rows, but {wanted} {part.stop - part.start:,} samples.",
            field=field,
            remedy=f"Give all samples ({counts}), one split as {name}@SPLIT, or a table with ids.",
        )
    return _Part(np.arange(part.start, part.stop, dtype=np.int64), values, table.notes)


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
    values, scale_notes = _single([part.values for part in parts], name)
    notes = [*(note for part in parts for note in part.notes), *scale_notes]
    missing = data.info.total - len(rows)
    if missing:
        notes.append(f"{missing:,} of {data.info.total:,} samples have no embedding here.")
    return External(name, rows, values[order], tuple(dict.fromkeys(notes)))


def _single(
    parts: Sequence[npt.NDArray[Any]], name: str
) -> tuple[npt.NDArray[np.float32], tuple[str, ...]]:
    """``parts`` together as float32, divided by a number where they do not fit into it; notes.

    Raises RequestError if most rows would become zeros by that.
    """
    largest = max(float(np.abs(np.asarray(part, np.float64)).max(initial=0.0)) for part in parts)
    if largest == 0 or _SMALLEST <= largest <= _LARGEST:
        return np.concatenate([np.asarray(part, np.float32) for part in parts]), ()
    whole = np.concatenate([np.asarray(part, np.float64) for part in parts])
    values: npt.NDArray[np.float32] = (whole / largest).astype(np.float32)
    lost = int(((values == 0).all(axis=1) & (whole != 0).any(axis=1)).sum())
    if lost:
        huge = int((np.abs(whole).max(axis=1) > _LARGEST).sum())
        raise RequestError(
            f"{huge:,} of {len(whole):,} rows hold values up to {largest:.0e}, and beside them "
            f"{lost:,} others are nothing.",
            field=f"{FIELD} {name}",
            remedy="Remove or mend these rows.",
        )
    return values, (f"Values reach {largest:.0e}: all were divided by that, as scores allow.",)
