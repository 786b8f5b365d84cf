"""Bringing the tables of an older store to the present version, one step for each version.

Every step may run twice: a process may die after a step and before it writes the version.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy import Connection

from workbench.store import schema


def _tags(db: Connection) -> None:
    """Version 2: tags of runs."""
    columns = {column["name"] for column in sa.inspect(db).get_columns("runs")}
    if "tags" not in columns:
        db.exec_driver_sql("ALTER TABLE runs ADD COLUMN tags TEXT NOT NULL DEFAULT ''")


STEPS: dict[int, Callable[[Connection], None]] = {2: _tags}


def migrate(db: Connection, version: int) -> None:
    """Run every step above ``version``. The caller holds the lock of the store."""
    for target in range(version + 1, schema.VERSION + 1):
        STEPS[target](db)
