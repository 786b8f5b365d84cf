"""Metrics and heartbeats of a store. Points are thinned out in SQL before they are read."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from workbench.store.database import Database, upsert
from workbench.store.rows import Heartbeat
from workbench.store.schema import heartbeats, metrics

Points = list[tuple[int, float]]


class MetricsPart:
    """The methods of ``Store`` for metrics and heartbeats."""

    _db: Database

    def write_metrics(self, run_id: str, rows: Sequence[tuple[str, int, float]]) -> None:
        """Write (name, step, value) points. A point of the same name and step is replaced."""
        if rows:
            values = [{"run": run_id, "name": n, "step": s, "value": v} for n, s, v in rows]
            with self._db.write(durable=False) as db:
                upsert(db, metrics, values, ("run", "name", "step"))

    def drop_metrics(self, run_id: str, after: int) -> None:
        """Remove the points of steps above ``after``: a resumed run makes those steps again."""
        with self._db.write() as db:
            db.execute(metrics.delete().where(metrics.c.run == run_id, metrics.c.step > after))

    def metrics(
        self, run_id: str, names: Sequence[str] | None = None, max_points: int = 300
    ) -> dict[str, Points]:
        """The points of each metric, by name, in order of steps; names: default all metrics.

        The first, the last and every k-th point between them are returned, with the least k for
        which about ``max_points`` remain.
        """
        out: dict[str, Points] = {}
        condition = metrics.c.run == run_id
        if names is not None:
            condition = sa.and_(condition, metrics.c.name.in_(names))
        for _, name, step, value in self._thinned(condition, max_points):
            out.setdefault(name, []).append((step, value))
        return out

    def curves(self, ids: Sequence[str], name: str, max_points: int = 60) -> dict[str, Points]:
        """The points of one metric of several runs, by run, thinned out as in ``metrics``.

        A run without that metric is left out.
        """
        condition = sa.and_(metrics.c.run.in_(ids), metrics.c.name == name)
        out: dict[str, Points] = {}
        for run_id, _, step, value in self._thinned(condition, max_points):
            out.setdefault(run_id, []).append((step, value))
        return out

    def _thinned(
        self, condition: sa.ColumnElement[bool], max_points: int
    ) -> list[tuple[str, str, int, float]]:
        """Run, name, step and value of every k-th point of each curve that meets ``condition``, in
        this order."""
        curve: dict[str, Any] = {"partition_by": (metrics.c.run, metrics.c.name)}
        numbered = (
            sa.select(
                metrics.c.run,
                metrics.c.name,
                metrics.c.step,
                metrics.c.value,
                sa.func.row_number().over(**curve, order_by=metrics.c.step).label("rank"),
                sa.func.count().over(**curve).label("total"),
            )
            .where(condition)
            .subquery()
        )
        every = (numbered.c.total + max_points - 1) // max_points
        query = (
            sa.select(numbered.c.run, numbered.c.name, numbered.c.step, numbered.c.value)
            .where(sa.or_((numbered.c.rank - 1) % every == 0, numbered.c.rank == numbered.c.total))
            .order_by(numbered.c.run, numbered.c.name, numbered.c.step)
        )
        with self._db.read() as db:
            return [(run, name, int(at), float(v)) for run, name, at, v in db.execute(query)]

    def heartbeat(
        self, run_id: str, phase: str, progress: float = 0.0, eta_seconds: float | None = None
    ) -> None:
        """Write a heartbeat of now. progress: 0 to 1; eta_seconds: time left."""
        row = {
            "run": run_id,
            "at": time.time(),
            "phase": phase,
            "progress": progress,
            "eta_seconds": eta_seconds,
        }
        with self._db.write(durable=False) as db:
            upsert(db, heartbeats, [row], ("run",))

    def last_heartbeat(self, run_id: str) -> Heartbeat | None:
        """The run's last heartbeat; None before the first."""
        return self.heartbeats([run_id]).get(run_id)

    def heartbeats(self, ids: Sequence[str]) -> dict[str, Heartbeat]:
        """The last heartbeat of each of these runs, by id. A run without one is left out."""
        table = heartbeats.c
        query = sa.select(
            table.run, table.at, table.phase, table.progress, table.eta_seconds
        ).where(table.run.in_(ids))
        with self._db.read() as db:
            return {run_id: Heartbeat(*beat) for run_id, *beat in db.execute(query)}
