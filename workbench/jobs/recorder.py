"""Two of the worker's ports on a home's store: events are written there, stops are read there."""

from __future__ import annotations

import math
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from filelock import Timeout

from workbench.errors import RunError, StoreError
from workbench.jobs import room
from workbench.records import Summary
from workbench.run_folder import CHECKPOINT
from workbench.store.locks import device_lock
from workbench.store.machine import OtherMachineError
from workbench.store.store import ENDED, Store
from workbench.training.ports import Artifacts, Phase

HEARTBEAT_SECONDS = 2.0
_WRITE_SECONDS = 1.0
_READ_SECONDS = 0.5
# After so long such a disk is no passing trouble.
_PATIENCE_SECONDS = 4.0


class StoreEvents:
    """Events into the store: metrics at most once a second, a heartbeat every two.

    A thread of its own writes, so that a slow disk never slows a step down. What the store does
    not take is kept and written with the next. Use as a context manager; leaving it writes what
    is left, and raises StoreError if that cannot be done.
    """

    def __init__(self, store: Store, run_id: str):
        self._store, self._run = store, run_id
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._points: dict[tuple[str, int], float] = {}
        self._unwritten: Summary = {}
        self._phase: tuple[str, float, float | None] = ("starting", 0.0, None)
        self._notes: list[str] = list(store.run(run_id).summary.get("notes", []))
        # Since when the store takes nothing because of its disk, and its last words.
        self._trouble: tuple[float, str] | None = None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._write_on, name="events", daemon=True)

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """See ``workbench.training.ports.Events``; values that are not finite are not stored."""
        with self._lock:
            for name, value in values.items():
                if math.isfinite(value):
                    self._points[name, step] = float(value)

    def phase(
        self, phase: Phase, *, progress: float = 0.0, eta_seconds: float | None = None
    ) -> None:
        changed = phase != self._phase[0]
        self._phase = (phase, progress, eta_seconds)
        if changed:
            _print(f"{phase}")
            self._try(self._beat)

    def note(self, text: str) -> None:
        _print(text)
        if text not in self._notes:
            self._notes.append(text)
            self.summary({"notes": list(self._notes)})

    def summary(self, values: Summary) -> None:
        with self._lock:
            self._unwritten |= values
        self._try(self._write_summary)

    def flush(self) -> None:
        """Write the points that are still kept, if the store takes them."""
        self._try(self._write_points)

    def trouble(self) -> str | None:
        """What the store says if its disk has taken nothing for some seconds, else None."""
        trouble = self._trouble
        if trouble is None or time.monotonic() - trouble[0] < _PATIENCE_SECONDS:
            return None
        return trouble[1]

    def __enter__(self) -> StoreEvents:
        self._beat()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()
        self._write_points()
        self._write_summary()
        self._beat()

    def _write_on(self) -> None:
        last_beat = 0.0
        while not self._done.wait(_WRITE_SECONDS):
            taken = self._try(self._write_points) & self._try(self._write_summary)
            if time.monotonic() - last_beat >= HEARTBEAT_SECONDS - _WRITE_SECONDS:
                last_beat = time.monotonic()
                if self._try(self._beat) and taken:
                    self._trouble = None

    def _try(self, write: Callable[[], None]) -> bool:
        """Whether the store has taken what ``write`` gives it."""
        try:
            write()
        except StoreError as error:
            if room.is_full(error):
                since = time.monotonic() if self._trouble is None else self._trouble[0]
                self._trouble = since, error.message
            _print(f"The store takes nothing at the moment, which is tried again: {error}")
            return False
        return True

    def _write_summary(self) -> None:
        with self._writing:
            with self._lock:
                written: Mapping[str, object] = {**self._unwritten}
            if not written:
                return
            self._store.merge_summary(self._run, written)
            with self._lock:
                for name, value in written.items():
                    # A value that was given anew meanwhile is not written yet.
                    if self._unwritten.get(name) is value:
                        self._unwritten.pop(name)  # type: ignore[misc]

    def _write_points(self) -> None:
        with self._lock:
            rows = [(name, step, value) for (name, step), value in self._points.items()]
        self._store.write_metrics(self._run, rows)
        with self._lock:
            for name, step, value in rows:
                if self._points.get((name, step)) == value:
                    del self._points[name, step]

    def _beat(self) -> None:
        self._store.heartbeat(self._run, *self._phase)


class CheckpointedArtifacts:
    """The folder of a run, in which a checkpoint waits for the curves up to its step.

    A resumed run makes the steps after its checkpoint again. Points of earlier ones that a killed
    worker had not written would be missing for good.
    """

    def __init__(self, artifacts: Artifacts, events: StoreEvents):
        self._artifacts, self._events = artifacts, events

    def put(self, name: str, write: Callable[[Path], object], size: int | None = None) -> Path:
        """See ``workbench.training.ports.Artifacts``."""
        if name == CHECKPOINT:
            self._events.flush()
        return self._artifacts.put(name, write, size)

    def path(self, name: str) -> Path:
        return self._artifacts.path(name)


class StoreControl:
    """Requests to stop from the store, and turns on the device if runs share it with maps.

    check: called with each question to the store; it raises RunError if the run cannot go on, such
    as on a full disk. signalled: whether this process itself was asked to end.
    """

    def __init__(
        self,
        store: Store,
        run_id: str,
        home: Path,
        *,
        shares_processor: bool = True,
        check: Callable[[], object] = lambda: None,
    ):
        self._store, self._run, self._home = store, run_id, home
        self._shares, self._check = shares_processor, check
        self._read_at = 0.0
        self._stop = self.signalled = False

    def should_stop(self) -> bool:
        """See ``workbench.training.ports.Control``; asks the store at most twice a second.

        Raises RunError if the run is gone, if another worker or another machine has it, or as
        ``check`` does.
        """
        now = time.monotonic()
        if not self._stop and now - self._read_at >= _READ_SECONDS:
            self._read_at = now
            self._check()
            try:
                self._stop = self._stop_requested()
            except OtherMachineError as error:
                # Over there this run may go on already, in the same folder.
                raise RunError(error.message, remedy=error.remedy) from error
            except StoreError as error:
                _print(f"The store does not say whether to stop, which is asked again: {error}")
        return self._stop

    def _stop_requested(self) -> bool:
        row = self._store.find(self._run)
        if row is None or row.state in ENDED or row.pid not in (None, os.getpid()):
            raise RunError("this run was deleted, or is not this process's any more.")
        return row.stop_requested

    def ask_to_stop(self) -> None:
        """Stop at the next step: this process has got a signal."""
        self._stop = self.signalled = True

    def exclusive(self) -> Callable[[], None]:
        """Wait until no map is being fitted on this processor, or until a stop is requested; a run
        on a GPU need not wait."""
        if not self._shares:
            return lambda: None
        lock = device_lock(self._home)
        while True:
            try:
                lock.acquire(timeout=_READ_SECONDS)
            except Timeout:
                if self.should_stop():
                    return lambda: None
            else:
                return lock.release


def _print(text: str) -> None:
    # A log that takes nothing ends no run.
    with suppress(OSError):
        sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
        sys.stdout.flush()
