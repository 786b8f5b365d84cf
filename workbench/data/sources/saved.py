"""A folder written by `datasets` with ``save_to_disk``: one data set, or one for each split."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from workbench.config import DataConfig
from workbench.data.listing import Hints, Listing
from workbench.data.sources import confine, table
from workbench.data.sources.base import Source
from workbench.data.sources.naming import split_of
from workbench.data.sources.part import Part
from workbench.errors import RequestError

_BATCH = 256


def is_saved(path: Path) -> bool:
    """Whether ``path`` was written by ``save_to_disk``."""
    return any((path / name).is_file() for name in ("dataset_dict.json", "state.json"))


class SavedSource(Source):
    """See the module's docstring."""

    kind: ClassVar[str] = "saved datasets folder"

    def __init__(self, path: Path):
        super().__init__(path.resolve().name)
        self.path = path

    def files(self, config: DataConfig) -> list[tuple[str, Path]]:
        # `datasets` writes cache files into the folder when a data set is used.
        files = (p for p in sorted(self.path.rglob("*")) if p.is_file())
        return [
            (p.relative_to(self.path).as_posix(), p)
            for p in files
            if not p.name.startswith("cache-")
        ]

    def listing(self, config: DataConfig) -> Listing:
        return table.listing(self.tables(0), config, hints=Hints(), within=[self.within])

    def tables(self, most: int) -> list[Part]:
        import datasets

        try:
            loaded = datasets.load_from_disk(str(self.path))
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowInvalid) as error:
            raise RequestError(
                f"'{self.path}' cannot be read as a saved data set ({error}).",
                field="--data",
                remedy="Save it again with save_to_disk.",
            ) from error
        tables = loaded.values() if isinstance(loaded, datasets.DatasetDict) else [loaded]
        for file in (file for one in tables for file in one.cache_files):
            confine.inside(Path(file["filename"]), self.within)
        return parts_of(loaded)


def parts_of(loaded: Any) -> list[Part]:
    """The tables of a `datasets` Dataset or DatasetDict."""
    import datasets

    if isinstance(loaded, datasets.DatasetDict):
        named = {name: split_of(str(name)) for name in loaded}
        splits = [name for name, split in named.items() if split is not None]
        # Other splits, such as "unsupervised", are left out.
        return [_part(str(name), loaded[name]) for name in splits or loaded]
    return [_part(str(loaded.split or "train"), loaded, split=False)]


def _part(name: str, data: Any, *, split: bool = True) -> Part:
    import datasets

    classes = {
        column: tuple(feature.names)
        for column, feature in data.features.items()
        if isinstance(feature, datasets.ClassLabel)
    }
    raw = data.with_format("arrow")
    for column, feature in data.features.items():
        if isinstance(feature, datasets.Image):
            raw = raw.cast_column(column, datasets.Image(decode=False))
    return Part(
        split=split_of(name) if split else None,
        name=name,
        rows=len(data),
        types={field.name: field.type for field in raw.features.arrow_schema},
        column=partial(_column, raw),
        cells=partial(_cells, raw),
        classes=classes,
    )


def _column(raw: Any, name: str) -> pa.ChunkedArray:
    return raw.select_columns([name])[:][name]


def _cells(raw: Any, name: str, wanted: npt.NDArray[np.int64]) -> Iterator[Any]:
    only = raw.select_columns([name])
    for at in range(0, len(wanted), _BATCH):
        rows: Sequence[int] = wanted[at : at + _BATCH].tolist()
        yield from only[rows][name].to_pylist()
