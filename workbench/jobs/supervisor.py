"""One process a home that starts workers and notices dead ones.

App, command line and notebook call ``ensure(home)``; it ends after a minute with nothing to do.
All that it knows is in the store, so that it may die at any time: the next one takes over.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from workbench import paths
from workbench.engine import address
from workbench.errors import StoreError
from workbench.jobs import end_note, hardware, log_output, room
from workbench.jobs.endings import last_line, resume_command
from workbench.jobs.executor import Executor, LocalExecutor
from workbench.jobs.processes import Process, Starter
from workbench.run_folder import CHECKPOINT, RunFolder
from workbench.store.store import LIVE, RunRow, State, Store

IDLE_SECONDS = 60.0
_TICK = 0.25
_RETRY_SECONDS = 1.0
# Whoever asks whether a supervisor runs holds its lock for a moment.
_LOCK_SECONDS = 2.0
# A worker that was asked to stop ends within a step and a checkpoint; longer, and it is ended.
PATIENCE = 120.0
# A worker that has written its run's end has nothing left to do; longer, and it is ended.
_LINGER_SECONDS = 30.0
# Between a claim and the worker's pid lies one process start.
_CLAIM_SECONDS = 15.0

_starter = Starter("workbench.jobs.supervisor", "supervisor.log")


def ensure(home: Path) -> None:
    """Start the supervisor of ``home`` if none runs. Cheap enough to call every few seconds."""
    home = home.resolve()
    paths.make_home(home)
    if not running(home):
        _starter.start(home, folder=home)


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


@dataclass
class _Occupied:
    """The slot that a worker's process occupies as long as it lives.

    ended_at: since when its run has ended, by the monotonic clock; None while it is live.
    """

    run_id: str
    slot: str
    ended_at: float | None = None


class Supervisor:
    """Starts and watches the workers of one home; ``tick`` is one round.

    At most one worker lives in a slot: a worker that has written its run's end keeps the slot until
    its process is gone. patience: seconds that a worker has to end after it was asked to stop.
    """

    def __init__(self, home: Path, executor: Executor | None = None, *, patience: float = PATIENCE):
        self.home, self.store = home, Store.open(home)
        self.executor = executor or LocalExecutor(home)
        self.slots = hardware.slots()
        self.patience = patience
        self._occupied: dict[Process, _Occupied] = {}
        self._stopping_since: dict[str, float] = {}
        self._claimed_since: dict[str, float] = {}
        self._find_past_workers()

    def tick(self) -> bool:
        """One round; returns whether there is anything to wait for. Raises StoreError, OSError."""
        live = self.store.runs(states=LIVE)
        for row in live:
            self._look_after(row)
        if live:
            # Looking after them may have ended some, or queued them again.
            states = self.store.states([row.id for row in live])
            live = [row for row in live if states.get(row.id, ("", ""))[0] in LIVE]
        for since in (self._stopping_since, self._claimed_since):
            for run_id in since.keys() - {row.id for row in live}:
                del since[run_id]
        self._free_slots(live)
        started = self._start_next(live)
        maps = bool(self.store.unfinished_maps())
        if maps and not live and not started:
            address.ensure(self.home)
        return bool(live) or started or maps or bool(self._occupied)

    def _find_past_workers(self) -> None:
        """Workers of an earlier supervisor that have written their run's end and still live."""
        for run_id, pid, created in self.store.past_workers():
            process = Process(pid, created)
            if self.executor.poll(process) is None:
                self._occupied[process] = _Occupied(run_id, self._slot_of(self.store.run(run_id)))

    def _look_after(self, row: RunRow) -> None:
        process = _process(row)
        if process is None:
            self._look_after_claim(row)
            return
        self._claimed_since.pop(row.id, None)
        self._occupied.setdefault(process, _Occupied(row.id, self._slot_of(row)))
        ending = self.executor.poll(process)
        if ending is not None and end_note.settle(self.store, self.home, row.id) is None:
            self._fail(row, ending)
        elif ending is None and row.state == "stopping":
            since = self._stopping_since.setdefault(row.id, time.monotonic())
            if time.monotonic() - since > self.patience:
                self.executor.stop(process)
                self._end(row.id, "stopped", "Ended by force: it did not stop when asked.")
        if row.state != "stopping":
            self._stopping_since.pop(row.id, None)

    def _look_after_claim(self, row: RunRow) -> None:
        """End or queue again a claimed run without a worker: the supervisor that claimed it died
        before it started one. Should that worker start late, ``adopt`` refuses it."""
        # Not by the time of the claim: the time of day may have been set since.
        since = self._claimed_since.setdefault(row.id, time.monotonic())
        if row.stop_requested:
            self._end(row.id, "stopped", "Stopped before it began.")
        elif time.monotonic() - since > _CLAIM_SECONDS:
            self.store.move(row.id, LIVE, "queued")
            self._claimed_since.pop(row.id, None)

    def _fail(self, row: RunRow, ending: str) -> None:
        """The worker is gone and has written no end."""
        files = RunFolder(paths.run_dir(self.home, row.id))
        last = last_line(files.log)
        output = f" Its last line was: {last}" if last else ""
        kept = (files / CHECKPOINT).exists()
        remedy = "Go on from the last checkpoint with" if kept else "Start it again with"
        command = resume_command(self.home, row.id)
        self._end(row.id, "failed", f"{ending}{output}\n{remedy}: {command}")

    def _end(self, run_id: str, state: State, reason: str) -> None:
        """Write the end of a run. What the store does not take is kept in a note for the next
        round, or for the next supervisor. Raises StoreError."""
        try:
            self.store.end(run_id, state, reason=reason)
        except StoreError:
            end_note.write(paths.run_dir(self.home, run_id), state, reason)
            raise

    def _free_slots(self, live: list[RunRow]) -> None:
        """Free the slots whose process is gone; end processes that stay long after their run."""
        ids = {row.id for row in live}
        for process, occupied in list(self._occupied.items()):
            if self.executor.poll(process) is not None:
                del self._occupied[process]
            elif occupied.run_id in ids:
                occupied.ended_at = None
            elif occupied.ended_at is None:
                occupied.ended_at = time.monotonic()
            elif time.monotonic() - occupied.ended_at > _LINGER_SECONDS:
                self.executor.stop(process)

    def _start_next(self, live: list[RunRow]) -> bool:
        taken = {self._slot_of(row) for row in live}
        taken |= {occupied.slot for occupied in self._occupied.values()}
        free = [slot for slot in self.slots if slot not in taken]
        if not free:
            return False
        row = self.store.claim_next(
            lambda config: any(slot in free for slot in self._slots_for(config))
        )
        if row is None:
            return False
        slot = next(slot for slot in self._slots_for(row.config) if slot in free)
        # Written before there is a process, so that the next supervisor knows what it occupies.
        self.store.merge_summary(row.id, {"slot": slot})
        try:
            process = self.executor.submit(row.id, slot)
        except OSError as error:
            again = resume_command(self.home, row.id)
            reason = f"The worker could not be started: {error}.\nStart it again with: {again}"
            self._end(row.id, "failed", reason)
            return True
        self._occupied[process] = _Occupied(row.id, slot)
        self.store.adopt(row.id, process.pid, process.created)
        return True

    def _slot_of(self, row: RunRow) -> str:
        return str(row.summary.get("slot") or self._slots_for(row.config)[0])

    def _slots_for(self, config: Mapping[str, Any]) -> list[str]:
        # The configuration of a damaged row may lack anything.
        device = config.get("device", "auto")
        gpus = [slot for slot in self.slots if slot != "cpu"]
        return gpus if gpus and device in ("auto", "cuda") else ["cpu"]


def _process(row: RunRow) -> Process | None:
    if row.pid is None or row.pid_created is None:
        return None
    return Process(row.pid, row.pid_created)


def supervise(home: Path, idle: float) -> None:
    """Watch the runs of ``home`` until there has been nothing to do for ``idle`` seconds.

    On a full disk it waits for room, for as long as the home is there: runs may wait for that too.
    """
    supervisor: Supervisor | None = None
    busy_at = time.monotonic()
    last = ""
    while time.monotonic() - busy_at < idle and home.is_dir():
        try:
            if supervisor is None:
                supervisor = Supervisor(home)
            if supervisor.tick():
                busy_at = time.monotonic()
            last = ""
        except (StoreError, OSError) as error:
            # A full disk, or a store that is busy for long: the runs go on, and so does this.
            if room.is_full(error):
                busy_at = time.monotonic()
            if str(error) != last:
                last = str(error)
                _print(f"tried again: {error}")
            time.sleep(_RETRY_SECONDS)
        time.sleep(_TICK)


def _print(text: str) -> None:
    with suppress(OSError):
        sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")
        sys.stderr.flush()


def main(arguments: list[str]) -> int:
    """Supervise the home ``HOME`` until there has been nothing to do for ``IDLE`` seconds."""
    home = Path(arguments[0])
    idle = float(arguments[1]) if len(arguments) > 1 else IDLE_SECONDS
    while home.is_dir():
        try:
            with _lock(home).acquire(timeout=_LOCK_SECONDS):
                supervise(home, idle)
            # Whoever launched a run in the last moment saw the lock held and started nobody.
            if not Store.open(home).count(("queued", *LIVE)):
                return 0
        except Timeout:
            return 0
        except (StoreError, OSError) as error:
            _print(f"this supervisor ends: {error}")
            return 1
    return 0


if __name__ == "__main__":
    log_output.protect()
    sys.exit(main(sys.argv[1:]))
