"""Removing a prepared data set from a home, which is allowed while no run needs it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from workbench import paths
from workbench.data import library, uploads
from workbench.errors import RequestError
from workbench.store.store import LIVE, Store


@dataclass(frozen=True)
class RunsOnData:
    """Ids of the runs on one data set: live are queued or running."""

    live: tuple[str, ...]
    ended: tuple[str, ...]


def runs_on_data(store: Store) -> dict[str, RunsOnData]:
    """The runs on each data set, by fingerprint."""
    ids: dict[str, tuple[list[str], list[str]]] = {}
    for row in store.runs(limit=100_000, summaries=False):
        live, ended = ids.setdefault(str(row.fingerprint), ([], []))
        (live if row.state in ("queued", *LIVE) else ended).append(row.id)
    return {
        fingerprint: RunsOnData(tuple(live), tuple(ended))
        for fingerprint, (live, ended) in ids.items()
    }


def remove_data(home: Path, fingerprint: str, *, files: bool = False) -> None:
    """Remove a prepared data set. Its runs stay, without their samples.

    files: also remove the upload that it was made from, unless other prepared data come from it.

    Raises RequestError while a run that is queued or running needs it.
    """
    runs = runs_on_data(Store.open(home)).get(fingerprint, RunsOnData((), ()))
    if runs.live:
        raise RequestError(
            f"{len(runs.live)} queued or running runs need these data ({runs.live[0]}).",
            field="Remove",
            remedy="Wait for them, or stop them on the Runs page.",
        )
    before = library.prepared_data(home)
    library.remove(home, fingerprint)
    if not files:
        return
    root = paths.uploads_dir(home)
    folders = [(one.info.fingerprint, uploads.folder_of(root, one.info.source)) for one in before]
    others = {folder for key, folder in folders if key != fingerprint}
    for upload in {folder for key, folder in folders if key == fingerprint} - others - {None}:
        shutil.rmtree(str(upload), ignore_errors=True)
