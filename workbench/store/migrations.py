"""Bringing a store to another version of its tables, up or down, by alembic.

A store without a version is of version 1, or was made just now. ``downgrade.py`` is the command.

Alembic is imported where a store really changes: it takes longer to import than a store to open.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from workbench.store import schema
from workbench.store.schema import revisions, settings

if TYPE_CHECKING:
    from alembic.config import Config

_REVISIONS = Path(__file__).with_name("revisions")
# The setting in which a workbench before alembic reads the version, and refuses a newer one.
_KEY = "schema"
# Any number that nothing else in the database takes: processes of two machines migrate in turn.
_POSTGRES_LOCK = 7_203_119
# What alembic works on is global to a process.
_ALEMBIC = threading.Lock()


def version_of(db: Connection) -> int | None:
    """The version written in the store; None if there is none."""
    if not sa.inspect(db).has_table(settings.name):
        return None
    row = db.execute(sa.select(settings.c.value).where(settings.c.key == _KEY)).first()
    return None if row is None else int(row[0])


def to_newest(engine: Engine) -> int:
    """Make missing tables, or bring older ones to the present version; returns the version then.

    A newer store is left as it is. All is done in one transaction, which one process at a time has.
    """
    with engine.begin() as db:
        _take_turns(db)
        version = version_of(db)
        if version is None and not sa.inspect(db).has_table(schema.runs.name):
            schema.metadata.create_all(db)
            _write_version(db, schema.VERSION)
        elif (version or 1) < schema.VERSION:
            change(db, version or 1, schema.VERSION)
            # An older workbench that died while it made a store left some tables out.
            schema.metadata.create_all(db)
        return version_of(db) or 1


def change(db: Connection, version: int, target: int) -> None:
    """Bring the tables from ``version`` to ``target``, in the transaction of ``db``."""
    from alembic import command

    # A store from before alembic has no table of its own for that yet.
    revisions.create(db, checkfirst=True)
    _write_version(db, version)
    move = command.upgrade if target > version else command.downgrade
    with _ALEMBIC:
        move(_config(db), schema.revision(target))
    _write_version(db, target)


def _config(db: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    # Alembic takes a percent sign in a path for a reference.
    config.set_main_option("script_location", str(_REVISIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = db
    return config


def _take_turns(db: Connection) -> None:
    if db.dialect.name == "sqlite":
        db.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        db.execute(sa.select(sa.func.pg_advisory_xact_lock(_POSTGRES_LOCK)))


def _write_version(db: Connection, version: int) -> None:
    """Write the version where alembic and where an older workbench reads it."""
    db.execute(revisions.delete())
    db.execute(revisions.insert().values(version_num=schema.revision(version)))
    db.execute(settings.delete().where(settings.c.key == _KEY))
    db.execute(settings.insert().values(key=_KEY, value=version))
