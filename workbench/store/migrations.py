"""Bringing the tables of an older store to the present version, one step a version.

Every step may be taken again: a process that dies between a step and the note of it harms nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy import Connection

from workbench.store import schema


def _tags(db: Connection) -> None:
    """Version 2: tags of runs."""
    known = {column["name"] for column in sa.inspect(db).get_columns("runs")}
    if "tags" not in known:
        db.exec_driver_sql("ALTER TABLE runs ADD COLUMN tags TEXT NOT NULL DEFAULT ''")


STEPS: dict[int, Callable[[Connection], None]] = {2: _tags}


def migrate(db: Connection, version: int) -> None:
    """Take every step above ``version``. For whoever holds the lock of the store."""
    for target in range(version + 1, schema.VERSION + 1):
        STEPS[target](db)
