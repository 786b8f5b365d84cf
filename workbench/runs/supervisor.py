"""One process a home that starts workers and notices dead ones.

App, command line and notebook call ``ensure(home)``; it ends after a minute with nothing to do.
All it knows is in the store, so that it may die at any time: the next one takes over.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from filelock import FileLock, Timeout

from workbench import paths
from workbench.runs import client, hardware
from workbench.runs.executor import Executor, LocalExecutor, Process, alive, detached, ending
from workbench.runs.store import LIVE, RunRow, Store

IDLE_SECONDS = 60.0
_TICK = 0.25
# A worker that was asked to stop ends within a step and a checkpoint; longer, and it is ended.
_STOP_SECONDS = 120.0
# Between a claim and the worker's pid lies one process start.
_CLAIM_SECONDS = 15.0
_LOG_LINES = 5

_started: dict[Path, float] = {}


def ensure(home: Path) -> None:
    """Start the supervisor of ``home`` if none runs. Cheap enough to call every few seconds."""
    home = home.resolve()
    if time.monotonic() - _started.get(home, -1e9) < 3.0 or running(home):
        return
    _started[home] = time.monotonic()
    home.mkdir(parents=True, exist_ok=True)
    with (home / "supervisor.log").open("ab") as log:
        detached(["-m", "workbench.runs.supervisor", str(home)], log, dict(os.environ))


def running(home: Path) -> bool:
    """Whether a supervisor holds the lock of ``home``."""
    lock = _lock(home)
    try:
        with lock.acquire(timeout=0):
            return False
    except Timeout:
        return True


def _lock(home: Path) -> FileLock:
    return FileLock(home / "supervisor.lock", thread_local=False)


class Supervisor:
    """Looks after the runs of one home; ``tick`` is one round."""

    def __init__(self, home: Path, executor: Executor | None = None):
        self.home, self.store = home, Store.open(home)
        self.executor = executor or LocalExecutor(home)
        self.slots = hardware.slots()
        self._slot_of: dict[str, str] = {}

    def tick(self) -> bool:
        """One round; returns whether there is anything to wait for."""
        live = self.store.runs(states=LIVE)
        for row in live:
            self._look_after(row)
        live = self.store.runs(states=LIVE)
        for run_id in set(self._slot_of) - {row.id for row in live}:
            # A worker's last words are in the store before its process has gone: waiting for the
            # process keeps two runs from sharing a device.
            if self.executor.poll(run_id) is not None or not self._lingers(run_id):
                del self._slot_of[run_id]
        started = self._start_next(live)
        maps = bool(self.store.queued_maps())
        if maps and not live and not started:
            client.ensure(self.home)
        return bool(live) or started or maps or bool(self._slot_of)

    def _look_after(self, row: RunRow) -> None:
        status = self.executor.poll(row.id)
        process = _process(row)
        if process is None:
            if time.time() - (row.started or 0.0) > _CLAIM_SECONDS:
                self.store.move(row.id, LIVE, "queued")
            return
        if status is not None or not alive(process):
            self._died(row, ending(status) if status is not None else "The worker's process ended.")
            return
        asked_long_ago = row.state == "stopping" and self._silent_for(row) > _STOP_SECONDS
        if asked_long_ago:
            self.executor.stop(process)
            self.store.end(row.id, "stopped", reason="Ended by force: it did not stop when asked.")

    def _died(self, row: RunRow, how: str) -> None:
        lines = _last_lines(paths.run_dir(self.home, row.id) / "log.txt")
        said = f" Its last line was: {lines[-1]}" if lines else ""
        remedy = f" Go on from the last checkpoint with: workbench resume {row.id}"
        self.store.end(row.id, "failed", reason=f"{how}{said}{remedy}")

    def _silent_for(self, row: RunRow) -> float:
        beat = self.store.last_heartbeat(row.id)
        return time.time() - (beat.at if beat else row.started or 0.0)

    def _start_next(self, live: list[RunRow]) -> bool:
        # Runs of an earlier supervisor have no slot here: they take the one their config asks for.
        taken = {
            self._slot_of.get(row.id) or self._slots_for(row.config["device"])[0] for row in live
        }
        free = [slot for slot in self.slots if slot not in taken | set(self._slot_of.values())]
        if not free:
            return False
        row = self.store.claim_next(
            lambda config: any(slot in free for slot in self._slots_for(config["device"]))
        )
        if row is None:
            return False
        slot = next(slot for slot in self._slots_for(row.config["device"]) if slot in free)
        process = self.executor.submit(row.id, slot)
        self._slot_of[row.id] = slot
        self.store.update(row.id, pid=process.pid, pid_created=process.created)
        return True

    def _slots_for(self, device: str) -> list[str]:
        gpus = [slot for slot in self.slots if slot != "cpu"]
        return gpus if gpus and device in ("auto", "cuda") else ["cpu"]

    def _lingers(self, run_id: str) -> bool:
        row = self.store.find(run_id)
        process = _process(row) if row is not None else None
        return process is not None and alive(process)


def _process(row: RunRow) -> Process | None:
    if row.pid is None or row.pid_created is None:
        return None
    return Process(row.pid, row.pid_created)


def _last_lines(path: Path) -> list[str]:
    if not path.exists():
        return []
    tail = path.read_bytes()[-4000:].decode("utf-8", "replace").splitlines()
    return [line.strip() for line in tail if line.strip()][-_LOG_LINES:]


def main(arguments: list[str]) -> int:
    """Supervise the home ``HOME`` until there has been nothing to do for ``IDLE`` seconds."""
    home = Path(arguments[0])
    idle = float(arguments[1]) if len(arguments) > 1 else IDLE_SECONDS
    try:
        with _lock(home).acquire(timeout=0):
            supervisor = Supervisor(home)
            busy_at = time.monotonic()
            while time.monotonic() - busy_at < idle:
                if supervisor.tick():
                    busy_at = time.monotonic()
                time.sleep(_TICK)
    except Timeout:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
