"""The run store: states, turns, metrics that never double, several processes at once."""

from __future__ import annotations

import multiprocessing
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from workbench.errors import RequestError, StoreError
from workbench.store import schema
from workbench.store.database import open_engine
from workbench.store.store import RUN_ID, Store

CONFIG = {"task": "simclr", "device": "auto", "data": {"source": "sample:digits"}}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path)


def add(store: Store, owner: str = "", **more: object) -> str:
    return store.add_run({**CONFIG, **more}, digest="d", owner=owner)


def test_a_run_comes_back_as_it_was_stored(store: Store) -> None:
    run_id = store.add_run(CONFIG, digest="abc", owner="Ada", name="first", experiment="e1")
    row = store.run(run_id)
    assert RUN_ID.match(run_id)
    assert (row.state, row.owner, row.name, row.experiment) == ("queued", "Ada", "first", "e1")
    assert row.config == CONFIG
    assert row.summary == {}


def test_an_unknown_run_offers_the_nearest(store: Store) -> None:
    with pytest.raises(RequestError, match="has no runs"):
        store.run("simclr-abcdef")
    run_id = add(store)
    with pytest.raises(RequestError, match=run_id):
        store.run(run_id[:-1] + ("2" if run_id[-1] != "2" else "3"))


@pytest.mark.parametrize("bad", ["../../etc", "a" * 100, "x'; drop table runs", ""])
def test_anything_may_be_asked_for_as_an_id(store: Store, bad: str) -> None:
    assert store.find(bad) is None


def test_owners_are_served_in_turn(store: Store) -> None:
    ada = [add(store, "Ada") for _ in range(3)]
    bob = [add(store, "Bob") for _ in range(2)]
    served = [store.claim_next() for _ in range(5)]
    assert [row.id for row in served if row] == [ada[0], bob[0], ada[1], bob[1], ada[2]]
    assert store.claim_next() is None


def test_a_claim_takes_only_what_fits(store: Store) -> None:
    add(store, device="cuda")
    on_cpu = add(store, device="cpu")
    row = store.claim_next(lambda config: config["device"] == "cpu")
    assert row is not None
    assert row.id == on_cpu
    assert row.state == "running"
    assert store.claim_next(lambda config: config["device"] == "cpu") is None


def test_a_queued_run_stops_at_once_and_a_running_one_is_asked(store: Store) -> None:
    first, second = add(store), add(store)
    store.request_stop(second)
    assert store.run(second).state == "stopped"
    store.claim_next()
    store.request_stop(first)
    assert store.run(first).state == "stopping"
    assert store.run(first).stop_requested
    assert store.end(first, "stopped")
    assert not store.end(first, "failed", reason="too late"), "an end is written once"
    assert store.run(first).state == "stopped"


def test_metrics_written_twice_are_not_doubled(store: Store) -> None:
    run_id = add(store)
    store.write_metrics(run_id, [("loss", step, float(step)) for step in range(10)])
    store.write_metrics(run_id, [("loss", step, -1.0) for step in range(5, 10)])
    points = store.metrics(run_id)["loss"]
    assert [step for step, _ in points] == list(range(10))
    assert points[9][1] == -1.0


def test_thinning_keeps_both_ends(store: Store) -> None:
    run_id = add(store)
    store.write_metrics(run_id, [("loss", step, float(step)) for step in range(1001)])
    points = store.metrics(run_id, ["loss"], max_points=50)["loss"]
    assert len(points) <= 52
    assert points[0][0] == 0
    assert points[-1][0] == 1000


def test_summaries_merge_key_by_key(store: Store) -> None:
    run_id = add(store)
    store.merge_summary(run_id, {"notes": ["a"], "training": {"steps": 1}})
    store.merge_summary(run_id, {"verdict": {"label": "low rank"}})
    assert store.run(run_id).summary == {
        "notes": ["a"],
        "training": {"steps": 1},
        "verdict": {"label": "low rank"},
    }


def test_only_ended_runs_are_deleted(store: Store) -> None:
    run_id = add(store)
    store.write_metrics(run_id, [("loss", 1, 1.0)])
    store.claim_next()
    with pytest.raises(RequestError, match="running"):
        store.delete_run(run_id)
    store.end(run_id, "finished")
    store.delete_run(run_id)
    assert store.find(run_id) is None
    assert store.metrics(run_id) == {}


def test_equal_requests_are_found_only_when_finished(store: Store) -> None:
    run_id = store.add_run(CONFIG, digest="same")
    assert store.find_equal("same") is None
    store.claim_next()
    store.end(run_id, "finished")
    found = store.find_equal("same")
    assert found is not None
    assert found.id == run_id


def _write_many(home: str, run_id: str, name: str) -> None:
    store = Store.open(Path(home))
    for step in range(40):
        store.write_metrics(run_id, [(name, step, 0.5)])
        store.merge_summary(run_id, {name: step})


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    run_id = add(store)
    context = multiprocessing.get_context("spawn")
    writers = [
        context.Process(target=_write_many, args=(str(tmp_path), run_id, f"m{i}")) for i in range(4)
    ]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        store.runs()
        time.sleep(0.01)
    assert [writer.exitcode for writer in writers] == [0, 0, 0, 0]
    points = store.metrics(run_id)
    assert {name: len(rows) for name, rows in points.items()} == {f"m{i}": 40 for i in range(4)}
    assert store.run(run_id).summary == {f"m{i}": 39 for i in range(4)}


def test_a_store_that_is_opened_while_another_process_writes_waits(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    other = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    other.execute("CREATE TABLE others (id)")
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.5, lambda: other.execute("COMMIT"))
    release.start()
    with open_engine(f"sqlite:///{path}").connect() as db:
        assert db.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    release.join()
    other.close()


def test_a_store_of_a_newer_workbench_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "newer"
    home.mkdir()
    Store.open(home).set_setting("schema", schema.VERSION + 1)
    copy = tmp_path / "copy"
    copy.mkdir()
    source, target = sqlite3.connect(home / "store.db"), sqlite3.connect(copy / "store.db")
    source.backup(target)
    source.close()
    target.close()
    with pytest.raises(StoreError, match="newer"):
        Store.open(copy)


def test_a_read_only_store_leaves_nothing_beside_it(tmp_path: Path) -> None:
    home = tmp_path / "demo"
    store = Store.open(home)
    run_id = add(store)
    alone = tmp_path / "alone"
    alone.mkdir()
    source, target = sqlite3.connect(home / "store.db"), sqlite3.connect(alone / "store.db")
    source.backup(target)
    target.execute("PRAGMA journal_mode=DELETE")
    source.close()
    target.close()
    assert Store.open(alone, read_only=True).run(run_id).id == run_id
    assert [path.name for path in alone.iterdir()] == ["store.db"]
    with pytest.raises(StoreError):
        Store.open(tmp_path / "none", read_only=True)
