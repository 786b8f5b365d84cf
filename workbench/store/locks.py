"""The lock by which the runs and maps of one home take turns on the processor."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock


def device_lock(home: Path) -> FileLock:
    """The lock of whoever needs the processor alone: timed training, or the fitting of a map."""
    return FileLock(home / "device.lock", thread_local=False)
