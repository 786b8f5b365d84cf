"""The run store in PostgreSQL. A server of its own is started if its programs are installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from old_stores import PUBLISHED
from sqlalchemy import Engine

from workbench.errors import RequestError, StoreError
from workbench.jobs import room
from workbench.store import migrations, postgres, schema
from workbench.store.database import forget_connections
from workbench.store.lookup import existing_store
from workbench.store.migrations import change, to_newest
from workbench.store.store import RunFilter, Store

pytest.importorskip(
    "psycopg", reason="psycopg is not installed: pip install ssl-workbench[postgres]"
)
if sys.platform == "win32":
    pytest.skip("the server is started with a socket of POSIX", allow_module_level=True)

_PLACES = (
    "usr/lib/postgresql/*/bin/initdb",
    "usr/pgsql-*/bin/initdb",
    "opt/homebrew/opt/postgresql*/bin/initdb",
    "usr/local/opt/postgresql*/bin/initdb",
)
# The server refuses to be started by root.
_USERS = ("postgres", "nobody")
_SETTINGS = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off"
CONFIG = {"task": "simclr", "device": "auto", "data": {"source": "sample:digits"}}


def programs() -> Path | None:
    """The folder of the server's programs, the newest version where there are several."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    found = [path for place in _PLACES for path in Path("/").glob(place)]
    return max(found, key=lambda path: (len(str(path)), str(path))).parent if found else None


def ordinary_user() -> str | None:
    """A user other than root; None if the tests do not run as root."""
    import pwd

    if os.geteuid():
        return None
    return next(one.pw_name for name in _USERS for one in pwd.getpwall() if one.pw_name == name)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The query of the URL that leads to a running server."""
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL's programs initdb and pg_ctl are not installed")
    user = ordinary_user()
    # Not below pytest's own folder: other users cannot enter that, and a socket's path is short.
    place = Path(tempfile.mkdtemp(prefix="workbench-pg-"))
    if user:
        shutil.chown(place, user)

    def call(program: str, *arguments: str) -> None:
        command = [str(folder / program), "-D", str(place / "data"), *arguments]
        with (place / "output").open("ab") as output:
            subprocess.run(
                command, check=True, user=user, cwd=place, stdout=output, stderr=output, timeout=60
            )

    try:
        call("initdb", "-A", "trust", "-U", "workbench", "-E", "UTF8", "--no-sync")
        call("pg_ctl", "-w", "-l", str(place / "log"), "-o", f"{_SETTINGS} -k {place}", "start")
        try:
            yield f"host={place}"
        finally:
            call("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def url(server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database."""
    name = f"db{abs(hash(request.node.name))}"
    main = sa.create_engine(
        f"postgresql+psycopg://workbench@/postgres?{server}", isolation_level="AUTOCOMMIT"
    )
    with main.connect() as db:
        db.execute(sa.text(f"CREATE DATABASE {name} STRATEGY FILE_COPY"))
    main.dispose()
    yield f"postgresql://workbench@/{name}?{server}"
    forget_connections()


def contents(engine: Engine) -> dict[str, Any]:
    """Columns, indexes and rows of every table, apart from where the version is written."""
    found = {}
    with engine.connect() as db:
        inspector = sa.inspect(db)
        for name in inspector.get_table_names():
            columns = sorted(
                (one["name"], str(one["type"]), one["nullable"], str(one["default"] or ""))
                for one in inspector.get_columns(name)
            )
            indexes = sorted(str(one["name"]) for one in inspector.get_indexes(name))
            rows = db.execute(sa.text(f'SELECT * FROM "{name}"')).mappings()
            found[name] = columns, indexes, sorted(repr(sorted(row.items())) for row in rows)
    found.pop("alembic_version", None)
    return found


def write_version(engine: Engine, version: int) -> None:
    """A store as this published version made it in PostgreSQL, where a boolean is no number."""
    with engine.begin() as db:
        db.exec_driver_sql(
            PUBLISHED[version].replace("NULL, NULL, 0, 1.0", "NULL, NULL, FALSE, 1.0")
        )


@pytest.mark.parametrize("version", PUBLISHED)
def test_a_store_goes_up_and_back_down_and_keeps_all(url: str, version: int) -> None:
    engine = postgres.open_engine(url)
    write_version(engine, version)
    before = contents(engine)
    for _ in range(2):
        assert to_newest(engine) == schema.VERSION
        with engine.begin() as db:
            schema.revisions.create(db, checkfirst=True)
            assert compare_metadata(MigrationContext.configure(db), schema.metadata) == []
            change(db, schema.VERSION, version)
        assert contents(engine) == before
    engine.dispose()


def test_three_at_once_migrate_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engines = [postgres.open_engine(url) for _ in range(3)]
    write_version(engines[0], 1)
    migrated = []

    def counted(*arguments: Any) -> None:
        migrated.append(arguments)
        change(*arguments)

    monkeypatch.setattr(migrations, "change", counted)
    with engines[0].begin() as db, ThreadPoolExecutor() as threads:
        # Nobody goes on before this transaction ends.
        db.execute(sa.select(sa.func.pg_advisory_xact_lock(migrations._POSTGRES_LOCK)))
        answers = [threads.submit(to_newest, engine) for engine in engines]
        while waiting(db) < len(engines):
            time.sleep(0.01)
        db.rollback()
        assert [answer.result() for answer in answers] == [schema.VERSION] * 3
    assert len(migrated) == 1
    for engine in engines:
        engine.dispose()


def waiting(db: sa.Connection) -> int:
    """How many connections wait for the lock of migrations."""
    query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    return int(db.exec_driver_sql(query).scalar() or 0)


def exercised(store: Store) -> list[Any]:
    """What the methods of a store answer; ids are replaced by numbers."""
    ids = [
        store.add_run(CONFIG, digest="d", owner="Ada", name="First", experiment="e"),
        store.add_run({**CONFIG, "task": "byol"}, digest="e", owner="Ada"),
        store.add_run({**CONFIG, "data": {"source": "b", "fingerprint": "f"}}, digest="d"),
    ]
    a, b, c = ids
    store.change_tags(a, ["thesis", "100%"], [])
    scores = {"scores": [{"split": "test"}], "gains": [{"metric": "accuracy"}], "notes": ["n"]}
    store.merge_summary(c, scores)
    store.write_metrics(a, [("loss", step, step / 2) for step in range(1000)])
    store.write_metrics(a, [("loss", 3, 9.0), ("lr", 1, 0.1)])
    store.drop_metrics(a, after=900)
    store.heartbeat(a, "training", 0.5)
    store.heartbeat(a, "training", 0.75, 3.0)
    out: list[Any] = [store.queue(), store.claim_next(), store.move(c, ("queued",), "running")]
    out += [store.adopt(c, 5, 1.5), store.adopt(c, 6, 1.5), store.end(c, "finished", pid=5)]
    out += [store.past_workers(), store.count(("queued",), "Ada"), store.find_equal("d")]
    out += [
        store.finished_on("f"),
        store.finished_with("simclr", "x", 3),
        list(store.test_scored("f")),
    ]
    store.request_stop(a)
    store.request_stop(b)
    store.request_map(c)
    out += [
        [store.states([one]) for one in ids],
        store.queued_maps(),
        store.unfinished_maps(),
        store.facets(),
    ]
    out += [store.page(RunFilter(text=text), limit=1) for text in ("FIRST", "byol", "_", "n%")]
    out += [store.page(RunFilter(tag=tag)) for tag in ("thesis", "100%", "1")]
    out += [store.page(RunFilter(data="b")), store.runs(owner="Ada"), store.with_digests(["d"])]
    out += [store.metrics(a, max_points=9), store.curves(ids, "lr")]
    beat = store.heartbeats(ids)[a]
    out += [beat.phase, beat.progress, beat.eta_seconds]
    out += [store.claim_setting("k/1", one) for one in ({"x": None}, 2)]
    store.set_setting("k/2", None)
    out += [store.settings_under("k/"), store.setting("k/2", 7)]
    store.delete_run(b)
    out += [store.find(b)]
    return [normal(one, ids) for one in out]


def normal(answer: Any, ids: list[str]) -> str:
    """An answer without ids and times of day."""
    text = repr(answer)
    for number, run_id in enumerate(ids):
        text = text.replace(run_id, f"run {number}")
    return re.sub(r"\b\d{10}\.\d+", "now", text)


def test_a_store_answers_as_it_does_in_sqlite(url: str, tmp_path: Path) -> None:
    expected = exercised(Store.open(tmp_path / "a"))
    assert exercised(Store.open(tmp_path / "b", url)) == expected


def test_texts_and_numbers_that_the_database_does_not_take_are_replaced(
    url: str, tmp_path: Path
) -> None:
    store = Store.open(tmp_path, url)
    for text in ("a\0", "a\ud800"):
        run_id = store.add_run({**CONFIG, "data": {"source": text}}, digest="d", name=text)
        store.merge_summary(run_id, {"notes": [text], "chance": float("nan")})
        row = store.run(run_id)
        assert (row.name, row.summary["notes"], row.summary["chance"]) == (
            "a\ufffd",
            ["a\ufffd"],
            None,
        )
        assert store.page(RunFilter(text=text, data=text))[1] == store.count(("queued",))
        assert store.page(RunFilter(tag=text, owner=text)) == ([], 0)
    assert store.facets().data == ("a\ufffd",)
    assert store.test_scored("f") == {}


def test_a_store_is_of_one_home_wherever_that_lies(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_STORE", url)
    home, moved, other = (tmp_path / name for name in ("home", "moved", "other"))
    run_id = Store.open(home).add_run(CONFIG, digest="d")
    home.rename(moved)
    assert Store.open(moved).run(run_id)
    for _ in range(2):
        with pytest.raises(RequestError, match="WORKBENCH_STORE is that of the home") as refused:
            existing_store(other)
        assert f"'{home}'" in refused.value.message
    # The remedy for a home that is gone.
    statement = str(refused.value.remedy).partition(": ")[2]
    engine = postgres.open_engine(url)
    with engine.begin() as db:
        db.exec_driver_sql(statement)
    engine.dispose()
    assert Store.open(other).run(run_id)
    forget_connections()
    with pytest.raises(StoreError, match=f"'{other}'"):
        Store.open(moved)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("postgresql://workbench@/none?", "does not exist"),
        ("mysql://root@localhost/store?", "cannot be in 'mysql'"),
        ("nonsense", "could not parse"),
    ],
)
def test_an_address_that_leads_nowhere_is_said_in_one_line(
    server: str, tmp_path: Path, address: str, words: str
) -> None:
    with pytest.raises(StoreError, match="(?i)" + words) as failed:
        Store.open(tmp_path, address + server if address.endswith("?") else address)
    assert len(failed.value.message.splitlines()) == 1


def test_a_worker_names_the_database_that_takes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_STORE", "postgresql://workbench@/one")
    error = room.of_store(tmp_path, "the run store does not answer: no connection.", "resume it")
    assert "store.db" not in error.message
    assert "resume it" in str(error.remedy)
