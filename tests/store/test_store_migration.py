"""Stores of an older workbench: brought to the present tables, or read as they are."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from old_stores import write_version

from workbench import paths
from workbench.errors import StoreError
from workbench.store import schema
from workbench.store.store import RunFilter, Store


def write_version_1(home: Path) -> None:
    write_version(home, 1)


def columns(home: Path) -> list[str]:
    file = sqlite3.connect(home / "store.db")
    found = [row[1] for row in file.execute("PRAGMA table_info(runs)")]
    file.close()
    return found


def test_an_older_store_gets_tags_and_keeps_what_it_had(tmp_path: Path) -> None:
    home = tmp_path / "old"
    write_version_1(home)
    store = Store.open(home)
    row = store.run("simclr-abcdef")
    assert (row.name, row.owner, row.note, row.tags) == ("first", "Ada", "seen before", ())
    assert row.summary == {"notes": ["a"]}
    store.change_tags(row.id, ["thesis"], [])
    new = store.add_run({"task": "rotation", "data": {"source": "x"}}, digest="e")
    assert [run.id for run in store.runs(tag="thesis")] == ["simclr-abcdef"]
    assert store.run(new).tags == ()
    assert store.setting("schema") == schema.VERSION


def test_a_process_of_the_older_workbench_may_still_add_runs(tmp_path: Path) -> None:
    home = tmp_path / "old"
    write_version_1(home)
    Store.open(home)
    file = sqlite3.connect(home / "store.db")
    others = ", ".join(name for name in columns(home) if name not in ("id", "tags"))
    file.execute(f"INSERT INTO runs (id, {others}) SELECT 'x-222222', {others} FROM runs")
    file.commit()
    file.close()
    assert Store.open(home).run("x-222222").tags == ()


def test_a_migration_that_died_midway_is_taken_again(tmp_path: Path) -> None:
    home = tmp_path / "old"
    write_version_1(home)
    file = sqlite3.connect(home / "store.db")
    file.execute("ALTER TABLE runs ADD COLUMN tags TEXT NOT NULL DEFAULT ''")
    file.commit()
    file.close()
    assert Store.open(home).run("simclr-abcdef").tags == ()
    assert Store.open(home).setting("schema") == schema.VERSION


def test_an_older_store_is_read_as_it_is_where_nothing_may_be_written(tmp_path: Path) -> None:
    home = tmp_path / "old"
    write_version_1(home)
    before = columns(home)
    store = Store.open(home, read_only=True)
    assert store.run("simclr-abcdef").tags == ()
    rows, total = store.page(RunFilter(text="first"))
    assert [row.id for row in rows] == ["simclr-abcdef"]
    assert total == 1
    assert store.runs(tag="thesis") == []
    assert store.facets().owners == ("Ada",)
    assert columns(home) == before


def test_a_newer_store_is_not_read_either(tmp_path: Path) -> None:
    home = tmp_path / "new"
    write_version_1(home)
    file = sqlite3.connect(home / "store.db")
    file.execute("UPDATE settings SET value = ?", (str(schema.VERSION + 1),))
    file.commit()
    file.close()
    with pytest.raises(StoreError, match="newer"):
        Store.open(home, read_only=True)


def test_the_stored_demo_runs_open(tmp_path: Path) -> None:
    shutil.copy(paths.sample_data_dir() / "demo" / "store.db", tmp_path / "store.db")
    stored = Store.open(tmp_path, read_only=True).runs()
    assert stored
    assert all(row.tags == () for row in stored)
    # A copy that may be written is brought along.
    assert len(Store.open(tmp_path).runs()) == len(stored)
