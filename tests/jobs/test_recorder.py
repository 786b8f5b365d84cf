"""The worker's ports: files whole or not at all, points once, heartbeats, the wish to stop."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from filelock import Timeout

from workbench.errors import RunError, StoreError
from workbench.jobs.recorder import StoreControl, StoreEvents
from workbench.store import database
from workbench.store.artifacts import FolderArtifacts
from workbench.store.locks import device_lock
from workbench.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path)


@pytest.fixture
def run_id(store: Store) -> str:
    return store.add_run({"task": "simclr", "device": "cpu"}, digest="d")


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    artifacts = FolderArtifacts(tmp_path / "run")
    artifacts.put("a.json", lambda path: path.write_text("one"))

    def breaks(path: Path) -> None:
        path.write_text("half")
        raise RuntimeError("disk")

    with pytest.raises(RuntimeError):
        artifacts.put("a.json", breaks)
    assert artifacts.path("a.json").read_text() == "one"
    assert [path.name for path in artifacts.folder.iterdir()] == ["a.json"]


def test_what_a_killed_writer_left_is_swept_away(tmp_path: Path) -> None:
    artifacts = FolderArtifacts(tmp_path)
    artifacts.put("checkpoint.safetensors", lambda path: path.write_text("whole"))
    artifacts.path(".checkpoint.999.part.safetensors").write_text("half")
    artifacts.sweep()
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.safetensors"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk needs /dev/full")
def test_a_full_disk_leaves_the_last_whole_file(tmp_path: Path) -> None:
    artifacts = FolderArtifacts(tmp_path)
    artifacts.put("a.json", lambda path: path.write_text("one"))

    def full(path: Path) -> None:
        path.symlink_to("/dev/full")
        path.write_text("two")

    with pytest.raises(OSError, match="No space left"):
        artifacts.put("a.json", full)
    assert artifacts.path("a.json").read_text() == "one"
    assert len(list(tmp_path.iterdir())) == 1


def test_points_notes_and_phases_reach_the_store(store: Store, run_id: str) -> None:
    with StoreEvents(store, run_id) as events:
        events.phase("training", progress=0.5, eta_seconds=3.0)
        events.metrics(1, {"loss": 2.0, "broken": float("nan")})
        events.metrics(1, {"loss": 1.5})
        events.note("Device: cpu")
        events.note("Device: cpu")
        events.summary({"chance": 1.0})
    assert store.metrics(run_id) == {"loss": [(1, 1.5)]}
    assert store.run(run_id).summary == {"notes": ["Device: cpu"], "chance": 1.0}
    beat = store.last_heartbeat(run_id)
    assert beat is not None
    assert (beat.phase, beat.progress, beat.eta_seconds) == ("training", 0.5, 3.0)


def test_the_heart_beats_while_the_run_is_busy(store: Store, run_id: str) -> None:
    with StoreEvents(store, run_id):
        first = store.last_heartbeat(run_id)
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            beat = store.last_heartbeat(run_id)
            if first is not None and beat is not None and beat.at > first.at + 1:
                return
            time.sleep(0.1)
    pytest.fail("no second heartbeat came")


def test_control_hears_of_a_stop(store: Store, run_id: str, tmp_path: Path) -> None:
    control = StoreControl(store, run_id, tmp_path)
    assert not control.should_stop()
    store.claim_next()
    store.request_stop(run_id)
    time.sleep(0.6)
    assert control.should_stop()


def test_timed_training_has_the_processor_to_itself(
    store: Store, run_id: str, tmp_path: Path
) -> None:
    release = StoreControl(store, run_id, tmp_path).exclusive()
    with pytest.raises(Timeout):
        device_lock(tmp_path).acquire(timeout=0)
    release()
    with device_lock(tmp_path).acquire(timeout=0):
        on_a_gpu = StoreControl(store, run_id, tmp_path, shares_processor=False).exclusive()
        on_a_gpu()


def test_a_stop_ends_the_wait_for_the_processor(store: Store, run_id: str, tmp_path: Path) -> None:
    control = StoreControl(store, run_id, tmp_path)
    store.claim_next()
    with device_lock(tmp_path).acquire(timeout=0):
        waiter = threading.Thread(target=control.exclusive)
        waiter.start()
        store.request_stop(run_id)
        waiter.join(20)
        assert not waiter.is_alive()


def test_a_run_that_is_gone_or_taken_over_ends(store: Store, run_id: str, tmp_path: Path) -> None:
    store.claim_next()
    assert not StoreControl(store, run_id, tmp_path).should_stop()
    store.update(run_id, pid=1)
    with pytest.raises(RunError):
        StoreControl(store, run_id, tmp_path).should_stop()
    store.update(run_id, pid=os.getpid())
    assert not StoreControl(store, run_id, tmp_path).should_stop()
    store.end(run_id, "stopped")
    with pytest.raises(RunError):
        StoreControl(store, run_id, tmp_path).should_stop()
    store.delete_run(run_id)
    with pytest.raises(RunError, match="deleted"):
        StoreControl(store, run_id, tmp_path).should_stop()


def test_a_store_that_is_busy_for_long_ends_no_run_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_BUSY_MS", 200)
    home = tmp_path / "impatient"
    store = Store.open(home)
    run_id = store.add_run({"task": "t", "device": "cpu"}, digest="d")
    with sqlite3.connect(home / "store.db") as other, StoreEvents(store, run_id) as events:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError):
            store.merge_summary(run_id, {"a": 1})
        events.metrics(1, {"loss": 2.0})
        events.phase("training")
        events.summary({"chance": 1.0})
        events.note("Batch: 64.")
        assert not StoreControl(store, run_id, home).should_stop()
        time.sleep(1.5)
        other.execute("ROLLBACK")
    other.close()
    assert store.metrics(run_id) == {"loss": [(1, 2.0)]}
    assert store.run(run_id).summary == {"chance": 1.0, "notes": ["Batch: 64."]}


def test_what_never_reaches_the_store_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_BUSY_MS", 200)
    home = tmp_path / "impatient"
    store = Store.open(home)
    run_id = store.add_run({"task": "t", "device": "cpu"}, digest="d")
    other = sqlite3.connect(home / "store.db")
    events = StoreEvents(store, run_id)
    events.__enter__()
    other.execute("BEGIN EXCLUSIVE")
    events.summary({"scores": []})
    with pytest.raises(StoreError, match="locked"):
        events.__exit__(None, None, None)
    other.close()
