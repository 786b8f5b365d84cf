"""Disks that are full for supervisor, worker, engine and app; real ones where mounting works."""

from __future__ import annotations

import dataclasses
import errno
import os
import shutil
import subprocess
import sys
import time
from collections import namedtuple
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from process_ending import end_processes
from run_making import ended, processes, request, step_of, until
from streamlit.testing.v1 import AppTest

from workbench.cli.main import workbench
from workbench.config import Budget
from workbench.data import estimate
from workbench.engine import map_fitting
from workbench.engine.connection import exchange
from workbench.engine.requests import PingRequest
from workbench.errors import EngineError, RequestError, StoreError
from workbench.jobs import endings, launch, room, supervisor, worker
from workbench.store.artifacts import NoRoomError
from workbench.store.store import Store

Usage = namedtuple("Usage", "total used free")
FULL = StoreError("the run store cannot be written: database or disk is full.")
NO_ROOM = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/some/file")

WRITES = """
import logging, sys, traceback, warnings
from workbench.jobs import log_output
log_output.protect()
print("x" * 100_000)
sys.stdout.flush()
sys.stderr.write("y" * 100_000)
warnings.warn("a warning")
logging.getLogger("a").error("an error")
try:
    raise OSError(28, "No space left on device")
except OSError:
    traceback.print_exc()
sys.stdout.buffer.write(b"z")
open(sys.argv[1], "w").write("went on")
"""


def takes_nothing(kind: str, tmp_path: Path) -> int:
    """The number of an open file whose writes fail."""
    if kind == "a full disk":
        return os.open("/dev/full", os.O_WRONLY)
    if kind == "a closed pipe":
        reader, writer = os.pipe()
        os.close(reader)
        return writer
    path = tmp_path / "read-only"
    path.touch()
    return os.open(path, os.O_RDONLY)


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full")
@pytest.mark.parametrize("kind", ["a full disk", "a closed pipe", "a file that is read-only"])
def test_a_log_that_takes_nothing_ends_no_process(tmp_path: Path, kind: str) -> None:
    log = takes_nothing(kind, tmp_path)
    try:
        done = subprocess.run(
            [sys.executable, "-c", WRITES, str(tmp_path / "end")],
            stdout=log,
            stderr=log,
            check=False,
        )
    finally:
        os.close(log)
    assert done.returncode == 0
    assert (tmp_path / "end").read_text() == "went on"


@pytest.mark.parametrize(
    "module", ["jobs/supervisor", "jobs/worker", "engine/server", "app/server"]
)
def test_every_process_protects_its_log_first(module: str) -> None:
    import workbench

    text = (Path(workbench.__file__).parent / f"{module}.py").read_text("utf-8")
    assert "log_output.protect()" in text


def full_store(*_: object, **__: object) -> bool:
    raise FULL


def full_disk(monkeypatch: pytest.MonkeyPatch, free: int = 0) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 10**9 - free, free))


@pytest.fixture
def small_disk(digits_home: Path, tmp_path: Path) -> Iterator[Path]:
    """A home with the digits on a file system of 40 MB of its own."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root on Linux")
    place = tmp_path / "small"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(place)]
    mounted = subprocess.run(mounting, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"mounting is not allowed here: {mounted.stderr.strip()}")
    home = place / "home"
    try:
        # The data lie elsewhere: preparing keeps more free than this disk has.
        home.mkdir()
        (home / "data").symlink_to(digits_home / "data")
        yield home
    finally:
        end_processes(home)
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> Path:
    """A file that leaves no room on the disk of ``place``."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (2**20, 4096):
            with suppress(OSError):
                while True:
                    file.write(b"\0" * size)
    assert shutil.disk_usage(place).free == 0
    return ballast


def test_a_full_disk_ends_a_run_with_its_reason_and_a_resumed_one_finishes(
    small_disk: Path, digits_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole story, on a real disk: the supervisor dies too, and a command that looks at the run
    starts the next one."""
    config = request(digits_home, 100_000)
    run_id = launch.launch(small_disk, config).run_id
    store = Store.open(small_disk)
    until(lambda: step_of(store, run_id) >= 5, "it trains")
    ballast = fill(small_disk)
    for process in processes(small_disk, "jobs.supervisor"):
        process.kill()
    until(lambda: not processes(small_disk, "jobs.worker"), "the worker has ended")
    until(lambda: not supervisor.running(small_disk), "the supervisor is dead")
    assert workbench.main(["show", run_id, "--home", str(small_disk)]) == 0
    assert run_id in capsys.readouterr().out
    ballast.unlink()

    assert workbench.main(["show", run_id, "--home", str(small_disk)]) == 0
    row = ended(store, run_id)
    assert row.state == "failed"
    for part in ("disk", "full", "workbench resume"):
        assert part in str(row.reason), row.reason
    shorter = dataclasses.replace(config, budget=Budget(steps=3)).to_json()
    store.update(run_id, config=shorter)
    launch.resume(small_disk, run_id)
    assert ended(store, run_id).state == "finished", store.run(run_id).reason


def test_show_starts_the_supervisor_that_notices_a_dead_worker(home: Path) -> None:
    store = Store.open(home)
    run_id = launch.launch(home, request(home, 100_000)).run_id
    until(lambda: step_of(store, run_id) >= 1, "it trains")
    for process in (*processes(home, "jobs.supervisor"), *processes(home, "jobs.worker")):
        process.kill()
    until(lambda: not supervisor.running(home), "the supervisor is dead")
    # Whoever asks for a stop now must not leave it "stopping".
    assert workbench.main(["stop", run_id, "--home", str(home)]) == 0
    assert "workbench resume" in str(ended(store, run_id).reason)


def test_a_supervisor_on_a_full_disk_waits_for_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.monotonic()

    def tick(_: object) -> bool:
        if time.monotonic() - began < 1.5:
            raise NO_ROOM
        raise StoreError("another trouble.")

    monkeypatch.setattr(supervisor.Supervisor, "tick", tick)
    monkeypatch.setattr(supervisor, "_RETRY_SECONDS", 0.01)
    supervisor.supervise(tmp_path, idle=0.3)
    assert 1.5 < time.monotonic() - began < 10.0, "other troubles do not keep it"


@pytest.mark.parametrize("error", [FULL, StoreError("the file is not a database.")])
def test_a_supervisor_that_cannot_open_the_store_ends_without_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: StoreError
) -> None:
    def fails(*_: object, **__: object) -> Store:
        raise error

    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setattr(supervisor, "_RETRY_SECONDS", 0.01)
    with monkeypatch.context() as broken:
        broken.setattr(Store, "open", fails)
        if error is FULL:
            broken.setattr(time, "sleep", lambda _: shutil.rmtree(home, ignore_errors=True))
        assert supervisor.main([str(home), "0.2"]) in (0, 1)


def test_an_end_that_the_store_does_not_take_waits_in_a_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The supervisor that noticed it may die meanwhile: the next one has its reason."""
    store = Store.open(tmp_path)
    run_id = store.add_run({"task": "t", "device": "cpu"}, digest="d")
    store.claim_next()
    store.update(run_id, pid=2**22 + 1, pid_created=1.0)
    (tmp_path / "runs" / run_id).mkdir(parents=True)
    keeper = supervisor.Supervisor(tmp_path)
    monkeypatch.setattr(keeper.executor, "poll", lambda _: "The worker was killed (SIGBUS).")
    with monkeypatch.context() as full:
        full.setattr(Store, "end", full_store)
        with pytest.raises(StoreError):
            keeper.tick()
    assert store.run(run_id).state == "running"
    supervisor.Supervisor(tmp_path).tick()
    assert "SIGBUS" in str(store.run(run_id).reason)


def test_a_worker_without_any_room_says_so_by_its_exit_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Store, "adopt", full_store)
    assert worker.main([str(tmp_path), "a-run"]) == endings.NO_ROOM
    assert "disk was full" in endings.describe_exit(endings.NO_ROOM)


def test_a_launch_without_room_enqueues_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise NO_ROOM

    monkeypatch.setattr(launch.FolderArtifacts, "put", fails)
    with pytest.raises(OSError, match="No space"):
        launch.launch(home, request(home))
    assert Store.open(home).runs() == []


def queued_map(home: Path) -> tuple[Store, str]:
    store = Store.open(home)
    run_id = store.add_run({"task": "t", "device": "cpu"}, digest="d")
    store.update(run_id, state="finished", map_state="queued")
    (home / "runs" / run_id).mkdir(parents=True)
    return store, run_id


def test_a_map_without_room_waits_in_the_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, run_id = queued_map(tmp_path)
    mapper = map_fitting.Mapper(tmp_path)
    monkeypatch.setattr(map_fitting, "fit_map", lambda _: pytest.fail("there is no room for it"))
    with monkeypatch.context() as full:
        full_disk(full, 1000)
        for _ in range(3):
            with pytest.raises(NoRoomError):
                mapper.fit_next()

    def fails(_: object) -> None:
        raise NoRoomError(errno.ENOSPC, tmp_path, 5, 0, None)

    monkeypatch.setattr(map_fitting, "fit_map", fails)
    for _ in range(3):
        with pytest.raises(NoRoomError):
            mapper.fit_next()
    assert store.run(run_id).map_state == "queued"
    monkeypatch.setattr(map_fitting, "fit_map", lambda _: None)
    assert mapper.fit_next()
    assert store.run(run_id).map_state == "ready"


def test_a_map_whose_state_the_store_did_not_take_is_fitted_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, run_id = queued_map(tmp_path)
    mapper = map_fitting.Mapper(tmp_path)
    monkeypatch.setattr(map_fitting, "fit_map", lambda _: None)
    with monkeypatch.context() as full:
        full.setattr(Store, "merge_summary", full_store)
        with pytest.raises(StoreError):
            mapper.fit_next()
    assert store.run(run_id).map_state == "running"
    assert mapper.fit_next()
    assert store.run(run_id).map_state == "ready"


def test_an_engine_that_has_no_room_to_start_says_so_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full_disk(monkeypatch)
    with pytest.raises(EngineError, match=r"the disk of .* is full"):
        exchange(tmp_path, PingRequest())


PAGE = """
import errno
from workbench.app.shared import damaged
from workbench.errors import StoreError
with damaged.shown_as_error():
    raise {error}
"""


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("OSError(errno.ENOSPC, 'No space left on device', '/home/x/file')", True),
        ("StoreError('the run store cannot be written: database or disk is full.')", True),
        ("OSError(errno.EACCES, 'Permission denied')", False),
        ("StoreError('the run store does not answer.')", False),
    ],
)
def test_a_page_says_that_the_disk_is_full(error: str, shown: bool) -> None:
    Path(os.environ["WORKBENCH_HOME"]).mkdir(exist_ok=True)
    app = AppTest.from_string(PAGE.format(error=error)).run()
    assert bool(app.exception) is not shown
    if shown:
        assert "The disk is full" in app.error[0].value
        assert "Make room" in app.error[0].value


def test_what_is_kept_free_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full_disk(monkeypatch, 60_000_000)
    with pytest.raises(RequestError) as caught:
        estimate.check_room(26_000, 200, tmp_path)
    for part in ("26 kB", "210 MB are kept for runs", "60 MB are free"):
        assert part in str(caught.value)
    disk = os.statvfs_result((4096, 4096, 10**6, 20_000, 5000, 1, 1, 1, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda path: disk)
    assert "61 MB more are kept for the system" in str(room.full(tmp_path, 5000, 0, "again"))
