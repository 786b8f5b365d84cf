"""A folder written by `datasets` with ``save_to_disk``: one data set, or one for each split."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from workbench.config import DataConfig
from workbench.data.account import Account
from workbench.data.listing import Hints, Listing
from workbench.data.safety import limits, regular_files
from workbench.data.sources import confine, table
from workbench.data.sources.base import Source
from workbench.data.sources.foreign_errors import first_line
from workbench.data.sources.naming import is_unlabeled, split_of
from workbench.data.sources.part import Part, plain
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
        own = [
            (p.relative_to(self.path).as_posix(), p)
            for p in files
            if not p.name.startswith("cache-")
        ]
        return own + table.named_files(self.tables(0), config, self.within)

    def listing(self, config: DataConfig) -> Listing:
        parts, account, notes = tables_of(self._loaded(), self.path)
        return table.listing(
            parts, config, hints=Hints(), notes=notes, within=[self.within], account=account
        )

    def tables(self, most: int) -> list[Part]:
        return tables_of(self._loaded(), self.path)[0]

    def _loaded(self) -> Any:
        """The Dataset or DatasetDict. Raises RequestError."""
        import datasets

        for name in _named_files(self.path):
            regular_files.check(name)
            confine.inside(name, self.within)
        try:
            loaded = datasets.load_from_disk(str(self.path))
            tables = loaded.values() if isinstance(loaded, datasets.DatasetDict) else [loaded]
            for one in tables:
                limits.check("rows", len(one), f"'{self.path.name}' has {len(one):,} rows")
                # Arrow maps the file into memory and trusts its offsets.
                one.data.table.validate(full=True)
        except RequestError:
            raise
        # datasets raises whatever a damaged description makes it raise.
        except Exception as error:
            # Words of Arrow and of the system help; those of Python's own errors do not.
            plain_words = isinstance(error, (pa.ArrowException, OSError))
            reason = first_line(error) if plain_words else "its description is damaged"
            raise RequestError(
                f"'{self.path.name}' cannot be read as a saved data set ({reason}).",
                field="--data",
                remedy="Save it again with save_to_disk.",
            ) from error
        for file in (file for one in tables for file in one.cache_files):
            confine.inside(Path(file["filename"]), self.within)
        return loaded


def _named_files(folder: Path) -> list[Path]:
    """The files that the descriptions below ``folder`` name, and all others that are no folders.
    ``datasets`` opens them, and a pipe among them waits for ever."""
    files = [path for path in folder.rglob("*") if not path.is_dir()]
    for state in [path for path in files if path.name == "state.json" and path.is_file()]:
        try:
            listed = json.loads(state.read_bytes())["_data_files"]
            files += [state.parent / str(one["filename"]) for one in listed]
        except (ValueError, KeyError, TypeError, RecursionError):
            # datasets refuses the description in words of its own.
            continue
    return files


def tables_of(loaded: Any, base: Path | None = None) -> tuple[list[Part], Account, tuple[str, ...]]:
    """The tables of a `datasets` Dataset or DatasetDict, the account of all its rows, and notes.

    base: the folder that names of files in cells are relative to.
    """
    import datasets

    if not isinstance(loaded, datasets.DatasetDict):
        part = _part(str(loaded.split or "train"), loaded, base, split=False)
        return [part], Account(part.rows), ()
    rows = {str(name): len(one) for name, one in loaded.items()}
    account = Account(sum(rows.values()))
    splits = [name for name in rows if split_of(name) is not None]
    for name in rows if splits else ():
        if name not in splits:
            account = account.without(f"in the split '{name}'", rows[name])
    notes = tuple(
        f"Split '{name}' ({rows[name]:,} rows) has no labels; it belongs to training."
        for name in splits
        if is_unlabeled(name)
    )
    parts = [_part(name, loaded[name], base) for name in splits or rows]
    return parts, account, notes


def _part(name: str, data: Any, base: Path | None, *, split: bool = True) -> Part:
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
        base=base,
        embeds=partial(_embeds, raw),
        lengths=lambda column: pc.list_value_length(plain(_column(raw, column))),
    )


def _embeds(raw: Any, name: str) -> bool:
    """Whether no cell of a column of records lacks its bytes."""
    kind = raw.features.arrow_schema.field(name).type
    if not pa.types.is_struct(kind) or kind.get_field_index("bytes") < 0:
        return False
    chunks = _column(raw, name).chunks
    return all(pc.struct_field(chunk, "bytes").null_count == 0 for chunk in chunks)


def _column(raw: Any, name: str) -> pa.ChunkedArray:
    return raw.select_columns([name])[:][name]


def _cells(raw: Any, name: str, wanted: npt.NDArray[np.int64]) -> Iterator[Any]:
    only = raw.select_columns([name])
    for at in range(0, len(wanted), _BATCH):
        rows: Sequence[int] = wanted[at : at + _BATCH].tolist()
        yield from only[rows][name].to_pylist()
