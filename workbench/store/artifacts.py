"""Writing files into the folder of a run. A file is there whole, or not at all.

That holds when the power goes, too: a file is on the disk before its name is.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from workbench import paths

_ROOM_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# Writers in other languages have the system's words alone, and numpy has words of its own.
_ROOM_WORDS = {
    "No space left on device": errno.ENOSPC,
    "Disk quota exceeded": errno.EDQUOT,
    "File too large": errno.EFBIG,
}
_NUMPY_WORDS = "requested and"
# Windows refuses to replace a file while somebody reads it. Reading takes moments.
_RENAME_TRIES = 40


class NoRoomError(OSError):
    """There is no room for a file. needed: bytes of the file, as far as known; free: bytes of its
    disk; limit: the most bytes that a file may have, None if the disk is full."""

    def __init__(self, number: int, path: Path, needed: int, free: int, limit: int | None):
        super().__init__(number, os.strerror(number), str(path))
        self.path, self.needed, self.free, self.limit = path, needed, free, limit


class FolderArtifacts:
    """The folder of a run. Files are written under a temporary name, then renamed.

    largest: bytes of the largest file written so far.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.largest = 0
        paths.make_folder(folder)

    def put(self, name: str, write: Callable[[Path], object], size: int | None = None) -> Path:
        """Write the file ``name`` by ``write``; see ``workbench.training.ports.Artifacts``.

        size: about how many bytes it will have. Raises NoRoomError where it has no room.
        """
        target = self.path(name)
        # The suffix stays last: numpy and others append their own where it is missing.
        temporary = self.folder / f".{target.stem}.{os.getpid()}.part{target.suffix}"
        if size is not None:
            self.check_room(size, name)
        try:
            write(temporary)
            self.largest = max(self.largest, temporary.stat().st_size)
            sync(temporary)
            _rename(temporary, target)
            sync(self.folder)
        except Exception as error:
            number = _room_error(error)
            if number is None:
                raise
            least = max(self.largest, size or 0)
            raise _no_room(number, target, least, temporary) from error
        finally:
            temporary.unlink(missing_ok=True)
        return target

    def check_room(self, size: int, name: str) -> None:
        """Raise NoRoomError if the disk has no room for the file ``name`` of ``size`` bytes."""
        free = shutil.disk_usage(self.folder).free
        if free < size:
            raise NoRoomError(errno.ENOSPC, self.path(name), size, free, None)

    def path(self, name: str) -> Path:
        return self.folder / name

    def sweep(self) -> None:
        """Remove half-written files of killed writers. Only the run's worker may call it."""
        for path in self.folder.glob(".*.part*"):
            path.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have the system write a file, or the names in a folder, to the disk. Raises OSError."""
    if path.is_dir() and sys.platform == "win32":
        # Windows opens no folders, and keeps the order of renaming itself.
        return
    number = os.open(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
    try:
        os.fsync(number)
    except OSError as error:
        # Some network and memory file systems cannot.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(number)


def folder_bytes(folder: Path) -> int:
    """Bytes of the files below ``folder``, or of the file itself; 0 where there is nothing. A file
    that goes while it is looked at counts nothing."""
    total = 0
    for path in (folder, *folder.rglob("*")):
        with suppress(OSError):
            facts = path.lstat()
            total += facts.st_size if stat.S_ISREG(facts.st_mode) else 0
    return total


def _room_error(error: Exception) -> int | None:
    """The number of the system's error if it means that there is no room, else None."""
    number = getattr(error, "errno", None)
    if number in _ROOM_ERRORS:
        return int(number)
    text = str(error)
    if isinstance(error, OSError) and _NUMPY_WORDS in text:
        return errno.ENOSPC
    return next((found for words, found in _ROOM_WORDS.items() if words in text), None)


def _no_room(number: int, target: Path, least: int, temporary: Path) -> NoRoomError:
    """least: bytes that the file needs at least, as far as known."""
    sizes = [path.stat().st_size for path in (target, temporary) if path.exists()]
    needed, free = max([least, *sizes]), shutil.disk_usage(target.parent).free
    limit = file_limit()
    by_limit = number == errno.EFBIG or (limit is not None and needed >= limit)
    return NoRoomError(number, target, needed, free, limit if by_limit else None)


def file_limit() -> int | None:
    """The most bytes that this process may write into a file; None for no limit."""
    if sys.platform == "win32":
        return None
    import resource

    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    return None if limit == resource.RLIM_INFINITY else int(limit)


def _rename(temporary: Path, target: Path) -> None:
    for _ in range(_RENAME_TRIES if sys.platform == "win32" else 0):
        try:
            temporary.replace(target)
        except PermissionError:
            time.sleep(0.05)
        else:
            return
    temporary.replace(target)
