"""The locks of a home: of the processor, and of the processes of which it has one each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock


def device_lock(home: Path) -> FileLock:
    """The lock of whoever needs the processor alone: timed training, or the fitting of a map."""
    return FileLock(home / "device.lock", thread_local=False)


@contextmanager
def without_processes(home: Path) -> Iterator[None]:
    """Keep supervisor and engine from starting in ``home``. Raises ``filelock.Timeout`` if one of
    them lives."""
    locks = [FileLock(home / name) for name in ("supervisor.lock", "engine.lock")]
    with locks[0].acquire(timeout=0), locks[1].acquire(timeout=0):
        yield
