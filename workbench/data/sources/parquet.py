"""Parquet: one file, or a folder of train, validation and test files, as `datasets` writes them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.config import DataConfig
from workbench.data.listing import Hints, Listing
from workbench.data.sources import table
from workbench.data.sources.base import Source
from workbench.data.sources.naming import in_order, split_of
from workbench.data.sources.part import Part
from workbench.errors import RequestError

_BATCH = 256


class ParquetSource(Source):
    """paths: the files, all of one data set. card: a card.json with title and roles of columns."""

    kind: ClassVar[str] = "Parquet"

    def __init__(self, name: str, paths: list[Path], card: Path | None = None):
        super().__init__(name)
        self.paths = sorted(paths, key=in_order)
        self.card = card

    def files(self, config: DataConfig) -> list[tuple[str, Path]]:
        files = [(path.name, path) for path in self.paths]
        if self.card is not None:
            files.append((self.card.name, self.card))
        return files + table.named_files(self._parts(), config, self.within)

    def listing(self, config: DataConfig) -> Listing:
        hints = read_card(self.card)
        return table.listing(self._parts(), config, hints=hints, within=[self.within])

    def tables(self, most: int) -> list[Part]:
        return self._parts()

    def _parts(self) -> list[Part]:
        return [_part(path) for path in self.paths]


def read_card(path: Path | None) -> Hints:
    """The hints of a card.json: title, label, group and factors. Raises RequestError if broken."""
    if path is None:
        return Hints()
    try:
        card = json.loads(path.read_text("utf-8"))
        return Hints(card["label"], card.get("group"), tuple(card["factors"]), card["title"])
    except (ValueError, KeyError, TypeError) as error:
        raise RequestError(
            f"{path.name} cannot be read ({error!r}).",
            field="--data",
            remedy="It needs title, label and factors; or remove it.",
        ) from error


def classes_of(features: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Class names of the ClassLabel columns in a `datasets` description of features."""
    return {
        name: tuple(feature["names"])
        for name, feature in features.items()
        if isinstance(feature, Mapping) and feature.get("_type") == "ClassLabel"
    }


def _part(path: Path) -> Part:
    try:
        with pq.ParquetFile(path) as file:
            rows, schema = file.metadata.num_rows, file.schema_arrow
    except pa.ArrowInvalid as error:
        raise RequestError(
            f"'{path.name}' is not a Parquet file.",
            field="--data",
            remedy="Write it again, or remove it.",
        ) from error
    described = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
    return Part(
        split=split_of(path.stem),
        name=path.stem,
        rows=rows,
        types={f.name: f.type for f in schema},
        column=lambda name: pq.read_table(path, columns=[name])[name],
        cells=partial(_cells, path),
        classes=classes_of(described.get("info", {}).get("features", {})),
        base=path.parent,
    )


def _cells(path: Path, column: str, wanted: npt.NDArray[np.int64]) -> Iterator[Any]:
    with pq.ParquetFile(path) as file:
        start = 0
        for group in range(file.num_row_groups):
            stop = start + file.metadata.row_group(group).num_rows
            if ((wanted >= start) & (wanted < stop)).any():
                for batch in file.iter_batches(_BATCH, row_groups=[group], columns=[column]):
                    inside = wanted[(wanted >= start) & (wanted < start + len(batch))] - start
                    yield from batch.column(0).take(pa.array(inside)).to_pylist()
                    start += len(batch)
            start = stop
