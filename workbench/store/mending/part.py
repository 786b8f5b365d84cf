"""Rows of runs for whoever mends a store: as they lie there, and entered again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from workbench.store.database import Database
from workbench.store.rows import MapState, State
from workbench.store.schema import runs


class MendingPart:
    """The methods of ``Store`` for mending."""

    _db: Database

    def raw_row(self, run_id: str) -> dict[str, Any]:
        """The columns of a run as they lie in the store, damaged or not; {} if there is none."""
        query = sa.text(f"SELECT * FROM {runs.name} WHERE id = :id")
        with self._db.read() as db:
            row = db.execute(query, {"id": run_id}).mappings().first()
        return {} if row is None else dict(row)

    def request_map(self, run_id: str) -> None:
        """Put the map of a run into the queue, also one that failed, with all its tries."""
        with self._db.write() as db:
            query = sa.select(runs.c.summary).where(runs.c.id == run_id).with_for_update()
            summary = db.scalar(query) or {}
            values = {"map_state": "queued", "summary": {**summary, "map_tries": 0}}
            db.execute(runs.update().where(runs.c.id == run_id).values(**values))

    def restore_run(
        self,
        run_id: str,
        config: Mapping[str, Any],
        *,
        state: State,
        map_state: MapState,
        at: float,
        reason: str,
    ) -> None:
        """Enter a run whose row was lost. at: when it was made, in seconds since the epoch."""
        row = {
            "id": run_id,
            "state": state,
            "config": dict(config),
            "digest": "",
            "created": at,
            "ended": at,
            "reason": reason,
            "map_state": map_state,
            "summary": {"notes": [reason]},
        }
        with self._db.write() as db:
            db.execute(runs.insert().values(**row))
