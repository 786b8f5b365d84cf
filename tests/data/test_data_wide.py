"""Parquet files with many columns, and many Parquet files."""

from __future__ import annotations

import gc
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_making import listed, sentences

from workbench.data.sources.parquet_files import open_files
from workbench.data.sources.parquet_files.open_files import OpenFiles, ParquetTable

ROWS = 6


def wide(path: Path, columns: int) -> Path:
    more = {f"c{number}": list(range(ROWS)) for number in range(columns)}
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"text": sentences(ROWS), "label": [*"ab"] * 3, **more}), path)
    return path


def test_a_file_with_many_columns_is_not_opened_for_each(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = wide(source / "all.parquet", 40)
    opened: Counter[Path] = Counter()
    real = pq.ParquetFile

    def counted(where: Path, **options: object) -> pq.ParquetFile:
        opened[where] += 1
        return real(where, **options)

    monkeypatch.setattr(open_files.pq, "ParquetFile", counted)
    assert len(listed(path).columns) == 41
    # Once for the files of its fingerprint, and once for all columns.
    assert opened == {path: 2}


def test_few_files_are_open_at_a_time_and_none_after_reading(source: Path) -> None:
    for number in range(40):
        wide(source / f"shard-{number:02}.parquet", 1)
    listing = listed(source)
    assert len(listing.ids) == 40 * ROWS
    descriptors = Path("/proc/self/fd")
    if descriptors.exists():
        gc.collect()
        assert len(_open_below(descriptors, source)) <= open_files._MOST_OPEN
        del listing
        gc.collect()
        assert not _open_below(descriptors, source)


def _open_below(descriptors: Path, folder: Path) -> list[Path]:
    found = [one.resolve() for one in descriptors.iterdir() if one.is_symlink()]
    return [path for path in found if path.is_relative_to(folder)]


def test_a_reader_in_use_stays_open_when_others_are_opened(source: Path) -> None:
    paths = [wide(source / f"{number}.parquet", 0) for number in range(40)]
    files = OpenFiles()
    batches = files.reader(paths[0]).iter_batches(2, columns=["label"])
    rows = len(next(batches))
    for path in paths[1:]:
        files.reader(path)
    assert rows + sum(map(len, batches)) == ROWS


def test_stored_columns_are_found_by_the_beginning_of_their_path(source: Path) -> None:
    records = [{"bytes": b"1", "path": {"name": "a"}}] * ROWS
    path = source / "all.parquet"
    table = {"image": records, "image.note": [1] * ROWS, "images": [2] * ROWS, "none": [3] * ROWS}
    source.mkdir(exist_ok=True)
    pq.write_table(pa.table(table), path)
    files = OpenFiles()
    stored = ParquetTable(path, files.reader(path).metadata, files)
    for column in ("image", "image.path", "image.path.name", "images", "none", "absent"):
        leaves = [chunk.path_in_schema for chunk in stored.leaves(0, column)]
        paths = [stored.metadata.schema.column(at).path for at in range(5)]
        assert leaves == [one for one in paths if f"{one}.".startswith(f"{column}.")]
