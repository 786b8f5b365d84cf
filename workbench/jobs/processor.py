"""The processor of this machine: its name, and how many threads a run takes. Needs no torch."""

from __future__ import annotations

import math
import os
import platform
import subprocess
import sys
from functools import cache
from pathlib import Path

import psutil

# From so many cores on, one is left to the app, an engine, and whoever else uses the machine.
_MANY = 4
_ASK_SECONDS = 5
_CPUS = Path("/sys/devices/system/cpu")
_CGROUPS = Path("/sys/fs/cgroup")
_CPUINFO = Path("/proc/cpuinfo")
_THREADS = "OMP_NUM_THREADS"
# Set for a worker whose number of threads nobody chose.
_AUTOMATIC = "WORKBENCH_AUTOMATIC_THREADS"


def environment() -> dict[str, str]:
    """What tells a worker, and the libraries that it uses, how many threads to take."""
    number = str(threads())
    return {_THREADS: number} if _given() else {_THREADS: number, _AUTOMATIC: number}


def thread_note(number: int, requested: int | None, resumed: int | None) -> str:
    """The sentence that says why a run takes ``number`` threads.

    requested: by its configuration. resumed: what its checkpoint has.
    """
    if number == requested:
        why = "as requested"
    elif number == resumed:
        why = "as before the run was interrupted"
    elif _given() and os.environ.get(_AUTOMATIC) != str(number):
        why = f"set by {_THREADS}"
    else:
        why = "all cores that it may use" if number == usable_cores() else "one core is left free"
    return f"Threads: {number} ({why})."


def threads() -> int:
    """How many threads a run takes: ``OMP_NUM_THREADS``, or else all physical cores that this
    process may use, from 4 cores on all but one.

    What may be used is limited by affinity and by the container's share of the processor. The
    number does not depend on load, so that equal requests give equal runs.
    """
    given = _given()
    if given:
        return given
    cores = usable_cores()
    return cores - 1 if cores >= _MANY else cores


def _given() -> int:
    """The number that the user's environment sets; 0 if it sets none."""
    text = os.environ.get(_THREADS, "").strip()
    return int(text) if text.isdecimal() else 0


def usable_cores() -> int:
    """Physical cores that this process may use, at least 1."""
    cores = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    if sys.platform.startswith("linux"):
        cores = min(cores, _distinct_cores(os.sched_getaffinity(0), _CPUS))
    quota = _quota(_CGROUPS)
    return max(1, min(cores, math.ceil(quota) if quota else cores))


def _distinct_cores(allowed: set[int], root: Path) -> int:
    """How many cores the logical processors ``allowed`` have: two of them may be one core."""
    names = set()
    for number in allowed:
        try:
            topology = root / f"cpu{number}" / "topology"
            names.add((topology / "thread_siblings_list").read_text("ascii").strip())
        except (OSError, ValueError):
            names.add(str(number))
    return len(names)


def _quota(root: Path) -> float | None:
    """Processors that this container's control group allows; None without a limit."""
    try:
        if (root / "cpu.max").exists():
            quota, period = (root / "cpu.max").read_text().split()
        else:
            quota = (root / "cpu/cpu.cfs_quota_us").read_text().strip()
            period = (root / "cpu/cpu.cfs_period_us").read_text().strip()
        return float(quota) / float(period) if float(quota) > 0 else None
    except (OSError, ValueError):
        return None


@cache
def name() -> str:
    """The processor's model, such as "AMD EPYC 9B14", or the best that the system tells."""
    return _linux_name(_CPUINFO) or _mac_name() or platform.processor() or platform.machine()


def _linux_name(file: Path) -> str:
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    values = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(values, "")


def _mac_name() -> str:
    if sys.platform == "darwin":
        return _output_of(["sysctl", "-n", "machdep.cpu.brand_string"])
    return ""


def _output_of(command: list[str]) -> str:
    """What the command prints; nothing if it cannot be run."""
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=_ASK_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip()
