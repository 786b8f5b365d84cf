"""Mending what ``checkup.check`` finds, one finding at a time. Nothing else may use the home."""

from __future__ import annotations

import dataclasses
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from workbench import damage, paths
from workbench.config import RunConfig
from workbench.data import cache, library, preparing
from workbench.data.preparing import Progress
from workbench.errors import DamageError, RequestError, WorkbenchError
from workbench.run_folder import CONFIG, EMBEDDINGS, ENCODER, MAP_FACTS, PCA_MAP, UMAP_MAP
from workbench.store.artifacts import FolderArtifacts
from workbench.store.mending import rebuild
from workbench.store.rows import MapState, State
from workbench.store.store import Store
from workbench.stored_runs.health import remaking
from workbench.stored_runs.health.findings import ASIDE, Action, Finding
from workbench.stored_runs.stored_run import StoredRun


@dataclasses.dataclass(frozen=True)
class Repair:
    """Mends the findings of one home. aside: the folder that receives what cannot be made again.
    progress: called while data are prepared."""

    home: Path
    aside: Path
    progress: Progress | None = None

    @classmethod
    def today(cls, home: Path, progress: Progress | None = None) -> Repair:
        """A repair whose folder is ``HOME/damaged/DATE``."""
        return cls(home, home / ASIDE / time.strftime("%Y-%m-%d_%H%M%S"), progress)

    def mend(self, finding: Finding) -> str:
        """Mend one finding; returns what was done, in a sentence. Raises WorkbenchError."""
        if finding.action is None:
            raise RequestError("this cannot be mended.", field="--repair", remedy=finding.advice)
        try:
            return _ACTIONS[finding.action](self, finding)
        except OSError as error:
            reason = error.strerror or str(error)
            raise DamageError(f"{finding.path} could not be mended: {reason}.") from error

    def run(self, finding: Finding) -> StoredRun:
        return StoredRun(self.home, Store.open(self.home).run(finding.subject))

    def move_aside(self, path: Path) -> Path:
        """Move a file or folder of the home to the same place below ``aside``."""
        target = self.aside / path.relative_to(self.home)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            shutil.move(path, target)
        return target


def _rebuild_store(repair: Repair, finding: Finding) -> str:
    made = rebuild.rebuild(repair.home, repair.aside)
    return f"A new store has {made.runs} runs and {made.points:,} points of curves."


def _mend_row(repair: Repair, finding: Finding) -> str:
    """Write the readable part of a damaged row. The row as it was is moved aside as a copy."""
    store = Store.open(repair.home)
    row = store.run(finding.subject)
    repair.aside.mkdir(parents=True, exist_ok=True)
    before = json.dumps(store.raw_row(row.id), indent=1, default=repr)
    (repair.aside / f"row-{row.id}.json").write_text(before, "utf-8")
    config = _config_of(paths.run_dir(repair.home, row.id))
    source = "the folder"
    if config is None:
        config, source = dict(row.config), "what is left of the row"
    values = {
        field.name: getattr(row, field.name)
        for field in dataclasses.fields(row)
        if field.name not in ("id", "config", "damage")
    }
    store.update(row.id, config=config, **values)
    return f"The row of '{row.id}' has its configuration from {source}."


def _add_row(repair: Repair, finding: Finding) -> str:
    folder = finding.path
    config = _config_of(folder)
    if config is None:
        raise DamageError(f"'{CONFIG}' of run '{finding.subject}' is no configuration.")
    scored = (folder / ENCODER).exists() and (folder / EMBEDDINGS).exists()
    state: State = "finished" if scored else "failed"
    ready: MapState = "ready" if (folder / UMAP_MAP).exists() else "none"
    at = folder.stat().st_mtime
    Store.open(repair.home).restore_run(
        finding.subject,
        config,
        state=state,
        map_state=ready,
        at=at,
        reason="Its row was lost; it was entered again from its folder, without scores.",
    )
    return f"'{finding.subject}' is in the list again, as {state} and without its scores."


def _write_config(repair: Repair, finding: Finding) -> str:
    run = repair.run(finding)
    path = run.folder / CONFIG
    if not run.folder.is_dir():
        Store.open(repair.home).move_map(run.id, ("ready", "failed", "running"), "none")
    if path.exists():
        repair.move_aside(path)
    text = json.dumps(run.config, indent=2)
    FolderArtifacts(run.folder).put(CONFIG, lambda to: to.write_text(text, "utf-8"))
    return f"The configuration of '{run.id}' is in its folder again."


def _encoder(repair: Repair, finding: Finding) -> str:
    run = repair.run(finding)
    repair.move_aside(finding.path)
    remaking.encoder(run)
    return f"The encoder of '{run.id}' was taken from its checkpoint."


def _draw_map(repair: Repair, finding: Finding) -> str:
    run = repair.run(finding)
    for name in (PCA_MAP, MAP_FACTS):
        (run.files / name).unlink(missing_ok=True)
    remaking.pca_map(run)
    Store.open(repair.home).request_map(run.id)
    return f"The PCA map of '{run.id}' was drawn again; its UMAP is made in the background."


def _fit_map(repair: Repair, finding: Finding) -> str:
    run = repair.run(finding)
    (run.files / UMAP_MAP).unlink(missing_ok=True)
    Store.open(repair.home).request_map(run.id)
    return f"The UMAP of '{run.id}' is made in the background."


def _give_map_up(repair: Repair, finding: Finding) -> str:
    run = repair.run(finding)
    path = run.files / UMAP_MAP
    if path.exists():
        repair.move_aside(path)
    Store.open(repair.home).move_map(run.id, ("queued", "running", "ready", "failed"), "none")
    return f"'{run.id}' has no UMAP map any more."


def _small_pictures(repair: Repair, finding: Finding) -> str:
    finding.path.unlink(missing_ok=True)
    remaking.small_pictures(repair.run(finding))
    return f"The small pictures of '{finding.subject}' were made again."


def _remove(repair: Repair, finding: Finding) -> str:
    if finding.path.is_dir():
        shutil.rmtree(finding.path)
    else:
        finding.path.unlink(missing_ok=True)
    return f"{finding.path.name} was removed."


def _move_aside(repair: Repair, finding: Finding) -> str:
    return f"{finding.path.name} lies in {repair.move_aside(finding.path).parent}."


def _prepare(repair: Repair, finding: Finding) -> str:
    request = library.read_request(finding.path)
    if request is None:
        raise DamageError(f"What was asked for '{finding.subject}' is lost.")
    wanted = dataclasses.replace(request, fingerprint=finding.subject)
    preparing.prepare(wanted, repair.home, repair.progress)
    if cache.find(repair.home, finding.subject) is None:
        raise DamageError(f"The data '{finding.subject}' were not prepared.")
    return f"The data of {request.source} were prepared again."


def _config_of(folder: Path) -> dict[str, object] | None:
    """The configuration in a run's folder; None if it is damaged."""
    try:
        document = damage.read_json(folder / CONFIG)
        RunConfig.from_json(document)
    except WorkbenchError:
        return None
    return document


_ACTIONS: dict[Action, Callable[[Repair, Finding], str]] = {
    "rebuild store": _rebuild_store,
    "mend row": _mend_row,
    "add row": _add_row,
    "write configuration": _write_config,
    "take encoder from checkpoint": _encoder,
    "draw map again": _draw_map,
    "fit map again": _fit_map,
    "give map up": _give_map_up,
    "make thumbnails again": _small_pictures,
    "remove cached result": _remove,
    "move aside": _move_aside,
    "prepare data again": _prepare,
    "remove leftover": _remove,
}
