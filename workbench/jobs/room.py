"""Room on the disk while a run trains: how much it needs, and the words where there is too little.

A full disk is noticed before a file fails, so that the store can still take the run's end.
"""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from workbench.data.estimate import in_words
from workbench.errors import RunError, StoreError
from workbench.store.artifacts import FolderArtifacts, NoRoomError, file_limit

# Besides the next file: for the store, its log and a page that looks at the run.
_STORE_BYTES = 4 * 2**20
# Words of a database whose disk takes nothing more. A busy one says others, and is waited for.
_DISK_WORDS = ("is full", "disk i/o", "no space", "too large", "readonly", "read-only", "unable to")
_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


def is_full(error: StoreError | OSError) -> bool:
    """Whether the error means that a disk takes nothing more, which passes when there is room."""
    if isinstance(error, OSError):
        return error.errno in _DISK_ERRORS
    return any(words in error.message.lower() for words in _DISK_WORDS)


def check(artifacts: FolderArtifacts, again: str) -> None:
    """Raise RunError if the disk of a run's folder has no room for its next file.

    The largest file so far is taken for the next one: checkpoints replace one another, and the old
    one stays until the new one is whole. again: the command that goes on with the run.
    """
    needed = artifacts.largest + _STORE_BYTES
    free = shutil.disk_usage(artifacts.folder).free
    if free < needed:
        raise full(artifacts.folder, needed, free, again)


def full(path: Path, needed: int, free: int, again: str) -> RunError:
    """The error for a disk without room for ``needed`` bytes."""
    return RunError(
        f"The disk is full: '{path}' needs {in_words(needed)}, and {in_words(free)} are free"
        f"{_reserved(path)}.",
        remedy=f"Make room, then go on with: {again}",
    )


def _reserved(path: Path) -> str:
    """What a disk keeps for the system, in words: "df" may count it as free. "" for nothing."""
    if not hasattr(os, "statvfs"):
        return ""
    disk = os.statvfs(path if path.exists() else path.parent)
    kept = (disk.f_bfree - disk.f_bavail) * disk.f_frsize
    return f"; {in_words(kept)} more are kept for the system" if kept > 0 else ""


def of_file(error: NoRoomError, again: str) -> RunError:
    """The error for a file that could not be written."""
    if error.limit is None:
        return full(error.path, error.needed, error.free, again)
    return RunError(
        f"Files may have {in_words(error.limit)} at most here (ulimit -f): '{error.path}' needs "
        f"{in_words(error.needed)}, and {in_words(error.free)} of the disk are free.",
        remedy=f"Lift the limit, then go on with: {again}",
    )


def of_page(home: Path, error: StoreError | OSError) -> StoreError:
    """The error for a page that could not write something, in one sentence and its remedy."""
    path = getattr(error, "filename", None) or home
    return StoreError(
        f"The disk is full, so this could not be written: '{path}' "
        f"({in_words(shutil.disk_usage(home).free)} are free{_reserved(home)}).",
        remedy="Make room, then load the page again. Runs that failed can be resumed.",
    )


def of_store(home: Path, message: str, again: str) -> RunError:
    """The error for a store that has taken nothing for a while because of its disk."""
    if os.environ.get("WORKBENCH_STORE"):
        return RunError(message, remedy=f"Mend the database, then go on with: {again}")
    message = message.removeprefix("the run store cannot be written: ").rstrip(".")
    free = in_words(shutil.disk_usage(home).free)
    limit = file_limit()
    most = "" if limit is None else f", files may have {in_words(limit)} at most (ulimit -f)"
    return RunError(
        f"'{home / 'store.db'}' cannot be written ({message}): it needs "
        f"{in_words(_STORE_BYTES)} of room; {free} are free{_reserved(home)}{most}.",
        remedy=f"Make room or lift the limit, then go on with: {again}",
    )
