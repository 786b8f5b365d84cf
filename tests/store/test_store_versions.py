"""Every published version of the store goes to the newest and back, and loses nothing."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from filelock import FileLock
from old_stores import PUBLISHED, write_version
from sqlalchemy import Engine

from workbench.store import schema
from workbench.store.database import open_engine
from workbench.store.migrations import change, to_newest, version_of
from workbench.store.store import Store

BEFORE_ALEMBIC = max(PUBLISHED)


def engine_of(home: Path) -> Engine:
    return open_engine(f"sqlite:///{home / 'store.db'}")


def contents(home: Path) -> dict[str, Any]:
    """Columns and rows of every table, and the indexes, apart from where the version is written."""
    file = sqlite3.connect(home / "store.db")
    names = [row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    kept = {
        name: (
            sorted(row[1:4] for row in file.execute(f"PRAGMA table_info({name})")),
            sorted(map(repr, file.execute(f"SELECT * FROM {name}"))),
            sorted(row[1] for row in file.execute(f"PRAGMA index_list({name})")),
        )
        for name in names
        if name != "alembic_version"
    }
    file.close()
    return kept


def written(home: Path) -> tuple[int, str]:
    """The version as an older workbench reads it, and as alembic does."""
    file = sqlite3.connect(home / "store.db")
    (own,) = file.execute("SELECT value FROM settings WHERE key = 'schema'").fetchone()
    (revision,) = file.execute("SELECT version_num FROM alembic_version").fetchone()
    file.close()
    return int(own), revision


def test_every_version_has_a_store_of_its_own_here() -> None:
    folder = Path(schema.__file__).parent / "revisions/versions"
    numbers = sorted(int(path.stem.split("_")[0][1:]) for path in folder.glob("v*.py"))
    assert numbers == list(range(1, schema.VERSION + 1))
    assert BEFORE_ALEMBIC <= schema.VERSION


@pytest.mark.parametrize("version", PUBLISHED)
def test_a_store_goes_up_and_back_down_and_keeps_all(tmp_path: Path, version: int) -> None:
    home = tmp_path / "home"
    write_version(home, version)
    before = contents(home)
    engine = engine_of(home)
    for _ in range(2):
        assert to_newest(engine) == schema.VERSION
        if version < schema.VERSION:
            assert written(home) == (schema.VERSION, schema.revision(schema.VERSION))
        with engine.begin() as db:
            change(db, schema.VERSION, version)
        assert written(home) == (version, schema.revision(version))
        assert contents(home) == before


def test_what_older_tables_cannot_keep_returns_on_the_way_up(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_version(home, 2)
    newest = contents(home)
    engine = engine_of(home)
    with engine.begin() as db:
        change(db, 2, 1)
    assert "tags" not in str(contents(home)["runs"][0])
    assert to_newest(engine) == schema.VERSION
    assert contents(home) == newest


@pytest.mark.parametrize("version", [*PUBLISHED, None])
def test_tables_are_the_same_on_every_way(tmp_path: Path, version: int | None) -> None:
    home = tmp_path / "home"
    home.mkdir() if version is None else write_version(home, version)
    engine = engine_of(home)
    to_newest(engine)
    with engine.begin() as db:
        schema.revisions.create(db, checkfirst=True)
        assert compare_metadata(MigrationContext.configure(db), schema.metadata) == []


def test_the_revisions_alone_make_the_tables_of_a_new_store(tmp_path: Path) -> None:
    engine = engine_of(tmp_path)
    with engine.begin() as db:
        schema.settings.create(db)
        change(db, 1, 1)
        schema.settings.drop(db)
        db.execute(schema.revisions.delete())
    from alembic import command

    from workbench.store.migrations import _config

    with engine.begin() as db:
        command.upgrade(_config(db), "head")
        assert compare_metadata(MigrationContext.configure(db), schema.metadata) == []
        command.downgrade(_config(db), "base")
        assert sa.inspect(db).get_table_names() == ["alembic_version"]


_OPEN = """
import sys
from pathlib import Path
from workbench.store.store import Store
rows = Store.open(Path(sys.argv[1])).runs()
print(len(rows), any(name.partition('.')[0] in ('alembic', 'mako') for name in sys.modules))
"""


def opened(home: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _OPEN, str(home)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )


def test_processes_that_open_an_old_store_at_once_migrate_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_version(home, 1)
    with FileLock(home / "store.lock"):
        processes = [opened(home) for _ in range(3)]
        with engine_of(home).connect() as db:
            assert version_of(db) == 1
    answers = [process.communicate() for process in processes]
    assert [error for _, error in answers if error] == []
    # The first imports alembic; those that waited find the work done.
    assert sorted(answer.strip() for answer, _ in answers) == ["1 False", "1 False", "1 True"]


_DIE = """
import os, sys
from pathlib import Path
from alembic import command
from workbench.store.store import Store
upgrade = command.upgrade
command.upgrade = lambda *arguments: (upgrade(*arguments), os._exit(9))
Store.open(Path(sys.argv[1]))
"""


def test_a_process_that_dies_in_a_migration_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_version(home, 1)
    before = contents(home)
    done = subprocess.run([sys.executable, "-c", _DIE, str(home)], check=False)
    assert done.returncode == 9
    assert contents(home) == before
    assert len(Store.open(home).runs()) == 1
    assert written(home) == (schema.VERSION, schema.revision(schema.VERSION))


def test_alembic_is_not_imported_for_a_store_of_the_newest_version(tmp_path: Path) -> None:
    new, old = tmp_path / "new", tmp_path / "old"
    write_version(old, BEFORE_ALEMBIC)
    assert opened(new).communicate() == ("0 False\n", "")
    assert opened(new).communicate() == ("0 False\n", "")
    assert opened(old).communicate() == ("1 False\n", "")


def test_a_newer_store_is_refused_in_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_version(home, BEFORE_ALEMBIC)
    Store.open(home).set_setting("schema", schema.VERSION + 1)
    command = [sys.executable, "-m", "workbench", "runs", "--home", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert f"schema {schema.VERSION + 1}" in line
    assert "Update the workbench" in line


def test_a_store_is_taken_back_by_one_command_while_nothing_lives(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_version(home, 2)
    command = [sys.executable, "-m", "workbench.store.downgrade", str(home), "1"]
    with FileLock(home / "supervisor.lock"):
        refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "at work" in refused.stderr
    assert written_before_alembic(home) == 2
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "was of version 2, and is of 1" in done.stdout
    assert written(home) == (1, "0001")


def written_before_alembic(home: Path) -> int:
    with engine_of(home).connect() as db:
        return version_of(db) or 1
