"""A run store in PostgreSQL: its address, what texts it takes, and the one home that may use it.

Nothing here is used for a store in SQLite.
"""

from __future__ import annotations

import json
import math
import re
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from filelock import FileLock
from sqlalchemy import Engine, event
from sqlalchemy.dialects.postgresql import insert

from workbench import paths
from workbench.errors import StoreError
from workbench.store.machine import this_machine
from workbench.store.schema import settings

# Waiting longer for a server that does not answer would look like a page that hangs.
_CONNECT_SECONDS = 10
_DRIVER = "postgresql+psycopg"
# PostgreSQL stores no NUL, and nobody writes half of a surrogate pair as UTF-8.
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
# The file of a home and the setting of its store that have the same identifier.
_FILE = "store.id"
_KEY = "home"


def open_engine(url: str) -> Engine:
    """Connections to the database at ``url``. Raises StoreError if it is another database, or if
    the driver is not installed."""
    address = sa.make_url(url)
    if address.drivername in ("postgres", "postgresql"):
        address = address.set(drivername=_DRIVER)
    if address.drivername != _DRIVER:
        raise StoreError(
            f"a run store cannot be in '{address.drivername}'.",
            remedy="WORKBENCH_STORE begins with postgresql:// or sqlite:///.",
        )
    if "connect_timeout" not in address.query:
        address = address.update_query_dict({"connect_timeout": str(_CONNECT_SECONDS)})
    try:
        engine = sa.create_engine(address, pool_pre_ping=True, json_serializer=_as_json)
    except ImportError as error:
        raise StoreError(
            f"a run store in PostgreSQL needs a driver that is not installed ({error}).",
            remedy='Install it with: pip install "ssl-workbench[postgres]"',
        ) from error

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def _clean_texts(
        _db: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool
    ) -> tuple[str, Any]:
        rows = [_with_storable_texts(row) for row in (parameters if many else [parameters])]
        return statement, rows if many else rows[0]

    return engine


def in_database(home: Path) -> bool:
    """Whether the runs of ``home`` are in PostgreSQL."""
    return (home / _FILE).exists()


def check_not_in_database(home: Path) -> None:
    """Raise StoreError if the runs of ``home`` are in PostgreSQL. A second store in the home would
    have rows of other runs in the same folders, and a supervisor of its own."""
    if in_database(home):
        raise StoreError(
            f"the runs of '{home}' are in PostgreSQL, and WORKBENCH_STORE is not set.",
            remedy="Set it to their database, or give another --home. If that database is gone for "
            f"good, remove '{home / _FILE}'.",
        )


def check_home(engine: Engine, home: Path) -> None:
    """Give a store without a home to ``home``. Raises StoreError if it is another home's: the
    supervisor of each home would take the other's workers for dead.

    A home may be moved, also to another machine: it is known by a file in it. A home with a store
    of its own is refused.
    """
    _check_no_other_store(home)
    own = {"id": _identifier(home), "machine": this_machine().host, "path": str(home.resolve())}
    with engine.begin() as db:
        statement = insert(settings).values(key=_KEY, value=own)
        db.execute(statement.on_conflict_do_nothing())
        query = sa.select(settings.c.value).where(settings.c.key == _KEY)
        first = db.execute(query).scalar_one()
    if first["id"] != own["id"]:
        raise StoreError(
            f"the run store at WORKBENCH_STORE is that of the home '{first['path']}' on the "
            f"machine '{first['machine']}', and not of '{home}'.",
            remedy="Give each home a database of its own. If that home is gone for good: "
            f"DELETE FROM {settings.name} WHERE key = '{_KEY}'",
        )


def _check_no_other_store(home: Path) -> None:
    """Raise StoreError if ``home`` was used without WORKBENCH_STORE before."""
    if not in_database(home) and (home / "store.db").exists():
        raise StoreError(
            f"the runs of '{home}' are in the home itself, in 'store.db', and WORKBENCH_STORE is "
            "set.",
            remedy="Give a new --home for the database, or unset WORKBENCH_STORE.",
        )


def _identifier(home: Path) -> str:
    """What tells a home from all others; it is made when it is first asked for."""
    path = home / _FILE
    with FileLock(home / "store.lock"):
        if not path.exists() or not path.read_bytes():
            with open(path, "w", encoding="utf-8", opener=paths.private_opener) as file:
                file.write(uuid.uuid4().hex)
        return path.read_text("utf-8")


def _with_storable_texts(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _storable(x) if isinstance(x, str) else x for name, x in row.items()}


def _as_json(document: Any) -> str:
    return json.dumps(_storable(document))


def _storable(value: Any) -> Any:
    """``value`` as PostgreSQL takes it in a text or in JSON, which has no NaN and no infinity."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_storable(key): _storable(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_storable(one) for one in value]
    return value
