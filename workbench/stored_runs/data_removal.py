"""Removing prepared data from a home: only while no run needs them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from workbench import paths
from workbench.data import library, uploads
from workbench.errors import RequestError
from workbench.store.store import LIVE, Store


@dataclass(frozen=True)
class Users:
    """Runs on one data set: those queued or running, and those that have ended."""

    live: tuple[str, ...]
    ended: tuple[str, ...]


def users(store: Store) -> dict[str, Users]:
    """The runs on each data set, by fingerprint."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for row in store.runs(limit=100_000):
        live, ended = found.setdefault(str(row.fingerprint), ([], []))
        (live if row.state in ("queued", *LIVE) else ended).append(row.id)
    return {name: Users(tuple(live), tuple(ended)) for name, (live, ended) in found.items()}


def remove_data(home: Path, fingerprint: str, *, files: bool = False) -> None:
    """Remove a prepared data set; its runs stay, without their samples. files: remove the upload
    that it was made of, too, unless other prepared data are made of it.

    Raises RequestError while a run that is queued or running needs it.
    """
    using = users(Store.open(home)).get(fingerprint, Users((), ()))
    if using.live:
        raise RequestError(
            f"{len(using.live)} queued or running runs need these data ({using.live[0]}).",
            field="Remove",
            remedy="Wait for them, or stop them on the Runs page.",
        )
    before = library.prepared_data(home)
    library.remove(home, fingerprint)
    if not files:
        return
    root = paths.uploads_dir(home)
    folders = {one.info.fingerprint: uploads.folder_of(root, one.info.source) for one in before}
    mine = folders.pop(fingerprint, None)
    if mine is not None and mine not in folders.values():
        shutil.rmtree(mine, ignore_errors=True)
