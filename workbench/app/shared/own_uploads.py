"""Uploads of the viewer: stored within the limits, and removed by whoever brought them.

Limits and records are in the store (``store/limits.py``, ``store/upload_owners.py``). The person at
the machine has no limits, and records only under a name.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from workbench import paths
from workbench.app.shared import session
from workbench.store import limits, upload_owners
from workbench.store.owners import Viewer
from workbench.stored_runs.removal import cleaning

# An unused upload is kept for an hour (in days): its owner may be about to prepare it.
_UNUSED_DAYS = 1 / 24


def keep(folder: str, size: int, store: Callable[[], Path]) -> Path:
    """Call ``store``, which writes the upload into ``folder``, and record who brought it.

    size: in bytes. Where a limit is reached, uploads of the viewer that are not used are removed.
    Raises RequestError, and stores nothing, if that is not enough.
    """
    viewer, database = session.viewer(), session.store()
    if viewer.trusted and not viewer.owner:
        return store()
    records = _records(viewer)
    if not viewer.trusted and all(one.folder != folder for one in records):
        values = limits.values(database)
        if not _fits(values, records, size):
            cleaning.remove_unused(session.home(), _UNUSED_DAYS, {one.folder for one in records})
            records = _records(viewer)
        megabytes = sum(one.megabytes for one in records)
        limits.check_upload(values, viewer.owner, len(records), megabytes, size / 1e6)
    path = store()
    upload_owners.record(database, folder, viewer.owner, size / 1e6)
    return path


def give_up(folder: str) -> bool:
    """Drop the viewer's records of an upload; returns whether no other record is left."""
    viewer, database = session.viewer(), session.store()
    for owner in {viewer.name, viewer.visitor} - {""}:
        upload_owners.forget(database, folder, owner)
    return not any(one.folder == folder for one in upload_owners.records(database))


def remove_files(folder: str) -> None:
    """Remove the files and all records of an upload."""
    cleaning.remove_upload(session.home(), paths.uploads_dir(session.home()) / folder)


def _records(viewer: Viewer) -> list[upload_owners.UploadRecord]:
    return [one for one in upload_owners.records(session.store()) if viewer.is_owner(one.owner)]


def _fits(values: dict[str, float], records: list[upload_owners.UploadRecord], size: int) -> bool:
    megabytes = sum(one.megabytes for one in records) + size / 1e6
    return len(records) < values["uploads"] and megabytes <= values["upload-mb"]
