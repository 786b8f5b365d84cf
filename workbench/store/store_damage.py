"""A store whose file is damaged: telling that from other errors of a database."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection

from workbench.errors import StoreError
from workbench.run_folder import CONFIG

# SQLite's words for a file that was cut off or overwritten.
_WORDS = ("malformed", "not a database", "could not decode", "no such table", "no such column")
_REMEDY = "Close the app, then mend it: workbench doctor --repair (with the same --home)"


class DamagedStoreError(StoreError):
    """The file of the store is damaged. Its one line says what to do."""

    def __init__(self, reason: str):
        super().__init__(f"the run store is damaged ({reason}). {_REMEDY}")


def words(error: Exception) -> str:
    """What the database itself says, in one line without a full stop."""
    lines = str(getattr(error, "orig", None) or error).splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__


def as_error(error: Exception, message: str, remedy: str | None = None) -> StoreError:
    """The StoreError for an error of the database: a damaged file, or else ``message``."""
    text = words(error)
    if any(one in text.lower() for one in _WORDS):
        return DamagedStoreError(text)
    return StoreError(message, remedy=remedy)


def check_not_emptied(db: Connection, home: Path) -> None:
    """Raise DamagedStoreError for a store without tables in a home that has runs."""
    if sa.inspect(db).get_table_names():
        return
    if any((home / "runs").glob(f"*/{CONFIG}")):
        raise DamagedStoreError("it is empty, and there are runs")
