"""Ending the processes that a test has started on a home."""

from __future__ import annotations

import time
from pathlib import Path

import psutil


def end_processes(home: Path) -> None:
    """Kill every process of this home, so that no test leaves one behind."""
    for process in psutil.process_iter(["cmdline"]):
        if any(str(home) in part for part in process.info["cmdline"] or ()):
            try:
                process.kill()
                # Whoever should collect a killed process may take its time: a zombie does nothing.
                while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                    time.sleep(0.05)
            except psutil.NoSuchProcess:
                continue
