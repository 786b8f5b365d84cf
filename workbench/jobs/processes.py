"""Operating system processes: started detached, identified by pid and start time, ended."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import psutil

from workbench import paths

_ROOT = Path(__file__).resolve().parents[2]
# Of the system's 40 levels of priority: with 5 more, a thread has a third of another's time.
_STEP_BACK, _LOWEST = 5, 19
# M_MMAP_MAX = 0: no tensor gets a mapping of its own. M_TRIM_THRESHOLD = -1: none is given back.
_KEEP = ((-4, 0), (-1, -1))
# A program that ends at once is not started again for so long.
_AGAIN_SECONDS = 3.0


@dataclass(frozen=True)
class Process:
    """One process and no other: a pid alone may belong to a later one by now.

    created: when it began, by a clock of the system's own choice; only ever compared.
    """

    pid: int
    created: float


def detached(
    arguments: list[str], log: int | object, env: dict[str, str], folder: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start this Python with ``arguments``, so that it outlives the process that starts it.

    folder: where it runs; by default where this process does.
    """
    detach = 0
    if sys.platform == "win32":
        # A console that nobody sees: without one, every program it starts would open its own.
        detach = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=log,  # type: ignore[arg-type]
        stderr=subprocess.STDOUT,
        cwd=folder,
        env=_importable(env),
        start_new_session=True,
        creationflags=detach,
    )


def step_back() -> None:
    """Let others go first from now on: this thread, and the threads that it starts, get a lower
    priority. On Linux only; elsewhere a thread has none of its own."""
    if sys.platform == "linux":
        this = threading.get_native_id()
        lower = os.getpriority(os.PRIO_PROCESS, this) + _STEP_BACK
        os.setpriority(os.PRIO_PROCESS, this, min(_LOWEST, lower))


def keep_memory() -> bool:
    """Keep the memory that this process frees until the process ends. Returns whether it could.

    This works with glibc only. By default glibc gives large tensors back to the system, which then
    has to make their pages again at every step. With kept memory a step of ResNet-18 takes a fifth
    less time, and the process takes a third more memory (benchmarks/RESULTS.md, "One training
    step").
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    set_option = ctypes.CDLL(None).mallopt
    # mallopt returns 1 if it could.
    return all(set_option(name, value) == 1 for name, value in _KEEP)


class Starter:
    """Starts a program of this package for a home, and no second one while the first is alive.

    module: run with the home's path as its argument. log: the file in the home that its output is
    appended to.
    """

    def __init__(self, module: str, log: str):
        self._module, self._log = module, log
        self._children: dict[Path, tuple[float, subprocess.Popen[bytes]]] = {}

    def start(self, home: Path, folder: Path | None = None) -> None:
        """Start the program, unless this was done a moment ago or that process still lives.

        folder: where it runs; by default where this process does.
        """
        if home in self._children:
            started, child = self._children[home]
            if time.monotonic() - started < _AGAIN_SECONDS or child.poll() is None:
                return
        paths.make_home(home)
        with open_log(home / self._log) as log:
            child = detached(["-m", self._module, str(home)], log, dict(os.environ), folder)
        self._children[home] = (time.monotonic(), child)


def open_log(path: Path) -> BinaryIO:
    """The log at ``path``, to append to. Where the disk takes no new file, output is dropped."""
    try:
        return open(path, "ab", opener=paths.private_opener)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        return Path(os.devnull).open("ab")


def identify(pid: int) -> Process:
    """The process that has this pid now."""
    try:
        return Process(pid, _created(pid))
    except psutil.NoSuchProcess:
        return Process(pid, -1.0)


def alive(process: Process) -> bool:
    """Whether that very process still runs (a zombie does not)."""
    try:
        if psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE:
            return False
        return abs(_created(process.pid) - process.created) < 0.02
    except psutil.NoSuchProcess:
        return False


def kill(process: Process) -> None:
    """End that very process and its children, if it still runs."""
    if not alive(process):
        return
    try:
        parent = psutil.Process(process.pid)
        victims = [*parent.children(recursive=True), parent]
    except psutil.NoSuchProcess:
        return
    for victim in victims:
        try:
            victim.kill()
        except psutil.NoSuchProcess:
            continue


def _created(pid: int) -> float:
    """Seconds. On Linux since boot: psutil's time of day moves when the clock is set, and a worker
    would then look like another process."""
    if not sys.platform.startswith("linux"):
        return psutil.Process(pid).create_time()
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError as error:
        raise psutil.NoSuchProcess(pid) from error
    # Field 22 of proc(5); the name in brackets before it may hold spaces.
    return float(stat.rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")


def _importable(env: dict[str, str]) -> dict[str, str]:
    """``env`` in which a file of the user's, such as random.py, is not taken for Python's own, and
    a checkout of the workbench can be imported from anywhere."""
    safe = {**env, "PYTHONSAFEPATH": "1"}
    if (_ROOT / "pyproject.toml").is_file():
        folders = [path for path in env.get("PYTHONPATH", "").split(os.pathsep) if path]
        safe["PYTHONPATH"] = os.pathsep.join(dict.fromkeys([*folders, str(_ROOT)]))
    return safe
