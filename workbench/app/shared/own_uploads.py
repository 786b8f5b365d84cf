"""Uploads of the viewer: kept within the limits, seen by nobody else, removed by who brought them.

Limits and records are in the store (``store/limits.py``, ``store/upload_owners.py``). Whoever sits
at the machine has neither.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from workbench import paths
from workbench.app.shared import session
from workbench.store import limits, upload_owners
from workbench.store.owners import Viewer
from workbench.stored_runs.removal import cleaning

# An upload that nothing was made from is kept this long, in days: it may just have come.
_UNUSED_DAYS = 1 / 24


def keep(folder: str, size: int, store: Callable[[], Path]) -> Path:
    """Call ``store``, which writes the upload into ``folder``, and record whose it is.

    size: bytes. Raises RequestError, and stores nothing, where a limit is reached.
    """
    viewer, database = session.viewer(), session.store()
    if viewer.trusted and not viewer.owner:
        return store()
    mine = [one for one in _records(viewer) if one.folder != folder]
    if not viewer.trusted and len(mine) == len(_records(viewer)):
        values = limits.values(database)
        if not _fits(values, mine, size):
            cleaning.remove_unused(session.home(), _UNUSED_DAYS, {one.folder for one in mine})
            mine = _records(viewer)
        megabytes = sum(one.megabytes for one in mine)
        limits.check_upload(values, viewer.owner, len(mine), megabytes, size / 1e6)
    path = store()
    upload_owners.record(database, folder, viewer.owner, size / 1e6)
    return path


def give_up(folder: str) -> bool:
    """Drop the viewer's records of an upload; returns whether nobody else has one."""
    viewer, database = session.viewer(), session.store()
    for owner in {viewer.name, viewer.visitor} - {""}:
        upload_owners.forget(database, folder, owner)
    return not any(one.folder == folder for one in upload_owners.records(database))


def remove_files(folder: str) -> None:
    """Remove the files and all records of an upload."""
    cleaning.remove_upload(session.home(), paths.uploads_dir(session.home()) / folder)


def _records(viewer: Viewer) -> list[upload_owners.UploadRecord]:
    return [one for one in upload_owners.records(session.store()) if viewer.is_owner(one.owner)]


def _fits(values: dict[str, float], mine: list[upload_owners.UploadRecord], size: int) -> bool:
    megabytes = sum(one.megabytes for one in mine) + size / 1e6
    return len(mine) < values["uploads"] and megabytes <= values["upload-mb"]
