"""What lies in a home without being needed: it is listed with its size, and removed when asked.

Nothing here is shown by any page. A run keeps its scores, maps and encoder; what goes is the
checkpoint of a finished run, prepared data and uploads that no run uses, and folders of runs that
were deleted.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench import paths
from workbench.data import cache, library, uploads
from workbench.run_folder import CHECKPOINT
from workbench.store import upload_owners
from workbench.store.artifacts import folder_bytes
from workbench.store.rows import RunRow
from workbench.store.store import Store
from workbench.stored_runs.removal import data_removal

_DAY = 86_400.0
_WORKING_DAYS = 1.0
_ALL = 100_000


@dataclass(frozen=True)
class Leftover:
    """kind: what it is, in words. name: for people. bytes: on disk. days: since it was last
    written."""

    kind: str
    name: str
    path: Path
    bytes: int
    days: float


def leftovers(home: Path, older_days: float) -> list[Leftover]:
    """What can be removed and was last written more than ``older_days`` days ago, largest first."""
    store = Store.open(home)
    rows = store.runs(limit=_ALL)
    found = [
        *_checkpoints(home, rows),
        *_run_folders(home, rows),
        *_prepared(home, store),
        *_uploads(home, rows),
        *_unfinished(home),
    ]
    old = [one for one in found if one.days > older_days]
    return sorted(old, key=lambda one: (-one.bytes, one.name))


def remove(home: Path, chosen: Collection[Leftover]) -> int:
    """Remove these; returns how many bytes that frees. What is needed again by now stays."""
    still = {one.path: one for one in leftovers(home, 0.0)}
    freed = 0
    for one in chosen:
        if one.path not in still:
            continue
        before = folder_bytes(one.path)
        if one.path.parent == paths.uploads_dir(home):
            remove_upload(home, one.path)
        elif one.path.parent == paths.cache_dir(home) and not one.path.name.startswith("."):
            data_removal.remove_data(home, one.path.name)
        elif one.path.is_dir():
            shutil.rmtree(one.path, ignore_errors=True)
        else:
            one.path.unlink(missing_ok=True)
        freed += before - folder_bytes(one.path)
    return freed


def remove_unused(home: Path, older_days: float, folders: Collection[str]) -> None:
    """Remove those of the uploads ``folders`` that no prepared data and no run come from."""
    rows = Store.open(home).runs(limit=_ALL)
    for one in _uploads(home, rows):
        if one.path.name in folders and one.days > older_days:
            remove_upload(home, one.path)


def remove_upload(home: Path, folder: Path) -> None:
    """Remove an upload's files and the records of who brought it."""
    shutil.rmtree(folder, ignore_errors=True)
    upload_owners.forget(Store.open(home), folder.name)


def _checkpoints(home: Path, rows: Collection[RunRow]) -> Iterator[Leftover]:
    for row in rows:
        path = paths.run_dir(home, row.id) / CHECKPOINT
        if row.state == "finished" and path.exists():
            yield _leftover("checkpoint of a finished run", row.name or row.id, path)


def _run_folders(home: Path, rows: Collection[RunRow]) -> Iterator[Leftover]:
    known = {row.id for row in rows}
    for path in _entries(paths.runs_dir(home)):
        if path.name not in known and path.is_dir():
            yield _leftover("folder of a run that was deleted", path.name, path)


def _prepared(home: Path, store: Store) -> Iterator[Leftover]:
    used = data_removal.runs_on_data(store)
    named = {one.info.fingerprint: one.info.title for one in library.prepared_data(home)}
    for fingerprint, title in named.items():
        if fingerprint not in used:
            yield _leftover("prepared data without a run", title, _cache(home, fingerprint))


def _uploads(home: Path, rows: Collection[RunRow]) -> Iterator[Leftover]:
    root = paths.uploads_dir(home)
    sources = {*library.prepared_sources(home), *(_source(row) for row in rows)}
    used = {uploads.folder_of(root, source) for source in sources if source}
    for path in _entries(root):
        if path.resolve() not in used and not path.name.startswith("."):
            yield _leftover("upload without prepared data or a run", path.name, path)


def _unfinished(home: Path) -> Iterator[Leftover]:
    """What was left when a process was killed while it wrote."""
    for root in (paths.uploads_dir(home), paths.cache_dir(home)):
        for path in _entries(root):
            if path.name.startswith(cache.TEMPORARY):
                one = _leftover("half-written data", path.name, path)
                # A younger one may be at work.
                if one.days > _WORKING_DAYS:
                    yield one


def _cache(home: Path, fingerprint: str) -> Path:
    return paths.cache_dir(home) / fingerprint


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _source(row: RunRow) -> str:
    return str((row.config.get("data") or {}).get("source", ""))


def _leftover(kind: str, name: str, path: Path) -> Leftover:
    days = (time.time() - path.stat().st_mtime) / _DAY
    return Leftover(kind, name, path, folder_bytes(path), days)
