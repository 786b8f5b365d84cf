"""The database under the run store: SQLite (WAL) or PostgreSQL, opened once in each process.

It knows connections, transactions and their errors, and nothing of runs.
"""

from __future__ import annotations

import os
import sqlite3
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from filelock import FileLock
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects import postgresql, sqlite

from workbench import paths
from workbench.errors import StoreError
from workbench.store import machine, postgres, schema, store_damage
from workbench.store.migrations import to_newest, version_of

_BUSY_MS = 20_000
# Errors of one statement, which its caller handles, and errors of the database itself.
_STATEMENT_ERRORS = (sa.exc.IntegrityError, sa.exc.ProgrammingError, sa.exc.DataError)
_WRITE_REMEDIES = {
    "sqlite": "Check that the disk has room, that the home is writable, and that files may be as "
    "large (ulimit -f).",
    "postgresql": "Check that the server of WORKBENCH_STORE runs and has room.",
}
_DATABASE_ERRORS = (sa.exc.DatabaseError, sa.exc.InterfaceError, sa.exc.TimeoutError)


class NewerStoreError(StoreError):
    """A newer workbench wrote the store. Its one line says what to do; ``downgrade.py`` helps."""


class Database:
    """Connections to one database. It raises StoreError when the database itself fails.

    version: of its tables. It is below the present one only in a database opened read-only.
    """

    def __init__(
        self, engine: Engine, version: int = schema.VERSION, claim: machine.Claim | None = None
    ):
        self._engine, self._claim = engine, claim
        self.version = version

    @classmethod
    def open(cls, url: str, home: Path) -> Database:
        """The database at ``url``, brought to the tables of the present version. A lock in ``home``
        lets one process at a time do that.

        Raises StoreError if it cannot be opened, or was written by a newer workbench.
        """
        engine, claim = _prepared_engine(url, home)
        return cls(engine, claim=claim)

    @classmethod
    def read_only(cls, path: Path) -> Database:
        """An existing SQLite file. Its folder may be read-only; no file is left there."""
        engine = _read_only_engine(path)
        return cls(engine, _read_only_version(engine))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read from."""
        self._renew_claim()
        try:
            with self._engine.connect() as db:
                yield db
        except _STATEMENT_ERRORS:
            raise
        except _DATABASE_ERRORS as exc:
            message = f"the run store does not answer: {store_damage.words(exc)}."
            raise store_damage.as_error(exc, message) from exc

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """A connection in a transaction that is committed at the end, or not at all.

        durable: whether it is on the disk by then. Else the last seconds of what was written so may
        be missing after a power failure, up to the next durable transaction; no part of one is.
        """
        self._renew_claim()
        try:
            with self._engine.begin() as db:
                if db.dialect.name == "sqlite":
                    level = "FULL" if durable or self._claim is not None else "NORMAL"
                    db.exec_driver_sql(f"PRAGMA synchronous={level}")
                    # A transaction that reads first and writes later would fail under load
                    # instead of waiting for its turn.
                    db.exec_driver_sql("BEGIN IMMEDIATE")
                yield db
        except _STATEMENT_ERRORS:
            raise
        except _DATABASE_ERRORS as exc:
            raise store_damage.as_error(
                exc,
                f"the run store cannot be written: {store_damage.words(exc)}.",
                _WRITE_REMEDIES.get(self._engine.dialect.name),
            ) from exc

    def _renew_claim(self) -> None:
        if self._claim is not None:
            self._claim.renew()


def insert(db: Connection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """An insert in the connection's own dialect, which has ``on_conflict_do_...``."""
    return postgresql.insert(table) if db.dialect.name == "postgresql" else sqlite.insert(table)


def upsert(
    db: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], key: Sequence[str]
) -> None:
    """Insert ``rows``. A row whose ``key`` exists gets its other columns replaced."""
    statement = insert(db, table)
    changed = {c.name: statement.excluded[c.name] for c in table.c if c.name not in key}
    db.execute(statement.on_conflict_do_update(index_elements=key, set_=changed), list(rows))


_open_engines: weakref.WeakSet[Engine] = weakref.WeakSet()


def forget_connections() -> None:
    """Open every store anew from now on in this process: the file of one was replaced."""
    _prepared_engine.cache_clear()
    for engine in tuple(_open_engines):
        engine.dispose()


@lru_cache(maxsize=32)
def _prepared_engine(url: str, home: Path) -> tuple[Engine, machine.Claim | None]:
    claim = machine.claim_of(home)
    if claim is not None:
        claim.renew()
    in_home = url == home_url(home)
    if in_home:
        postgres.check_not_in_database(home)
    try:
        engine = open_engine(url, shared=claim is not None)
        _open_engines.add(engine)
        with engine.connect() as db:
            version = version_of(db)
            if version is None and url.startswith("sqlite"):
                store_damage.check_not_emptied(db, home)
        if version is None or version < schema.VERSION:
            with FileLock(home / "store.lock"):
                version = to_newest(engine)
        _check_not_newer(version)
        if engine.dialect.name == "postgresql":
            postgres.check_home(engine, home)
    except sa.exc.SQLAlchemyError as error:
        raise store_damage.as_error(
            error,
            f"the run store cannot be opened: {store_damage.words(error)}.",
            "Mend it, or give another --home."
            if in_home
            else "Start the database's server, or correct its address in WORKBENCH_STORE.",
        ) from error
    return engine, claim


def _check_not_newer(version: int | None) -> None:
    if version is not None and version > schema.VERSION:
        raise NewerStoreError(
            f"the run store has schema {version}, written by a newer workbench; this one reads "
            f"schemas up to {schema.VERSION}. Update the workbench, or give another --home."
        )


@lru_cache(maxsize=8)
def _read_only_version(engine: Engine) -> int:
    try:
        with engine.connect() as db:
            version = version_of(db)
    except sa.exc.SQLAlchemyError as error:
        message = f"the run store cannot be opened: {store_damage.words(error)}."
        raise store_damage.as_error(error, message) from error
    _check_not_newer(version)
    return version or 1


@lru_cache(maxsize=8)
def _read_only_engine(path: Path) -> Engine:
    # immutable: SQLite then makes no lock, journal or shared-memory file next to the store.
    return sa.create_engine(f"sqlite:///file:{path.as_posix()}?immutable=1&mode=ro&uri=true")


def _make_file(url: str) -> None:
    """Make the file of an SQLite store, which no other user can read. SQLite gives its log and its
    shared memory the same permissions."""
    path = sa.make_url(url).database
    if path and path != ":memory:" and not path.startswith("file:"):
        # Where this fails SQLite fails next, and says why in the words that users know.
        with suppress(OSError):
            os.close(paths.private_opener(path, os.O_RDWR | os.O_CREAT))


def store_url(home: Path) -> str:
    """Where the store of ``home`` is: in the environment's ``WORKBENCH_STORE``, or in the home."""
    return os.environ.get("WORKBENCH_STORE") or home_url(home)


def home_url(home: Path) -> str:
    """The address of the store that lies in ``home`` itself."""
    return f"sqlite:///{home / 'store.db'}"


def _set_journal(cursor: sqlite3.Cursor, mode: str) -> None:
    """Set the mode of the journal. SQLite does not wait for other connections there: several
    processes that open a new store at once would be refused."""
    end = time.monotonic() + _BUSY_MS / 1000
    while True:
        try:
            cursor.execute(f"PRAGMA journal_mode={mode}")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
        time.sleep(0.02)


def open_engine(url: str, *, shared: bool = False) -> Engine:
    """Connections to the database at ``url``, whatever the version of its tables.

    shared: whether an SQLite file lies on a network folder, where the shared memory of WAL mode
    does not work.
    """
    if not url.startswith("sqlite"):
        return postgres.open_engine(url)
    _make_file(url)
    engine = sa.create_engine(url, connect_args={"timeout": _BUSY_MS / 1000})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # Database.write begins transactions, not the driver.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        _set_journal(cursor, "DELETE" if shared else "WAL")
        cursor.close()

    return engine
