"""The tables of a folder that are read as one data set, and the splits in their names.

Beside files that are called after splits, others ("README.csv", "notes.csv") are left out and named
in a note. Where no file is for training, the others with the same columns are taken for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.config import DataConfig
from workbench.data.listing import printable
from workbench.data.sources.base import Source
from workbench.data.sources.file_kinds import TABLE_SUFFIXES
from workbench.data.sources.naming import file_splits, splits_of
from workbench.data.wording import quoted
from workbench.errors import RequestError

# Files beside tables that describe them.
_DESCRIPTIONS = frozenset(
    (
        "card.json", "dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json",
        "package.json", "config.json", "croissant.json", "dataset-metadata.json",
    )
)  # fmt: skip
# The folder of which the tables are read if a folder itself has none.
_BELOW = "data"
# Fewer images than this beside tables may be there for show.
FEW = 10
# Tables beside images are looked into if they are few and no larger than this.
_MOST_LOOKED_AT, _LARGEST_LOOKED_AT = 3, 32 * 2**20


@dataclass(frozen=True)
class TableFiles:
    """The tables to read as one data set. notes: the files that are left out, by name."""

    paths: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def of_folder(folder: Path) -> list[Path]:
    """The tables in a folder, else those in its folder "data", else those in folders of splits."""
    for place in (folder, folder / _BELOW):
        files = _tables(place)
        if files:
            return files
    below = {entry.name: entry for entry in folder.iterdir() if entry.is_dir()}
    return [file for name in sorted(splits_of(below)) for file in _tables(below[name])]


def _tables(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in TABLE_SUFFIXES
        and not path.name.startswith(".")
        and path.name.lower() not in _DESCRIPTIONS
        and path.is_file()
    )


def choose(files: Sequence[Path], config: DataConfig) -> TableFiles:
    """Which of the tables ``files`` are one data set. Files of one name in two formats are read
    once; a Parquet file is read before others."""
    files, copies = _one_format(files)
    splits = file_splits(files) if config.split != "none" else {}
    by_name = _named(files) if splits else []
    others = [path for path in files if path not in by_name]
    if not by_name or not others:
        largest = sorted(files, key=lambda path: path.stat().st_size)[-1:]
        alike, left = _alike(files, by_name or largest)
        return _chosen(alike, [*left, *copies])
    if "train" in {splits[path] for path in by_name}:
        return _chosen(by_name, [*others, *copies])
    alike, left = _alike(others, by_name)
    notes: tuple[str, ...] = ()
    if alike:
        names = quoted([printable(path.name) for path in alike])
        notes = (f"There is no training file; used for training: {names}.",)
    return _chosen([*by_name, *alike], [*left, *copies], notes)


def _named(files: Sequence[Path]) -> list[Path]:
    """The files whose own names, or those of their folders, are splits."""
    stems = splits_of([path.stem for path in files])
    if stems:
        return [path for path in files if path.stem in stems]
    if len({path.parent for path in files}) < 2:
        return []
    folders = splits_of({path.parent.name for path in files})
    return [path for path in files if path.parent.name in folders]


def _chosen(paths: Sequence[Path], left: Sequence[Path], notes: tuple[str, ...] = ()) -> TableFiles:
    if left:
        names = quoted([printable(path.name) for path in left])
        notes = (*notes, f"Tables in the folder that were not read: {names}.")
    return TableFiles(tuple(paths), notes)


def _one_format(files: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """The files of one reader, and the others: Parquet before CSV and JSONL; of one stem once."""
    parquet = [path for path in files if path.suffix.lower() == ".parquet"]
    if parquet:
        return parquet, [path for path in files if path not in parquet]
    stems = Counter((path.parent, path.stem) for path in files)
    if max(stems.values(), default=0) < 2:
        return list(files), []
    # train.csv and train.jsonl: the format with the most files.
    suffixes = Counter(path.suffix.lower() for path in files)
    most = max(suffixes, key=lambda suffix: suffixes[suffix])
    kept = [
        path for path in files if path.suffix.lower() == most or path.with_suffix(most) not in files
    ]
    return kept, [path for path in files if path not in kept]


def _alike(files: Sequence[Path], models: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """The files that share a column with the first of ``models``, and the others."""
    if len(files) < 2 and list(files) == list(models):
        return list(files), []
    wanted = _columns(models[0])
    alike = [p for p in files if p in models or not wanted or wanted & _columns(p)]
    return alike, [path for path in files if path not in alike]


def _columns(path: Path) -> set[str]:
    """The names of the columns of a table, none if it cannot be read."""
    try:
        return {name for part in source_of(path.stem, (path,)).tables(1) for name in part.types}
    except RequestError:
        return set()


def source_of(
    name: str, paths: Sequence[Path], card: Path | None = None, notes: tuple[str, ...] = ()
) -> Source:
    """The source of some tables of one format. card: a card.json beside Parquet files."""
    from workbench.data.sources.parquet import ParquetSource
    from workbench.data.sources.rows import RowsSource

    parquet = paths[0].suffix.lower() == ".parquet"
    source: Source = ParquetSource(name, list(paths), card) if parquet else RowsSource(name, paths)
    source.notes = notes
    return source


def names_images(path: Path, within: Path | None) -> int:
    """How many rows of a table name image files that exist; 0 if it does not name images."""
    if path.stat().st_size > _LARGEST_LOOKED_AT:
        return 0
    source = source_of(path.stem, [path])
    source.within = within
    try:
        listed = source.listing(DataConfig(str(path)))
    except RequestError:
        return 0
    return listed.count if listed.blobs is not None else 0


def notes_beside_images(tables: Sequence[Path], within: Path | None) -> tuple[str, ...]:
    """Notes on the tables in a folder that is read as a folder of images."""
    rows = {path: names_images(path, within) for path in tables[:_MOST_LOOKED_AT]}
    notes = [
        f"The table '{printable(path.name)}' names {count:,} images; give its path to read the "
        "images by it."
        for path, count in rows.items()
        if count
    ]
    others = [printable(path.name) for path in tables if not rows.get(path)]
    if others:
        notes.append(f"Tables in the folder that were not read: {quoted(others)}.")
    return tuple(notes)
