"""The worker's three ports on a home: a run's folder, its rows in the store, the wish to stop."""

from __future__ import annotations

import math
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from filelock import FileLock

from workbench.errors import StoreError
from workbench.runs.ports import Phase
from workbench.runs.store import Store

HEARTBEAT_SECONDS = 2.0
_WRITE_SECONDS = 1.0
_ASK_SECONDS = 0.5


def device_lock(home: Path) -> FileLock:
    """Held by whoever needs the processor to itself: timed training, or a map being fitted."""
    return FileLock(home / "device.lock", thread_local=False)


class FolderArtifacts:
    """The folder of a run: files are written under a temporary name, then renamed."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, name: str, write: Callable[[Path], object]) -> Path:
        """See ``workbench.runs.ports.Artifacts``."""
        target = self.path(name)
        # The suffix stays last: some writers (numpy's) append theirs if it is missing.
        temporary = self.folder / f".{target.stem}.{os.getpid()}.part{target.suffix}"
        try:
            write(temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        return target

    def path(self, name: str) -> Path:
        return self.folder / name


class StoreEvents:
    """Events into the store: metrics at most once a second, a heartbeat every two.

    A thread of its own writes, so that a slow disk never slows a step down. Use as a context
    manager; leaving it writes what is left.
    """

    def __init__(self, store: Store, run_id: str):
        self._store, self._run = store, run_id
        self._lock = threading.Lock()
        self._points: dict[tuple[str, int], float] = {}
        self._phase: tuple[str, float, float | None] = ("starting", 0.0, None)
        self._notes: list[str] = list(store.run(run_id).summary.get("notes", []))
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._write_on, name="events", daemon=True)

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """See ``workbench.runs.ports.Events``; values that are not finite are not stored."""
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
            self._beat()

    def note(self, text: str) -> None:
        _print(text)
        if text not in self._notes:
            self._notes.append(text)
            self._store.merge_summary(self._run, {"notes": self._notes})

    def summary(self, values: Mapping[str, Any]) -> None:
        self._store.merge_summary(self._run, values)

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
        self._beat()

    def _write_on(self) -> None:
        last_beat = 0.0
        while not self._done.wait(_WRITE_SECONDS):
            try:
                self._write_points()
                if time.monotonic() - last_beat >= HEARTBEAT_SECONDS - _WRITE_SECONDS:
                    last_beat = time.monotonic()
                    self._beat()
            except StoreError as error:
                # The points stay in memory and are written with the next ones.
                _print(f"The store did not take this second's values: {error}")

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


class StoreControl:
    """Whether to stop, as the store says; and the device, if runs share it with maps."""

    def __init__(self, store: Store, run_id: str, home: Path, *, shares_processor: bool = True):
        self._store, self._run, self._home = store, run_id, home
        self._shares = shares_processor
        self._asked = 0.0
        self._stop = False

    def should_stop(self) -> bool:
        """See ``workbench.runs.ports.Control``; asks the store at most twice a second."""
        now = time.monotonic()
        if not self._stop and now - self._asked >= _ASK_SECONDS:
            self._asked = now
            self._stop = self._store.run(self._run).stop_requested
        return self._stop

    def ask_to_stop(self) -> None:
        """Stop at the next step, as if the store had said so (a signal to this process)."""
        self._stop = True

    def exclusive(self) -> Callable[[], None]:
        """Wait until no map is being fitted on this processor; a run on a GPU need not wait."""
        if not self._shares:
            return lambda: None
        lock = device_lock(self._home)
        lock.acquire()
        return lock.release


def _print(text: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stdout.flush()
