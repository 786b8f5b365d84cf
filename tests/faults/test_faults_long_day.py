"""What comes and goes all day leaves nothing behind: files, locks, handles, records of what ended.

The long form, with the memory of all processes, is ``benchmarks/long_day.py``.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from run_making import until

from workbench import paths
from workbench.app import server
from workbench.config import DataConfig
from workbench.data import prepare, uploads
from workbench.engine import preparation
from workbench.engine.requests import PrepareRequest
from workbench.jobs import executor as executors
from workbench.jobs.executor import LocalExecutor
from workbench.jobs.supervisor import Supervisor
from workbench.stored_runs.removal import cleaning

POSIX_ONLY = pytest.mark.skipif(sys.platform == "win32", reason="no such limit")


def _come_and_go(home: Path, number: int) -> None:
    """An upload that is prepared and removed."""
    rows = "".join(f"{number} words of a post {row},{row % 2}\n" for row in range(60))
    root = paths.uploads_dir(home)
    source = uploads.store([("posts.csv", f"post,label\n{rows}".encode())], root)
    prepare(DataConfig(str(source)), home)
    # Prepared data first: an upload that they come from is needed.
    for _ in range(2):
        cleaning.remove(home, cleaning.leftovers(home, 0.0))


def test_uploads_that_come_and_go_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    process = psutil.Process()
    # The first opens the store, which stays open.
    _come_and_go(home, 0)
    files = {path for path in home.rglob("*") if not path.name.startswith("store.db")}
    handles = process.num_handles() if sys.platform == "win32" else process.num_fds()
    threads = process.num_threads()
    for number in range(1, 6):
        _come_and_go(home, number)
    assert {path for path in home.rglob("*") if not path.name.startswith("store.db")} == files
    assert not any(path.is_file() for path in paths.cache_dir(home).rglob("*"))
    assert list(paths.uploads_dir(home).iterdir()) == []
    assert list(temporary.iterdir()) == []
    after = process.num_handles() if sys.platform == "win32" else process.num_fds()
    assert after <= handles
    assert process.num_threads() <= threads


def test_the_engine_forgets_old_preparations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "_MOST_ENDED", 3)
    jobs = preparation.Preparations(tmp_path)
    ids = []
    for _ in range(8):
        ids.append(jobs.start(PrepareRequest(DataConfig(str(tmp_path / "nowhere")), None)).id)
        until(lambda: not jobs.busy, "it has failed")
    lost = [jobs.job(one).id == "" for one in ids]
    # The last was begun after the others were counted.
    assert lost == [True] * 4 + [False] * 4


def test_the_supervisor_forgets_workers_and_runs_that_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "_MOST_ENDED", 3)
    monkeypatch.setattr(
        executors,
        "detached",
        lambda *_: subprocess.Popen([sys.executable, "-S", "-c", "raise SystemExit(3)"]),
    )
    local = LocalExecutor(tmp_path)
    workers = []
    for number in range(8):
        workers.append(local.submit(f"run{number}", "cpu"))
        until(lambda: local.poll(workers[-1]) is not None, "it has ended")
    told = ["3" in str(local.poll(worker)) for worker in workers]
    assert told == [False] * 4 + [True] * 4
    supervisor = Supervisor(tmp_path, local)
    supervisor._stopping_since["gone"] = supervisor._claimed_since["gone"] = time.monotonic()
    supervisor.tick()
    assert not supervisor._stopping_since
    assert not supervisor._claimed_since


@POSIX_ONLY
def test_the_server_may_open_as_many_files_as_sessions_need() -> None:
    """With the 256 handles of macOS, some seventy closed tabs would leave none for a new one."""
    code = (
        "import resource; from workbench.app import server\n"
        "hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))\n"
        "server.allow_handles()\n"
        "print(resource.getrlimit(resource.RLIMIT_NOFILE)[0], hard)"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    soft, hard = map(int, out.split())
    assert soft == (server._HANDLES if hard < 0 else min(server._HANDLES, hard))
