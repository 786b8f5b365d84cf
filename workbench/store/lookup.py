"""The store of a home and its runs, for commands: looking them up makes no file."""

from __future__ import annotations

import os
from pathlib import Path

from workbench.errors import RequestError, StoreError
from workbench.store import postgres
from workbench.store.database import NewerStoreError
from workbench.store.rows import RunRow
from workbench.store.store import Store
from workbench.store.store_damage import DamagedStoreError


def existing_store(home: Path) -> Store | None:
    """The store of ``home``; None if there is none yet.

    Raises RequestError if it is broken, NewerStoreError if a newer workbench wrote it,
    DamagedStoreError if its file is damaged.
    """
    url = os.environ.get("WORKBENCH_STORE")
    if not url and not (home / "store.db").exists() and not postgres.in_database(home):
        return None
    try:
        return Store.open(home)
    except (NewerStoreError, DamagedStoreError):
        raise
    except StoreError as error:
        field = "WORKBENCH_STORE" if url else "--home"
        raise RequestError(error.message, field=field, remedy=error.remedy) from error


def existing_run(home: Path, run_id: str) -> RunRow:
    """The run ``run_id``. Raises RequestError, with the nearest ids, if there is no such run."""
    store = existing_store(home)
    if store is None:
        raise RequestError(
            f"there is no run '{run_id[:60]}': there are no runs in {home}.",
            field="RUN",
            remedy="Start one with workbench pretrain, or give another --home.",
        )
    return store.run(run_id)
