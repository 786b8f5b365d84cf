"""The memory that a control group of Linux (a container, a job of a cluster) allows its processes.

Version 2 has ``memory.max``, version 1 ``memory.limit_in_bytes``. A group is bound by the limits of
all groups above it. Inside of a container only its own group may be visible, as the root.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")
# Version 1 writes "no limit" as the largest number of pages.
_NO_LIMIT = 2**60


@dataclass(frozen=True)
class _Names:
    """Names of the files of one version of control groups."""

    limit: str
    kills: str


_VERSION_1 = _Names("memory.limit_in_bytes", "memory.oom_control")
_VERSION_2 = _Names("memory.max", "memory.events")


@dataclass(frozen=True)
class Memory:
    """limit: bytes that this process and the others of its group may have; None without a limit.
    kills: how many processes of the group the kernel has killed because memory was full; None if it
    does not say."""

    limit: int | None
    kills: int | None


def memory(root: Path = ROOT, own: Path = _OWN) -> Memory:
    """The limit on this process. root: where control groups are mounted. own: the file that names
    the groups of this process."""
    limits: list[int] = []
    kills = None
    for folder, names in _groups(root, own):
        limit = _number(folder / names.limit)
        if limit is not None and limit < _NO_LIMIT:
            limits.append(limit)
        if kills is None:
            kills = _entry(folder / names.kills, "oom_kill")
    return Memory(min(limits, default=None), kills)


def _groups(root: Path, own: Path) -> Iterator[tuple[Path, _Names]]:
    """The folders of this process's memory groups, the innermost first."""
    try:
        lines = own.read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            yield from ((folder, _VERSION_1) for folder in _upwards(root / "memory", path))
        elif not controllers:
            mount = root / "unified" if (root / "unified").is_dir() else root
            yield from ((folder, _VERSION_2) for folder in _upwards(mount, path))


def _upwards(mount: Path, path: str) -> Iterator[Path]:
    folder = mount / path.lstrip("/")
    # A path that leads out of a container's own view begins with "..".
    inside = ".." not in folder.parts
    if inside and folder != mount:
        yield from (one for one in (folder, *folder.parents) if one.is_relative_to(mount))
    else:
        yield mount


def _number(path: Path) -> int | None:
    """The number in a file; None if there is none, or if it says ``max``."""
    try:
        return int(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None


def _entry(path: Path, name: str) -> int | None:
    """The number after ``name`` in a file of names and numbers."""
    try:
        rows = dict(line.split(" ", 1) for line in path.read_text("utf-8").splitlines())
        return int(rows[name])
    except (OSError, ValueError, KeyError):
        return None
