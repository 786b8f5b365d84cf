"""The runs of a store: adding, finding, filtering, changing and deleting them."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from workbench.errors import RequestError, unknown_name
from workbench.store import schema
from workbench.store.database import Database
from workbench.store.documents import text_in
from workbench.store.rows import LIVE, RUN_ID, RunRow, State
from workbench.store.schema import heartbeats, metrics, runs

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True)
class RunFilter:
    """Conditions that runs must meet, all of them. None or an empty value is no condition.

    data: the source of a data set. text: part of id, name, note or task; case does not matter.
    """

    owner: str | None = None
    states: tuple[State, ...] = ()
    experiment: str | None = None
    tag: str | None = None
    data: str | None = None
    text: str = ""


@dataclass(frozen=True)
class Facets:
    """The owners, tags and data sources of a store's runs, sorted: what a filter can offer."""

    owners: tuple[str, ...]
    tags: tuple[str, ...]
    data: tuple[str, ...]


class RunsPart:
    """The methods of ``Store`` for rows of runs."""

    _db: Database

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
        """One run. Raises RequestError, with the nearest ids, if there is no such run."""
        row = self.find(run_id)
        if row is not None:
            return row
        with self._db.read() as db:
            ids = db.scalars(sa.select(runs.c.id).order_by(runs.c.created.desc()).limit(500)).all()
        if not ids:
            raise RequestError(
                f"there is no run '{run_id[:60]}': this home has no runs.",
                field="RUN",
                remedy="Start one with workbench pretrain, or give another --home.",
            )
        raise unknown_name("run", run_id[:60], ids, field="RUN")

    def find(self, run_id: str) -> RunRow | None:
        """One run; None if there is no such run. run_id: any text, such as one from a URL."""
        if not RUN_ID.match(run_id):
            return None
        with self._db.read() as db:
            row = db.execute(self._select().where(runs.c.id == run_id)).mappings().first()
        return RunRow.read(row) if row is not None else None

    def runs(
        self,
        *,
        owner: str | None = None,
        states: Sequence[State] | None = None,
        experiment: str | None = None,
        tag: str | None = None,
        limit: int = 1000,
        summaries: bool = True,
    ) -> list[RunRow]:
        """Runs that meet all conditions, newest first.

        summaries: False leaves ``summary`` empty. Reading it takes most of the time of a row.
        """
        if states is not None and not states:
            return []
        conditions = RunFilter(owner, tuple(states or ()), experiment, tag)
        query = self._filtered(self._select(summaries), conditions).limit(limit)
        absent: dict[str, Any] = {} if summaries else {"summary": {}}
        with self._db.read() as db:
            return [RunRow.read({**row, **absent}) for row in db.execute(query).mappings()]

    def page(
        self, conditions: RunFilter, *, offset: int = 0, limit: int = 24
    ) -> tuple[list[RunRow], int]:
        """``limit`` runs from the ``offset``-th on, newest first, and how many meet the conditions.

        This is one query. Past the end it gives no runs, and 0.
        """
        with_total = self._select().add_columns(sa.func.count().over().label("total"))
        query = self._filtered(with_total, conditions).offset(offset).limit(limit)
        with self._db.read() as db:
            rows = [dict(row) for row in db.execute(query).mappings()]
        total = int(rows[0]["total"]) if rows else 0
        return [RunRow.read({k: v for k, v in row.items() if k != "total"}) for row in rows], total

    def facets(self) -> Facets:
        """The owners, tags and data sources of all runs."""
        source = text_in(runs.c.config, "data", "source")
        query = sa.select(runs.c.owner, schema.tags_of(self._db.version), source).distinct()
        with self._db.read() as db:
            rows = db.execute(query).all()
        return Facets(
            tuple(sorted({owner for owner, _, _ in rows if owner})),
            tuple(sorted({tag for _, tags, _ in rows for tag in tags})),
            tuple(sorted({str(data) for _, _, data in rows if data})),
        )

    def states(self, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """The state of each of these runs and of its map, by id. A deleted run is left out."""
        query = sa.select(runs.c.id, runs.c.state, runs.c.map_state).where(runs.c.id.in_(ids))
        with self._db.read() as db:
            return {run_id: (state, map_state) for run_id, state, map_state in db.execute(query)}

    def with_digests(self, digests: Sequence[str]) -> list[RunRow]:
        """The runs, in any state, of the requests with these digests, newest first."""
        query = self._select().where(runs.c.digest.in_(list(digests)))
        query = query.order_by(runs.c.created.desc(), runs.c.id)
        with self._db.read() as db:
            return [RunRow.read(row) for row in db.execute(query).mappings()]

    def find_equal(self, digest: str) -> RunRow | None:
        """The newest finished run of an equal request, or None."""
        query = (
            self._select()
            .where(runs.c.digest == digest, runs.c.state == "finished")
            .order_by(runs.c.created.desc())
            .limit(1)
        )
        with self._db.read() as db:
            row = db.execute(query).mappings().first()
        return RunRow.read(row) if row is not None else None

    def finished_on(self, fingerprint: str, limit: int = 200) -> list[RunRow]:
        """The newest finished runs on the data set with this fingerprint."""
        query = self._select().where(
            runs.c.state == "finished",
            text_in(runs.c.config, "data", "fingerprint") == fingerprint,
        )
        with self._db.read() as db:
            rows = db.execute(query.order_by(runs.c.created.desc()).limit(limit)).mappings()
            return [RunRow.read(row) for row in rows]

    def finished_with(self, task: str, encoder: str, limit: int) -> list[RunRow]:
        """The newest finished runs of this task with this encoder."""
        query = self._select().where(
            runs.c.state == "finished",
            text_in(runs.c.config, "task") == task,
            text_in(runs.c.config, "encoder") == encoder,
        )
        with self._db.read() as db:
            rows = db.execute(query.order_by(runs.c.created.desc()).limit(limit)).mappings()
            return [RunRow.read(row) for row in rows]

    def test_scored(self, fingerprint: str) -> dict[str, float]:
        """When each finished run on the data set with test scores of labels ended, by id.

        A run on data without labels has scores too, such as how well h tells brightness, but no
        gain. It is left out.
        """
        query = sa.select(runs.c.id, runs.c.ended).where(
            runs.c.state == "finished",
            text_in(runs.c.config, "data", "fingerprint") == fingerprint,
            text_in(runs.c.summary, "scores", 0, "split") == "test",
            text_in(runs.c.summary, "gains", 0, "metric").is_not(None),
        )
        with self._db.read() as db:
            return {run_id: float(ended or 0.0) for run_id, ended in db.execute(query)}

    def update(self, run_id: str, **values: Any) -> None:
        """Set columns of a run, such as name and note."""
        with self._db.write() as db:
            db.execute(runs.update().where(runs.c.id == run_id).values(**values))

    def merge_summary(self, run_id: str, values: Mapping[str, Any]) -> None:
        """Merge ``values`` into the summary, key by key, in one transaction."""
        with self._db.write() as db:
            query = sa.select(runs.c.summary).where(runs.c.id == run_id).with_for_update()
            summary = {**(db.scalar(query) or {}), **values}
            db.execute(runs.update().where(runs.c.id == run_id).values(summary=summary))

    def change_tags(self, run_id: str, add: Iterable[str], remove: Iterable[str]) -> None:
        """Add and remove tags of a run, in one transaction."""
        with self._db.write() as db:
            query = sa.select(runs.c.tags).where(runs.c.id == run_id).with_for_update()
            tags = (set(db.scalar(query) or ()) | set(add)) - set(remove)
            db.execute(runs.update().where(runs.c.id == run_id).values(tags=tuple(tags)))

    def delete_run(self, run_id: str) -> None:
        """Remove a run that is not live, with its metrics. Raises RequestError for a live one."""
        self.run(run_id)
        with self._db.write() as db:
            ended = runs.delete().where(runs.c.id == run_id, runs.c.state.not_in(LIVE))
            if db.execute(ended).rowcount != 1:
                raise RequestError(
                    f"'{run_id}' is running.",
                    field="RUN",
                    remedy=f"Stop it first: workbench stop {run_id}",
                )
            for table in (metrics, heartbeats):
                db.execute(table.delete().where(table.c.run == run_id))

    def _select(self, summaries: bool = True) -> sa.Select[Any]:
        columns = schema.run_columns(self._db.version)
        return sa.select(*(one for one in columns if summaries or one.name != "summary"))

    def _filtered(self, query: sa.Select[Any], conditions: RunFilter) -> sa.Select[Any]:
        query = query.order_by(runs.c.created.desc(), runs.c.id)
        if conditions.owner is not None:
            query = query.where(runs.c.owner == conditions.owner)
        if conditions.states:
            query = query.where(runs.c.state.in_(conditions.states))
        if conditions.experiment is not None:
            query = query.where(runs.c.experiment == conditions.experiment)
        if conditions.tag is not None:
            query = query.where(schema.tagged(conditions.tag, self._db.version))
        if conditions.data is not None:
            query = query.where(text_in(runs.c.config, "data", "source") == conditions.data)
        if conditions.text:
            columns = (runs.c.id, runs.c.name, runs.c.note, text_in(runs.c.config, "task"))
            query = query.where(
                sa.or_(*(column.icontains(conditions.text, autoescape=True) for column in columns))
            )
        return query
