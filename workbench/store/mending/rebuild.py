"""A new store from what is left of a damaged one. Nothing else may use the store meanwhile."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from workbench import paths
from workbench.store import database, schema
from workbench.store.mending import salvage
from workbench.store.mending.salvage import Row, Salvaged
from workbench.store.schema import metadata, revisions, runs, settings

NAME = "store.db"
_FILES = (NAME, f"{NAME}-wal", f"{NAME}-shm")
_PART = ".store.db.part"
_VERSION_KEY = "schema"


@dataclass(frozen=True)
class Rebuilt:
    """What the new store holds. runs, points: rows of runs and of metrics."""

    runs: int
    points: int


def fault(path: Path) -> str | None:
    """What SQLite finds wrong in the file of a store, None for nothing. It reads the whole file."""
    if path.stat().st_size == 0:
        return "it is empty"
    try:
        with closing(sqlite3.connect(f"file:{path.as_posix()}?mode=ro", uri=True)) as db:
            answer = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
    except sqlite3.Error as error:
        return str(error)
    if answer != "ok":
        return answer.splitlines()[-1]
    return None if runs.name in tables else "it has no table of runs"


def rebuild(home: Path, aside: Path) -> Rebuilt:
    """Put a new store with all that can be read in the place of the damaged one, which is moved to
    the folder ``aside``."""
    left = salvage.read(home / NAME)
    part = home / _PART
    part.unlink(missing_ok=True)
    engine = sa.create_engine(f"sqlite:///{part}")
    metadata.create_all(engine)
    engine.dispose()
    with closing(sqlite3.connect(part)) as db:
        for table in metadata.sorted_tables:
            _fill(db, table, left[table.name], home)
        _write_version(db)
        db.commit()
        counts = [
            db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("runs", "metrics")
        ]
    aside.mkdir(parents=True, exist_ok=True)
    for name in _FILES:
        with suppress(FileNotFoundError):
            (home / name).rename(aside / name)
    part.chmod(0o600)
    part.rename(home / NAME)
    database.forget_connections()
    return Rebuilt(*counts)


def _fill(db: sqlite3.Connection, table: sa.Table, left: Salvaged, home: Path) -> None:
    columns = [column.name for column in table.c if column.name in left.columns]
    places = [left.columns.index(name) for name in columns]
    names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
    statement = f'INSERT OR IGNORE INTO "{table.name}" ({names}) VALUES ({marks})'
    for row in _kept(table, left, home):
        with suppress(sqlite3.IntegrityError):
            db.execute(statement, [row[place] for place in places])


def _kept(table: sa.Table, left: Salvaged, home: Path) -> Iterator[Row]:
    """The rows to keep. Pages may hold rows that were deleted: those of runs without a folder."""
    for key, row in left.rows.items():
        if table.name == settings.name and not _is_json(row[left.columns.index("value")]):
            continue
        if "run" in left.columns or table.name == runs.name:
            folder = paths.run_dir(home, str(key[0]))
            if left.from_pages and not folder.is_dir():
                continue
        yield row


def _is_json(value: object) -> bool:
    try:
        json.loads(str(value))
    except ValueError:
        return False
    return True


def _write_version(db: sqlite3.Connection) -> None:
    db.execute(f"DELETE FROM {revisions.name}")
    revision = schema.revision(schema.VERSION)
    db.execute(f"INSERT INTO {revisions.name} (version_num) VALUES (?)", [revision])
    db.execute(f"DELETE FROM {settings.name} WHERE key = ?", [_VERSION_KEY])
    value = json.dumps(schema.VERSION)
    db.execute(f"INSERT INTO {settings.name} (key, value) VALUES (?, ?)", [_VERSION_KEY, value])
