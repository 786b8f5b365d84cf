"""Regular files and nothing else: opening a pipe waits for ever, a device may have no end.

A name is examined before it is opened. Folders that the system makes up (``/proc``, ``/dev``,
``/sys``) hold no data, though some of their files look regular.
"""

from __future__ import annotations

import stat
from pathlib import Path

from workbench.errors import RequestError

_KINDS = {
    stat.S_IFIFO: "a pipe (FIFO)",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}
_SYSTEM = (Path("/proc"), Path("/dev"), Path("/sys"))


def refusal(path: Path) -> str | None:
    """Why ``path`` is not opened, in words that follow its name; None for a regular file.

    Links are followed. Raises OSError if there is no such file.
    """
    return kind_refusal(path) or ("belongs to the system" if is_system(path) else None)


def kind_refusal(path: Path) -> str | None:
    """``refusal`` by the kind of the file alone, which is quicker: for the images of a folder."""
    mode = path.stat().st_mode
    if stat.S_ISREG(mode):
        return None
    return f"is {_KINDS.get(stat.S_IFMT(mode), 'something else')} and no regular file"


def check(path: Path, field: str = "--data") -> None:
    """Raise RequestError if ``path`` is there and is no regular file. What is missing passes: who
    opens it says so. field: the option that names the file."""
    try:
        reason = refusal(path)
    except (OSError, ValueError):
        return
    if reason is not None:
        raise RequestError(
            f"'{path.name}' {reason}.", field=field, remedy="Give a regular file, or remove it."
        )


def check_folder(path: Path) -> None:
    """Raise RequestError if a folder is made up by the system."""
    if is_system(path):
        raise RequestError(
            f"'{path}' belongs to the system.", field="--data", remedy="Give a folder of data."
        )


def is_system(path: Path) -> bool:
    """Whether ``path``, links resolved, lies in a folder that the system makes up. Memory that is
    mounted as a disk (``/dev/shm``) is none."""
    resolved = path.resolve()
    shared = resolved.is_relative_to("/dev/shm")
    return not shared and any(resolved.is_relative_to(root) for root in _SYSTEM)
