"""Metrics and heartbeats of a store: append-only points, thinned out in SQL for readers."""

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
    """What ``Store`` does with points of metrics and signs of life."""

    _db: Database

    def write_metrics(self, run_id: str, rows: Sequence[tuple[str, int, float]]) -> None:
        """Write (name, step, value) points; a point that is there already is replaced."""
        if rows:
            values = [{"run": run_id, "name": n, "step": s, "value": v} for n, s, v in rows]
            with self._db.write() as db:
                upsert(db, metrics, values, ("run", "name", "step"))

    def drop_metrics(self, run_id: str, after: int) -> None:
        """Remove the points of steps above ``after``: a resumed run makes these steps again."""
        with self._db.write() as db:
            db.execute(metrics.delete().where(metrics.c.run == run_id, metrics.c.step > after))

    def metrics(
        self, run_id: str, names: Sequence[str] | None = None, max_points: int = 300
    ) -> dict[str, Points]:
        """Points of each metric in order of steps, thinned out by the database.

        Keeps the first and the last point and every k-th between them.
        """
        out: dict[str, Points] = {}
        asked = metrics.c.run == run_id
        if names is not None:
            asked = sa.and_(asked, metrics.c.name.in_(names))
        for _, name, step, value in self._thinned(asked, max_points):
            out.setdefault(name, []).append((step, value))
        return out

    def curves(self, ids: Sequence[str], name: str, max_points: int = 60) -> dict[str, Points]:
        """One metric of several runs, thinned out as by ``metrics``; runs without are left out."""
        asked = sa.and_(metrics.c.run.in_(ids), metrics.c.name == name)
        out: dict[str, Points] = {}
        for run_id, _, step, value in self._thinned(asked, max_points):
            out.setdefault(run_id, []).append((step, value))
        return out

    def _thinned(
        self, asked: sa.ColumnElement[bool], max_points: int
    ) -> list[tuple[str, str, int, float]]:
        """Run, name, step and value of the asked points in order, every k-th of each curve."""
        of_curve: dict[str, Any] = {"partition_by": (metrics.c.run, metrics.c.name)}
        numbered = (
            sa.select(
                metrics.c.run,
                metrics.c.name,
                metrics.c.step,
                metrics.c.value,
                sa.func.row_number().over(**of_curve, order_by=metrics.c.step).label("rank"),
                sa.func.count().over(**of_curve).label("total"),
            )
            .where(asked)
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
        """Write a sign of life."""
        row = {
            "run": run_id,
            "at": time.time(),
            "phase": phase,
            "progress": progress,
            "eta_seconds": eta_seconds,
        }
        with self._db.write() as db:
            upsert(db, heartbeats, [row], ("run",))

    def last_heartbeat(self, run_id: str) -> Heartbeat | None:
        """The run's last sign of life; None before the first."""
        return self.heartbeats([run_id]).get(run_id)

    def heartbeats(self, ids: Sequence[str]) -> dict[str, Heartbeat]:
        """The last sign of life of each of these runs that has given one, by id."""
        table = heartbeats.c
        query = sa.select(
            table.run, table.at, table.phase, table.progress, table.eta_seconds
        ).where(table.run.in_(ids))
        with self._db.read() as db:
            return {run_id: Heartbeat(*beat) for run_id, *beat in db.execute(query)}
