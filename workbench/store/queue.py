"""The queue of a store: which run is next, which process works on it, how states change."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from workbench.store import limits
from workbench.store.rows import LIVE, MapState, RunRow, State
from workbench.store.runs import RunsPart
from workbench.store.schema import runs
from workbench.store.settings import SettingsPart

# Experiments whose names begin so consist of pairs: two runs of one owner with one seed. A class
# of thirty would otherwise wait for all first runs before the first pair is complete.
PAIRS = "class-"


class QueuePart(RunsPart, SettingsPart):
    """The methods of ``Store`` for states of runs and of their maps."""

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
        """Write that a live run has ended; returns False if it had ended before.

        pid: the worker that writes it. Nothing is written if another worker has the run by now.
        """
        query = runs.update().where(runs.c.id == run_id, runs.c.state.in_(LIVE))
        if pid is not None:
            query = query.where(runs.c.pid == pid)
        with self._db.write() as db:
            done = db.execute(query.values(state=state, reason=reason, ended=time.time()))
        return done.rowcount == 1

    def adopt(self, run_id: str, pid: int, created: float, *, parent: int | None = None) -> bool:
        """Write that the process ``pid`` works on a claimed run; returns whether it may.

        A run has one worker: the first that adopts it. A worker is refused if the claim that it
        was started for has been given up since. created: when the process was made. parent: the
        process that started ``pid``, which may have been stored as the worker.
        """
        free_or_own = runs.c.pid.is_(None) | runs.c.pid.in_([pid, *([parent] if parent else [])])
        with self._db.write() as db:
            done = db.execute(
                runs.update()
                .where(runs.c.id == run_id, runs.c.state.in_(LIVE), free_or_own)
                .values(pid=pid, pid_created=created)
            )
        return done.rowcount == 1

    def past_workers(self) -> list[tuple[str, int, float]]:
        """(run, pid, start of the process) of the last worker of each run that is not live.

        Such a worker has written its run's end and may not be gone yet.
        """
        query = sa.select(runs.c.id, runs.c.pid, runs.c.pid_created).where(
            runs.c.state.not_in(LIVE), runs.c.pid.is_not(None), runs.c.pid_created.is_not(None)
        )
        with self._db.read() as db:
            return [(run_id, int(pid), float(at)) for run_id, pid, at in db.execute(query)]

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
        and within an owner the oldest run. The second run of a pair that was begun comes before
        all others (``PAIRS``). Who runs as many as the limit ``running`` waits.
        """
        for run_id in self.queue(fits, most=limits.value(self, "running")):
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
        """1 for the run that is next; None if the run is not queued."""
        ids = self.queue()
        return ids.index(run_id) + 1 if run_id in ids else None

    def queue(
        self,
        fits: Callable[[Mapping[str, Any]], bool] = lambda config: True,
        *,
        most: float = math.inf,
    ) -> list[str]:
        """Ids of the queued runs whose configuration ``fits``, in the order of their turns.

        most: owners who run so many already are left out; runs without an owner are not.
        """
        with self._db.read() as db:
            turns = sa.select(runs.c.owner, sa.func.max(runs.c.turn)).group_by(runs.c.owner)
            served = {owner: float(turn) for owner, turn in db.execute(turns)}
            live = (
                sa.select(runs.c.owner, sa.func.count())
                .where(runs.c.state.in_(LIVE))
                .group_by(runs.c.owner)
            )
            full = {owner for owner, count in db.execute(live) if owner and count >= most}
            queued = db.execute(
                sa.select(runs.c.id, runs.c.owner, runs.c.config, runs.c.experiment)
                .where(runs.c.state == "queued")
                .order_by(runs.c.created, runs.c.id)
            ).all()
            begun = _begun_pairs(db) if any(_is_pair(one.experiment) for one in queued) else set()
        waiting: dict[str, list[str]] = {}
        second: list[str] = []
        for run_id, owner, config, experiment in queued:
            if owner not in full and fits(config):
                pair = (experiment, owner, _seed(config))
                later = second if pair in begun else waiting.setdefault(owner, [])
                later.append(run_id)
        # Owners in the order of their last turn, one run each, then again from the first owner.
        owners = sorted(waiting, key=lambda owner: served.get(owner, 0.0))
        rounds = max((len(ids) for ids in waiting.values()), default=0)
        turns_of_all = (waiting[o][i] for i in range(rounds) for o in owners if i < len(waiting[o]))
        return [*second, *turns_of_all]

    def count(self, states: Sequence[State], owner: str | None = None) -> int:
        """How many runs are in ``states``."""
        query = sa.select(sa.func.count()).select_from(runs).where(runs.c.state.in_(states))
        if owner is not None:
            query = query.where(runs.c.owner == owner)
        with self._db.read() as db:
            return int(db.scalar(query) or 0)

    def counts_by_owner(self) -> dict[str, Counter[str]]:
        """How many runs of each owner are in each state."""
        query = sa.select(runs.c.owner, runs.c.state, sa.func.count()).group_by(
            runs.c.owner, runs.c.state
        )
        counts: dict[str, Counter[str]] = {}
        with self._db.read() as db:
            for owner, state, number in db.execute(query):
                counts.setdefault(owner, Counter())[state] = number
        return counts

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


def _is_pair(experiment: str | None) -> bool:
    return (experiment or "").startswith(PAIRS)


def _begun_pairs(db: sa.Connection) -> set[tuple[str | None, str, str]]:
    """(experiment, owner, seed) of each pair of which one run was taken from the queue."""
    query = sa.select(runs.c.experiment, runs.c.owner, runs.c.config).where(
        runs.c.experiment.startswith(PAIRS, autoescape=True),
        runs.c.state.in_((*LIVE, "finished")),
    )
    return {(row.experiment, row.owner, _seed(row.config)) for row in db.execute(query)}


def _seed(config: object) -> str:
    """The seed of a stored configuration, which may be damaged."""
    return str(config.get("seed")) if isinstance(config, Mapping) else ""
