"""The run store: rows, metrics, heartbeats and settings, in SQLite (WAL) or PostgreSQL by URL.

Readers never block the writers; a list of runs joins nothing; metrics are append-only under the
key (run, name, step), so that a resumed run writes over its own last points and none is doubled.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from workbench.errors import RequestError, StoreError, unknown_name
from workbench.runs.database import Database, insert, upsert
from workbench.runs.schema import heartbeats, metrics, runs, settings

State = Literal["queued", "running", "stopping", "stopped", "finished", "failed"]
MapState = Literal["none", "queued", "running", "ready", "failed"]
ENDED: tuple[State, ...] = ("stopped", "finished", "failed")
LIVE: tuple[State, ...] = ("running", "stopping")
RUN_ID = re.compile(r"^[a-z0-9-]{6,40}$")
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True)
class RunRow:
    """One run as stored. Times are seconds since the epoch; summary holds what the run told."""

    id: str
    name: str
    owner: str
    state: State
    config: Mapping[str, Any]
    digest: str
    experiment: str | None
    created: float
    started: float | None
    ended: float | None
    reason: str | None
    note: str
    summary: Mapping[str, Any]
    map_state: MapState
    pid: int | None
    pid_created: float | None
    stop_requested: bool
    turn: float


@dataclass(frozen=True)
class Heartbeat:
    """The last sign of life of a run: when, in which phase, how far."""

    at: float
    phase: str
    progress: float
    eta_seconds: float | None


class Store:
    """One home's run store. Cheap to open; safe to use from several threads and processes."""

    def __init__(self, database: Database):
        self._db = database

    @classmethod
    def open(cls, home: Path, url: str | None = None, *, read_only: bool = False) -> Store:
        """The store of ``home``: ``home/store.db``, or the database at ``url``.

        url defaults to the environment's ``WORKBENCH_STORE``. read_only opens an existing SQLite
        store in a folder that may be read-only, and leaves no file there.
        Raises StoreError if it was written by a newer workbench or cannot be opened.
        """
        if read_only:
            path = (home / "store.db").resolve()
            if not path.exists():
                raise StoreError(f"there is no store at {path}.", remedy="Give another home.")
            return cls(Database.read_only(path))
        home.mkdir(parents=True, exist_ok=True)
        url = url or os.environ.get("WORKBENCH_STORE") or f"sqlite:///{home / 'store.db'}"
        return cls(Database.prepared(url, home))

    # Runs -----------------------------------------------------------------------------------

    def add_run(
        self,
        config: Mapping[str, Any],
        *,
        digest: str,
        owner: str = "",
        name: str = "",
        experiment: str | None = None,
    ) -> str:
        """Insert a queued run; returns its id."""
        task = re.sub(r"[^a-z0-9]+", "-", str(config["task"]).lower()).strip("-")[:24] or "run"
        while True:
            run_id = f"{task}-{''.join(secrets.choice(_ALPHABET) for _ in range(6))}"
            row = {
                "id": run_id,
                "name": name,
                "owner": owner,
                "state": "queued",
                "config": dict(config),
                "digest": digest,
                "experiment": experiment,
                "created": time.time(),
                "summary": {},
            }
            try:
                with self._db.write() as db:
                    db.execute(runs.insert().values(**row))
            except sa.exc.IntegrityError:
                continue
            return run_id

    def run(self, run_id: str) -> RunRow:
        """One run. Raises RequestError, with the nearest ids, if there is none such."""
        found = self.find(run_id)
        if found is None:
            with self._db.read() as db:
                known = db.scalars(
                    sa.select(runs.c.id).order_by(runs.c.created.desc()).limit(500)
                ).all()
            if not known:
                raise RequestError(
                    f"there is no run '{run_id[:60]}': this home has no runs.",
                    field="RUN",
                    remedy="Start one with workbench pretrain, or give another --home.",
                )
            raise unknown_name("run", run_id[:60], known, field="RUN")
        return found

    def find(self, run_id: str) -> RunRow | None:
        """One run, or None. Anything may be asked for, such as an id from a URL."""
        if not RUN_ID.match(run_id):
            return None
        with self._db.read() as db:
            row = db.execute(sa.select(runs).where(runs.c.id == run_id)).mappings().first()
        return _row(row) if row is not None else None

    def runs(
        self,
        *,
        owner: str | None = None,
        states: Sequence[State] | None = None,
        experiment: str | None = None,
        limit: int = 1000,
    ) -> list[RunRow]:
        """Runs, newest first."""
        query = sa.select(runs).order_by(runs.c.created.desc(), runs.c.id).limit(limit)
        if owner is not None:
            query = query.where(runs.c.owner == owner)
        if states is not None:
            query = query.where(runs.c.state.in_(states))
        if experiment is not None:
            query = query.where(runs.c.experiment == experiment)
        with self._db.read() as db:
            return [_row(row) for row in db.execute(query).mappings()]

    def find_equal(self, digest: str) -> RunRow | None:
        """The newest finished run of an equal request, or None."""
        query = (
            sa.select(runs)
            .where(runs.c.digest == digest, runs.c.state == "finished")
            .order_by(runs.c.created.desc())
            .limit(1)
        )
        with self._db.read() as db:
            row = db.execute(query).mappings().first()
        return _row(row) if row is not None else None

    def tested(self, fingerprint: str) -> dict[str, float]:
        """When each finished run on these data ended, by id; only runs that have test scores."""
        query = sa.select(runs.c.id, runs.c.ended).where(
            runs.c.state == "finished",
            runs.c.config[("data", "fingerprint")].as_string() == fingerprint,
            runs.c.summary[("scores", 0, "split")].as_string() == "test",
        )
        with self._db.read() as db:
            return {run_id: float(ended or 0.0) for run_id, ended in db.execute(query)}

    def update(self, run_id: str, **values: Any) -> None:
        """Set columns of a run (name, note, ...)."""
        with self._db.write() as db:
            db.execute(runs.update().where(runs.c.id == run_id).values(**values))

    def move(self, run_id: str, origin: Iterable[State], state: State, **values: Any) -> bool:
        """Change a run's state if it is in one of ``origin``; returns whether it was."""
        with self._db.write() as db:
            done = db.execute(
                runs.update()
                .where(runs.c.id == run_id, runs.c.state.in_(tuple(origin)))
                .values(state=state, **values)
            )
        return done.rowcount == 1

    def end(
        self, run_id: str, state: State, *, reason: str | None = None, pid: int | None = None
    ) -> bool:
        """A live run has ended; returns False if its end had been written before.

        pid: the worker that says so; nothing is written if another one has the run by now.
        """
        query = runs.update().where(runs.c.id == run_id, runs.c.state.in_(LIVE))
        if pid is not None:
            query = query.where(runs.c.pid == pid)
        with self._db.write() as db:
            done = db.execute(query.values(state=state, reason=reason, ended=time.time()))
        return done.rowcount == 1

    def adopt(self, run_id: str, pid: int, created: float, *, parent: int | None = None) -> bool:
        """Write which process carries out a claimed run; returns whether it may.

        A run has one worker: the first that adopts it. Whoever was started for a claim that has
        been given up since is refused. parent: a process that may have been noted in its stead.
        """
        mine = runs.c.pid.is_(None) | runs.c.pid.in_([pid, *([parent] if parent else [])])
        with self._db.write() as db:
            done = db.execute(
                runs.update()
                .where(runs.c.id == run_id, runs.c.state.in_(LIVE), mine)
                .values(pid=pid, pid_created=created)
            )
        return done.rowcount == 1

    def request_stop(self, run_id: str) -> None:
        """Ask for a stop: a queued run is stopped at once, a running one at its next step."""
        if self.move(run_id, ("queued",), "stopped", ended=time.time(), reason="Stopped in queue."):
            return
        self.move(run_id, ("running",), "stopping", stop_requested=True)

    def claim_next(
        self, fits: Callable[[Mapping[str, Any]], bool] = lambda config: True
    ) -> RunRow | None:
        """Take the next queued run whose configuration ``fits``; None if none is queued.

        Owners are served in turn: the owner whose last run was taken longest ago comes first,
        and within an owner the oldest run.
        """
        for run_id in self._queue(fits):
            now = time.time()
            if self.move(
                run_id,
                ("queued",),
                "running",
                started=now,
                turn=now,
                reason=None,
                ended=None,
                pid=None,
            ):
                return self.run(run_id)
        return None

    def queue_position(self, run_id: str) -> int | None:
        """1 for the next run to be taken; None if the run is not queued."""
        ids = self._queue()
        return ids.index(run_id) + 1 if run_id in ids else None

    def _queue(self, fits: Callable[[Mapping[str, Any]], bool] = lambda config: True) -> list[str]:
        """Ids of the queued runs that fit, in the order in which they will be taken."""
        with self._db.read() as db:
            turns = sa.select(runs.c.owner, sa.func.max(runs.c.turn)).group_by(runs.c.owner)
            served = {owner: float(turn) for owner, turn in db.execute(turns)}
            queued = db.execute(
                sa.select(runs.c.id, runs.c.owner, runs.c.config)
                .where(runs.c.state == "queued")
                .order_by(runs.c.created, runs.c.id)
            ).all()
        waiting: dict[str, list[str]] = {}
        for run_id, owner, config in queued:
            if fits(config):
                waiting.setdefault(owner, []).append(run_id)
        # Owners in the order in which they were served last; then round and round.
        owners = sorted(waiting, key=lambda owner: served.get(owner, 0.0))
        rounds = max((len(ids) for ids in waiting.values()), default=0)
        return [waiting[o][i] for i in range(rounds) for o in owners if i < len(waiting[o])]

    def count(self, states: Sequence[State], owner: str | None = None) -> int:
        """How many runs are in ``states``."""
        query = sa.select(sa.func.count()).select_from(runs).where(runs.c.state.in_(states))
        if owner is not None:
            query = query.where(runs.c.owner == owner)
        with self._db.read() as db:
            return int(db.scalar(query) or 0)

    def delete_run(self, run_id: str) -> None:
        """Remove a run that is not live, with its metrics. Raises RequestError for a live one."""
        self.run(run_id)
        with self._db.write() as db:
            done = db.execute(runs.delete().where(runs.c.id == run_id, runs.c.state.not_in(LIVE)))
            if done.rowcount != 1:
                raise RequestError(
                    f"'{run_id}' is running.",
                    field="RUN",
                    remedy=f"Stop it first: workbench stop {run_id}",
                )
            for table in (metrics, heartbeats):
                db.execute(table.delete().where(table.c.run == run_id))

    def merge_summary(self, run_id: str, values: Mapping[str, Any]) -> None:
        """Merge ``values`` into the summary, key by key, in one transaction."""
        with self._db.write() as db:
            query = sa.select(runs.c.summary).where(runs.c.id == run_id)
            if db.dialect.name != "sqlite":
                query = query.with_for_update()
            known = db.scalar(query) or {}
            db.execute(runs.update().where(runs.c.id == run_id).values(summary={**known, **values}))

    def move_map(self, run_id: str, origin: Iterable[MapState], state: MapState) -> bool:
        """Change the state of a run's map if it is in one of ``origin``."""
        with self._db.write() as db:
            done = db.execute(
                runs.update()
                .where(runs.c.id == run_id, runs.c.map_state.in_(tuple(origin)))
                .values(map_state=state)
            )
        return done.rowcount == 1

    def queued_maps(self) -> list[str]:
        """Ids of runs whose map is queued, oldest first."""
        query = sa.select(runs.c.id).where(runs.c.map_state == "queued").order_by(runs.c.created)
        with self._db.read() as db:
            return list(db.scalars(query))

    def unfinished_maps(self) -> list[str]:
        """Ids of runs whose map is queued or being fitted, oldest first."""
        query = (
            sa.select(runs.c.id)
            .where(runs.c.map_state.in_(("queued", "running")))
            .order_by(runs.c.created)
        )
        with self._db.read() as db:
            return list(db.scalars(query))

    # Metrics and heartbeats -----------------------------------------------------------------

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
    ) -> dict[str, list[tuple[int, float]]]:
        """Points of each metric in order of steps, thinned out by the database.

        Keeps the first and the last point and every k-th between them.
        """
        rank = sa.func.row_number().over(partition_by=metrics.c.name, order_by=metrics.c.step)
        total = sa.func.count().over(partition_by=metrics.c.name)
        inner = sa.select(
            metrics.c.name,
            metrics.c.step,
            metrics.c.value,
            rank.label("rank"),
            total.label("total"),
        ).where(metrics.c.run == run_id)
        if names is not None:
            inner = inner.where(metrics.c.name.in_(names))
        numbered = inner.subquery()
        every = (numbered.c.total + max_points - 1) // max_points
        query = (
            sa.select(numbered.c.name, numbered.c.step, numbered.c.value)
            .where(sa.or_((numbered.c.rank - 1) % every == 0, numbered.c.rank == numbered.c.total))
            .order_by(numbered.c.name, numbered.c.step)
        )
        out: dict[str, list[tuple[int, float]]] = {}
        with self._db.read() as db:
            for name, step, value in db.execute(query):
                out.setdefault(name, []).append((int(step), float(value)))
        return out

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
        query = sa.select(
            heartbeats.c.at, heartbeats.c.phase, heartbeats.c.progress, heartbeats.c.eta_seconds
        ).where(heartbeats.c.run == run_id)
        with self._db.read() as db:
            row = db.execute(query).first()
        return Heartbeat(*row) if row is not None else None

    # Settings -------------------------------------------------------------------------------

    def setting(self, key: str, default: Any = None) -> Any:
        """A stored value (JSON), or ``default``."""
        with self._db.read() as db:
            row = db.execute(sa.select(settings.c.value).where(settings.c.key == key)).first()
        return default if row is None else row[0]

    def settings_under(self, prefix: str) -> dict[str, Any]:
        """All stored values whose key begins with ``prefix``."""
        mine = settings.c.key.startswith(prefix, autoescape=True)
        query = sa.select(settings.c.key, settings.c.value).where(mine)
        with self._db.read() as db:
            return {str(key): value for key, value in db.execute(query)}

    def set_setting(self, key: str, value: Any) -> None:
        with self._db.write() as db:
            upsert(db, settings, [{"key": key, "value": value}], ("key",))

    def drop_setting(self, key: str) -> None:
        """Forget a stored value; nothing happens if there is none."""
        with self._db.write() as db:
            db.execute(settings.delete().where(settings.c.key == key))

    def claim_setting(self, key: str, value: Any) -> Any:
        """Set ``key`` unless it is set, in one transaction; returns what it is now."""
        with self._db.write() as db:
            db.execute(insert(db, settings).values(key=key, value=value).on_conflict_do_nothing())
            return db.scalar(sa.select(settings.c.value).where(settings.c.key == key))


def _row(row: sa.RowMapping) -> RunRow:
    return RunRow(**dict(row))
