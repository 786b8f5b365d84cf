"""What a measurement was made on: the lines that stand above every table of results."""

from __future__ import annotations

import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import psutil


def describe() -> str:
    """Date, processor, memory, versions, in one line."""
    return (
        f"{time.strftime('%Y-%m-%d')}, {processor()}, {psutil.cpu_count()} cores, "
        f"{psutil.virtual_memory().total / 2**30:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}, torch {version('torch')}, "
        f"streamlit {version('streamlit')}, no GPU"
    )


def processor() -> str:
    """The processor's name."""
    if Path("/proc/cpuinfo").exists():
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def workbench(*arguments: str, **more: object) -> subprocess.Popen[str]:
    """Start the ``workbench`` command of this environment."""
    command = [sys.executable, "-c", "from workbench.cli.main import main; main()", *arguments]
    return subprocess.Popen(command, text=True, **more)  # type: ignore[call-overload,no-any-return]
