"""The lock by which runs and maps of one home take turns on the processor."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock


def device_lock(home: Path) -> FileLock:
    """Held by whoever needs the processor to itself: timed training, or a map being fitted."""
    return FileLock(home / "device.lock", thread_local=False)
