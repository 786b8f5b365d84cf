"""A disk that is full, and files that may not grow: the run fails with path, room and need, the
command that waits says so, and the run goes on when there is room."""

from __future__ import annotations

import errno
import shutil
import signal
import sys
import time
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from run_making import enqueue
from safetensors.numpy import save_file

from workbench.errors import RunError, StoreError
from workbench.jobs import end_note, follow, launch, recorder, room, worker
from workbench.jobs.recorder import StoreControl, StoreEvents
from workbench.jobs.supervisor import Supervisor
from workbench.store.artifacts import FolderArtifacts, NoRoomError
from workbench.store.store import Store

Usage = namedtuple("Usage", "total used free")
Z = np.random.default_rng(0).standard_normal((300, 40))
WRITERS: dict[str, Callable[[Path], object]] = {
    "text.json": lambda path: path.write_text("x" * 96_000),
    "array.npy": lambda path: np.save(path, Z),
    "tensors.safetensors": lambda path: save_file({"z": Z}, str(path)),
    "table.parquet": lambda path: pq.write_table(pa.table({"z": Z.ravel()}), path),
}


@pytest.fixture(autouse=True)
def _kept_signals() -> Iterator[None]:
    kept = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, kept)


@pytest.fixture
def small_files() -> Iterator[int]:
    """Files of this process may have 20,000 bytes."""
    resource = pytest.importorskip("resource")
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, kept[1]))
    yield 20_000
    resource.setrlimit(resource.RLIMIT_FSIZE, kept)


def full_disk(monkeypatch: pytest.MonkeyPatch, free: int = 1000) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 10**9 - free, free))


def full_store(*_: object, **__: object) -> bool:
    raise StoreError("the run store cannot be written: database or disk is full.")


@pytest.mark.parametrize("name", WRITERS)
def test_a_limit_on_files_is_told_with_path_and_need(
    tmp_path: Path, small_files: int, name: str
) -> None:
    artifacts = FolderArtifacts(tmp_path)
    with pytest.raises(NoRoomError) as caught:
        artifacts.put(name, WRITERS[name], 96_000)
    error = caught.value
    assert (error.path, error.needed, error.limit) == (tmp_path / name, 96_000, small_files)
    assert not list(tmp_path.iterdir())
    words = str(room.of_file(error, "workbench resume r"))
    for part in ("20 kB", "ulimit -f", name, "96 kB", "free", "workbench resume r"):
        assert part in words


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        OSError("12000 requested and 4096 written"),
        RuntimeError("I/O error: No space left on device (os error 28)"),
    ],
)
def test_a_full_disk_is_told_with_path_and_need(
    tmp_path: Path, name: str, error: Exception
) -> None:
    artifacts = FolderArtifacts(tmp_path)

    def write(path: Path) -> None:
        path.write_bytes(b"half")
        raise error

    with pytest.raises(NoRoomError) as caught:
        artifacts.put(name, write, 5000)
    assert (caught.value.needed, caught.value.limit) == (5000, None)
    words = str(room.of_file(caught.value, "again"))
    assert words.startswith(f"The disk is full: '{tmp_path / name}' needs 5 kB, and ")
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_fit_is_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifacts = FolderArtifacts(tmp_path)
    full_disk(monkeypatch, free=3000)
    with pytest.raises(NoRoomError) as caught:
        artifacts.put("a.bin", lambda path: path.write_bytes(b"x" * 4000), 4000)
    assert caught.value.free == 3000
    assert not list(tmp_path.iterdir())


def test_another_error_stays_what_it_is(tmp_path: Path) -> None:
    def breaks(path: Path) -> None:
        raise ValueError("requested and refused")

    with pytest.raises(ValueError, match="refused"):
        FolderArtifacts(tmp_path).put("a.bin", breaks)


def test_room_is_looked_at_before_a_file_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifacts = FolderArtifacts(tmp_path)
    artifacts.put("a.bin", lambda path: path.write_bytes(b"x" * 10_000_000))
    full_disk(monkeypatch, free=15_000_000)
    room.check(artifacts, "again")
    full_disk(monkeypatch, free=12_000_000)
    with pytest.raises(RunError, match="needs 14 MB, and 12 MB are free") as caught:
        room.check(artifacts, "again")
    assert str(tmp_path) in caught.value.message


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "home")


def claimed(store: Store) -> str:
    run_id = store.add_run({"task": "simclr", "device": "cpu"}, digest="d")
    store.claim_next()
    (home_of(store) / "runs" / run_id).mkdir(parents=True)
    return run_id


def home_of(store: Store) -> Path:
    return Path(str(store._db._engine.url.database)).parent


def test_a_store_whose_disk_is_full_is_noticed(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "_PATIENCE_SECONDS", 0.2)
    run_id = claimed(store)
    with StoreEvents(store, run_id) as events:
        assert events.trouble() is None
        with monkeypatch.context() as full:
            full.setattr(Store, "write_metrics", full_store)
            full.setattr(Store, "heartbeat", full_store)
            deadline = time.monotonic() + 10
            while events.trouble() is None:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        assert "full" in str(events.trouble())
        while events.trouble() is not None:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_control_passes_on_that_a_run_cannot_go_on(store: Store, tmp_path: Path) -> None:
    def check() -> None:
        raise RunError("The disk is full.")

    control = StoreControl(store, claimed(store), tmp_path, check=check)
    with pytest.raises(RunError, match="The disk is full"):
        control.should_stop()


def test_a_note_needs_no_more_room_than_was_reserved(tmp_path: Path) -> None:
    end_note.reserve(tmp_path)
    path = tmp_path / "end.json"
    reserved = path.stat().st_size
    assert end_note.read(tmp_path) is None
    end_note.write(tmp_path, "failed", "The disk is full.\nMake room, \u00fc." + "x" * 9000)
    assert path.stat().st_size < reserved
    note = end_note.read(tmp_path)
    assert note is not None
    assert note.state == "failed"
    assert str(note.reason).startswith("The disk is full.\nMake room, \u00fc.")
    end_note.remove(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "content", ["", "   ", "{", "[]", "null", '{"state": "running"}', "\0" * 9]
)
def test_what_is_no_note_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "end.json").write_text(content, "utf-8")
    assert end_note.read(tmp_path) is None


def test_a_small_limit_on_files_still_leaves_room_for_a_note(
    tmp_path: Path, small_files: int
) -> None:
    end_note.reserve(tmp_path)
    assert 0 < (tmp_path / "end.json").stat().st_size <= small_files


def test_whoever_sees_the_run_next_puts_its_end_into_the_store(store: Store) -> None:
    home = home_of(store)
    by_hand, by_supervisor, by_resume = (claimed(store) for _ in range(3))
    for run_id in (by_hand, by_supervisor, by_resume):
        store.update(run_id, pid=2**22 + 1, pid_created=1.0)
        end_note.write(home / "runs" / run_id, "failed", "The disk is full.")
    end_note.settle(store, home, by_hand)
    assert (store.run(by_hand).state, store.run(by_hand).reason) == ("failed", "The disk is full.")
    assert not (home / "runs" / by_hand / "end.json").exists()
    watching = Supervisor(home)
    watching._look_after(store.run(by_supervisor))
    assert store.run(by_supervisor).reason == "The disk is full."
    assert end_note.settle(store, home, by_supervisor) is None


def test_the_command_that_waits_says_so_while_the_store_takes_nothing(
    unattended: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(unattended)
    run_id = enqueue(unattended)
    store.claim_next()
    folder = unattended / "runs" / run_id
    folder.mkdir(parents=True, exist_ok=True)
    end_note.write(folder, "failed", "The disk is full: it needs 5 MB.")
    said: list[str] = []
    with monkeypatch.context() as full:
        full.setattr(Store, "end", full_store)
        (row,) = follow.wait(unattended, [run_id], say=said.append)
    assert (row.state, row.reason) == ("failed", "The disk is full: it needs 5 MB.")
    assert said == [f"{run_id} failed: The disk is full: it needs 5 MB."]
    assert store.run(run_id).state == "running"
    launch.resume(unattended, run_id)
    assert store.run(run_id).state == "queued"
    assert end_note.read(folder) is None


def test_a_run_on_a_disk_that_fills_up_fails_and_goes_on_later(
    unattended: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real worker, whose disk is full from its first step on."""
    store = Store.open(unattended)
    run_id = enqueue(unattended, 400)
    store.claim_next()

    with monkeypatch.context() as full:
        full_disk(full)
        full.setattr(Store, "end", full_store)
        began = time.monotonic()
        assert worker.main([str(unattended), run_id]) == 1
        assert time.monotonic() - began < 60
    (row,) = follow.wait(unattended, [run_id], say=lambda text: None)
    assert row.state == "failed"
    for part in ("The disk is full", str(unattended / "runs" / run_id), "1 kB", "workbench resume"):
        assert part in str(row.reason), row.reason

    launch.resume(unattended, run_id)
    store.claim_next()
    store.update(run_id, config={**store.run(run_id).config, "budget": {"steps": 3}})
    assert worker.main([str(unattended), run_id]) == 0
    assert store.run(run_id).state == "finished"
    assert not (unattended / "runs" / run_id / "end.json").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_scores_that_the_store_does_not_take_are_no_finished_run(
    unattended: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(unattended)
    run_id = enqueue(unattended, 3)
    store.claim_next()
    kept = Store.merge_summary

    def merge(self: Store, run: str, values: Any) -> None:
        if "scores" in values:
            full_store()
        kept(self, run, values)

    with monkeypatch.context() as full:
        full.setattr(Store, "merge_summary", merge)
        assert worker.main([str(unattended), run_id]) == 1
    row = store.run(run_id)
    assert row.state == "failed"
    assert "store.db" in str(row.reason)
    assert "workbench resume" in str(row.reason)
