"""The worker's ports: files whole or not at all, points once, heartbeats, the wish to stop."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from filelock import Timeout

from workbench.runs.recorder import FolderArtifacts, StoreControl, StoreEvents, device_lock
from workbench.runs.store import Store


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
