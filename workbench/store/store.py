"""The run store: rows, metrics, heartbeats and settings, in SQLite (WAL) or PostgreSQL by URL.

Readers never block writers. A list of runs needs no join. Metrics have the key (run, name, step),
so that a resumed run overwrites its own last points and none is there twice.
"""

from __future__ import annotations

from pathlib import Path

from workbench import paths
from workbench.errors import StoreError
from workbench.store.database import Database, store_url
from workbench.store.mending.part import MendingPart
from workbench.store.metrics import MetricsPart
from workbench.store.queue import QueuePart
from workbench.store.rows import ENDED as ENDED
from workbench.store.rows import LIVE as LIVE
from workbench.store.rows import RUN_ID as RUN_ID
from workbench.store.rows import Heartbeat as Heartbeat
from workbench.store.rows import MapState as MapState
from workbench.store.rows import RunRow as RunRow
from workbench.store.rows import State as State
from workbench.store.runs import RunFilter as RunFilter
from workbench.store.settings import SettingsPart


class Store(QueuePart, MetricsPart, SettingsPart, MendingPart):
    """One home's run store. Cheap to open; safe to use from several threads and processes."""

    def __init__(self, database: Database):
        self._db = database

    @classmethod
    def open(cls, home: Path, url: str | None = None, *, read_only: bool = False) -> Store:
        """The store of ``home``: ``home/store.db``, or the database at ``url``.

        url: default the environment's ``WORKBENCH_STORE``. A store of an older workbench is brought
        to the present tables. read_only: open an existing SQLite store and leave no file in its
        folder, which may be read-only; an older store is then read as it is. Raises StoreError if
        a newer workbench wrote the store, or if it cannot be opened.
        """
        if read_only:
            path = (home / "store.db").resolve()
            if not path.exists():
                raise StoreError(f"there is no store at {path}.", remedy="Give another home.")
            return cls(Database.read_only(path))
        paths.make_home(home)
        return cls(Database.open(url or store_url(home), home))
