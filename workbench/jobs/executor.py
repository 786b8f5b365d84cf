"""How workers are started, watched and stopped: a port with ``submit``, ``poll`` and ``stop``."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Protocol

from workbench import paths
from workbench.jobs import cgroup, processor
from workbench.jobs.endings import describe_exit
from workbench.jobs.processes import Process, alive, detached, identify, kill, open_log
from workbench.run_folder import LOG

# How many workers that have ended can still be asked about.
_MOST_ENDED = 64


class Executor(Protocol):
    """Where workers run."""

    def submit(self, run_id: str, slot: str) -> Process:
        """Start the worker of a run in ``slot`` (``cuda:N`` or ``cpu``). Raises OSError."""

    def poll(self, process: Process) -> str | None:
        """How a worker ended, in words; None while it runs."""

    def stop(self, process: Process) -> None:
        """End a worker that does not end by itself."""


class LocalExecutor:
    """Workers as processes of this machine, each in a session of its own.

    Output goes to the run's log and never to a pipe: a reader that goes away must not stop a
    worker.
    """

    def __init__(self, home: Path):
        self._home = home
        self._children: dict[Process, subprocess.Popen[bytes]] = {}
        # Of the control group when each worker began.
        self._memory: dict[Process, cgroup.Memory] = {}

    def submit(self, run_id: str, slot: str) -> Process:
        """See ``Executor``."""
        folder = paths.run_dir(self._home, run_id)
        paths.make_folder(folder)
        memory = cgroup.memory()
        with open_log(folder / LOG) as log:
            child = detached(
                ["-m", "workbench.jobs.worker", str(self._home.resolve()), run_id],
                log,
                environment(slot),
                self._home,
            )
        self._forget()
        process = identify(child.pid)
        self._children[process] = child
        self._memory[process] = memory
        return process

    def _forget(self) -> None:
        """Keep how the last workers ended, which may be asked again, and not all of a long day."""
        ended = [one for one, child in self._children.items() if child.poll() is not None]
        for process in ended[:-_MOST_ENDED]:
            del self._children[process], self._memory[process]

    def poll(self, process: Process) -> str | None:
        child = self._children.get(process)
        if child is None:
            return None if alive(process) else "The worker's process ended."
        status = child.poll()
        return (
            None
            if status is None
            else describe_exit(status, self._memory[process], cgroup.memory())
        )

    def stop(self, process: Process) -> None:
        kill(process)


def environment(slot: str) -> dict[str, str]:
    """The environment of a worker in ``slot``: which GPU it sees, how many threads it takes."""
    env = {**os.environ, "WORKBENCH_SLOT": slot, "PYTHONUNBUFFERED": "1", **processor.environment()}
    if slot.startswith("cuda:"):
        env["CUDA_VISIBLE_DEVICES"] = slot.removeprefix("cuda:")
    return env
