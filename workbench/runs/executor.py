"""How workers are started, watched and stopped: ``submit, poll, stop``. Local is the default."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

from workbench import paths


@dataclass(frozen=True)
class Process:
    """A process for certain: a pid alone may belong to another one by now."""

    pid: int
    created: float


class Executor(Protocol):
    """Where workers run."""

    def submit(self, run_id: str, slot: str) -> Process:
        """Start the worker of a run in ``slot`` (``cuda:N`` or ``cpu``)."""

    def poll(self, run_id: str) -> int | None:
        """Exit status of a worker that this executor started and that has ended, else None."""

    def stop(self, process: Process) -> None:
        """End a worker that does not end by itself."""


class LocalExecutor:
    """Workers as processes of this machine, each in a session of its own.

    Output goes to the run's ``log.txt`` and never to a pipe: a reader that goes away must not
    stop a worker.
    """

    def __init__(self, home: Path):
        self._home = home
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def submit(self, run_id: str, slot: str) -> Process:
        """See ``Executor``."""
        folder = paths.run_dir(self._home, run_id)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "log.txt").open("ab") as log:
            child = detached(
                ["-m", "workbench.runs.worker", str(self._home.resolve()), run_id],
                log,
                environment(slot),
            )
        self._children[run_id] = child
        return Process(child.pid, psutil.Process(child.pid).create_time())

    def poll(self, run_id: str) -> int | None:
        child = self._children.get(run_id)
        status = child.poll() if child is not None else None
        if status is not None:
            del self._children[run_id]
        return status

    def stop(self, process: Process) -> None:
        kill(process)


def detached(
    arguments: list[str], log: int | object, env: dict[str, str]
) -> subprocess.Popen[bytes]:
    """Start this Python with ``arguments``, so that it outlives the process that starts it."""
    detach = 0
    if sys.platform == "win32":
        detach = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=log,  # type: ignore[arg-type]
        stderr=subprocess.STDOUT,
        env=env,
        start_new_session=True,
        creationflags=detach,
    )


def environment(slot: str) -> dict[str, str]:
    """The environment of a worker in ``slot``: which GPU it sees, how many threads it takes."""
    env = {**os.environ, "WORKBENCH_SLOT": slot, "PYTHONUNBUFFERED": "1"}
    env.setdefault("OMP_NUM_THREADS", str(psutil.cpu_count(logical=False) or os.cpu_count() or 1))
    if slot.startswith("cuda:"):
        env["CUDA_VISIBLE_DEVICES"] = slot.removeprefix("cuda:")
    return env


def alive(process: Process) -> bool:
    """Whether that very process still runs (a zombie does not)."""
    try:
        found = psutil.Process(process.pid)
        same = abs(found.create_time() - process.created) < 1.0
        return same and found.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def kill(process: Process) -> None:
    """End that very process and its children, if it still runs."""
    if not alive(process):
        return
    found = psutil.Process(process.pid)
    for victim in [*found.children(recursive=True), found]:
        try:
            victim.kill()
        except psutil.NoSuchProcess:
            continue


def ending(status: int) -> str:
    """An exit status in words."""
    if status >= 0:
        return f"The worker ended with exit status {status}."
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    out_of_memory = " Often the system ran out of memory." if name == "SIGKILL" else ""
    return f"The worker was killed ({name}).{out_of_memory}"
