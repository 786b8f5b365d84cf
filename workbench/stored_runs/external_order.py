"""The order of embeddings from elsewhere that name no samples: which one is assumed, and a check.

Prepared data are in the order train, validation, test. Where splits were made here, whoever has
embedded the source itself has its order, and nothing in the file tells the two apart. So both are
tried on training and validation samples, beside a shuffled order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.data.dataset import Dataset
from workbench.errors import RequestError
from workbench.evaluation import knn
from workbench.evaluation.pixels import raw_input
from workbench.maps.agreement import agreement
from workbench.maps.word_counts import word_rows
from workbench.stored_runs.external_ids import row_numbers, source_order

Rows = npt.NDArray[np.int64]

_PREPARED, _SOURCE = "train, validation, test, as prepared", "that of the source"
_SURE = "Give a table with a column 'id' to be sure."
_MOST_CHECKED = 1000
_FEWEST_CHECKED = 10
# A difference of fewer standard errors may be chance.
_CLEAR = 3.0


@dataclass(frozen=True)
class Ordered:
    """taken: rows of the file that are samples, all for most; samples: the position in the prepared
    data of each of them. notes: what was assumed, and how it was checked."""

    taken: Rows
    samples: Rows
    notes: tuple[str, ...] = ()


def in_assumed_order(values: npt.NDArray[Any], data: Dataset, field: str) -> Ordered | None:
    """The samples of ``values`` (n, d), which name none; None if there are as many rows neither in
    the prepared data nor in their source.

    Raises RequestError if the order matters and there is nothing to check it with.
    """
    count, total = len(values), data.info.total
    every = np.arange(count, dtype=np.int64)
    if count != total:
        return _rows_of_source(count, data)
    order = source_order(data.ids)
    if (order == every).all():
        return Ordered(every, every)
    known = _Known.of(data)
    if known is None:
        raise RequestError(
            "its rows have no ids, and the source has another order than the prepared data. There "
            "are too few samples to check which one is meant.",
            field=field,
            remedy="Give a table with a column 'id', as workbench embed writes.",
        )
    place = np.empty_like(order)
    place[order] = every
    shuffled = np.random.default_rng(0).permutation(count)
    prepared, source, chance = (
        known.share(values[at[known.rows]]) for at in (every, place, shuffled)
    )
    n = len(known.rows)
    by_source = source > prepared and _clear(source, prepared, n) and _clear(source, chance, n)
    note = "Its rows have no ids. Assumed order: " + (
        f"{_SOURCE} ({known.measure} {source:.2f}; as prepared {prepared:.2f}, "
        if by_source
        else f"{_PREPARED} ({known.measure} {prepared:.2f}; in that of the source {source:.2f}, "
    )
    note += f"shuffled {chance:.2f})."
    if not by_source and not _clear(prepared, chance, n):
        note += f" It is probably wrong. {_SURE}"
    elif not by_source and not _clear(prepared, source, n):
        note += f" Both orders are possible. {_SURE}"
    return Ordered(every, order if by_source else every, (note,))


def _rows_of_source(count: int, data: Dataset) -> Ordered | None:
    """The samples of a file with as many rows as the source, where preparing left some out."""
    numbers = row_numbers(data.ids) if data.info.unit == "rows" else None
    if numbers is None or count != data.info.found or numbers.max() >= count:
        return None
    note = (
        f"It has as many rows as the source, so row 1 is row 1 there; {count - len(numbers):,} "
        "that preparing left out are passed over."
    )
    return Ordered(numbers, np.arange(len(numbers), dtype=np.int64), (note,))


@dataclass(frozen=True)
class _Known:
    """What is known of training and validation samples besides the embeddings.

    rows: their positions. labels: of each, None where there are none; features (n, d) in their
    place: pixels or words, else of no columns.
    """

    rows: Rows
    labels: Rows | None
    features: npt.NDArray[Any]

    @classmethod
    def of(cls, data: Dataset) -> _Known | None:
        """None if there are too few samples, or nothing is known of them."""
        pool = np.arange(data.rows("test").start, dtype=np.int64)
        label = data.info.label
        column = None if label is None else data.target(label.name)
        if column is not None:
            pool = pool[column[pool] >= 0]
            if len(np.unique(column[pool])) < 2:
                pool, column = np.arange(data.rows("test").start, dtype=np.int64), None
        if len(pool) < _FEWEST_CHECKED or (column is None and not data.has_samples):
            return None
        rows = np.sort(np.random.default_rng(0).permutation(pool)[:_MOST_CHECKED])
        if column is not None:
            return cls(rows, column[rows], np.empty((len(rows), 0)))
        if data.info.modality == "image":
            return cls(rows, None, raw_input(data.images, rows))
        return cls(rows, None, word_rows([data.texts[row] for row in rows.tolist()]))

    @property
    def measure(self) -> str:
        if self.labels is not None:
            return "kNN accuracy"
        return "neighbours in common with pixels or words"

    def share(self, values: npt.NDArray[Any]) -> float:
        """How well ``values`` (n, d) of the samples go with what is known, in [0, 1]."""
        if self.labels is not None:
            return knn.agreement(values, self.labels) or 0.0
        return agreement(values, self.rows, self.features, self.rows, metric="cosine").mean


def _clear(a: float, b: float, n: int) -> bool:
    """Whether ``a`` is above ``b`` by more than chance, as shares of n samples."""
    error = np.sqrt((a * (1 - a) + b * (1 - b) + 1 / n) / n)
    return a - b > _CLEAR * float(error)
