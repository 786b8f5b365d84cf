"""What people do with runs: launch, stop, resume, delete. For app, command line and notebook."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from workbench import __version__, paths
from workbench.config import RunConfig
from workbench.errors import RequestError
from workbench.jobs import checkpoints, end_note, hardware, processor, supervisor
from workbench.run_folder import CONFIG
from workbench.store import limits, owners
from workbench.store.artifacts import FolderArtifacts, folder_bytes
from workbench.store.owners import Viewer
from workbench.store.store import LIVE, RunRow, Store

# Runs that one owner may have queued or running unless the limit was set.
OWNER_LIMIT = int(limits.LIMITS["queued"].default or 0)
_ALL = 100_000


@dataclass(frozen=True)
class Launch:
    """run_id; reused: an equal finished run is shown instead of running again."""

    run_id: str
    reused: bool


def launch(
    home: Path,
    config: RunConfig,
    *,
    owner: str = "",
    name: str | None = None,
    again: bool = False,
    experiment: str | None = None,
    viewer: Viewer | None = None,
) -> Launch:
    """Enqueue a validated configuration and see to it that a supervisor is there.

    A request equal to a finished run (configuration, data, seed, versions, device) that was
    budgeted in steps or epochs gives that run, unless ``again``. Runs budgeted in seconds are
    never equal. viewer: who launches on a page, None for who sits at this machine. Raises
    RequestError if the owner's share of the queue is full, and OSError, with nothing enqueued, if
    the disk is.
    """
    store = Store.open(home)
    digest = request_digest(config)
    equal = None if again else _equal(store, config)
    if equal is not None and (experiment is None or _may_move(viewer, equal)):
        if experiment is not None:
            store.update(equal.id, experiment=experiment)
        return Launch(equal.id, reused=True)
    check_limit(home, [config], owner, again=again or equal is not None, viewer=viewer)
    run_id = store.add_run(
        config.to_json(), digest=digest, owner=owner, name=name or "", experiment=experiment
    )
    try:
        FolderArtifacts(paths.run_dir(home, run_id)).put(
            CONFIG,
            lambda path: path.write_text(json.dumps(config.to_json(), indent=2), "utf-8"),
        )
    except OSError:
        # Whoever launched it gets an error, and must not find it running later.
        delete(home, run_id)
        raise
    supervisor.ensure(home)
    return Launch(run_id, reused=False)


def check_limit(
    home: Path,
    configs: Sequence[RunConfig],
    owner: str,
    *,
    again: bool = False,
    viewer: Viewer | None = None,
) -> None:
    """Raise RequestError if the owner's share of the queue cannot take all of ``configs``.

    Asked for all before the first is launched, so that none is when one is refused. viewer: who
    launches on a page; the limits of ``store/limits.py`` hold for whoever is not trusted.
    """
    if not owner:
        return
    store = Store.open(home)
    new = [config for config in configs if again or _equal(store, config) is None]
    if not new:
        return
    values = limits.values(store)
    if viewer is None or viewer.trusted:
        limits.check_queued(values, owner, store.count(("queued", *LIVE), owner), len(new))
        return
    pending = store.runs(states=("queued", *LIVE), limit=_ALL)
    budgets = [config.budget for config in new]
    limits.check_runs(values, owner, pending, budgets, _disk_mb(home, store, owner))


def _disk_mb(home: Path, store: Store, owner: str) -> float:
    """Megabytes of the files of the owner's runs."""
    folders = [
        paths.run_dir(home, row.id) for row in store.runs(owner=owner, limit=_ALL, summaries=False)
    ]
    return sum(folder_bytes(folder) for folder in folders) / 1e6


def _may_move(viewer: Viewer | None, row: RunRow) -> bool:
    """Whether an equal run may be put into another experiment, which takes it out of its own."""
    return viewer is None or owners.may_change(viewer, row)


def _equal(store: Store, config: RunConfig) -> RunRow | None:
    """A finished run of an equal request; of two runs budgeted in seconds none is equal."""
    return None if config.budget.seconds is not None else store.find_equal(request_digest(config))


def new_experiment() -> str:
    """A name for runs that are launched together to be compared."""
    return f"pilot-{secrets.token_hex(4)}"


def request_digest(config: RunConfig) -> str:
    """Content address of a request: configuration with data and seed, versions, device, threads."""
    parts = [config.digest(), __version__, version("torch"), hardware.device_name()]
    parts.append(f"{processor.threads()} threads")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def attend(home: Path) -> None:
    """See to it that runs which are queued or live have a supervisor, and write ends that a full
    disk kept out of the store. Cheap enough to call every few seconds.

    A dead worker is then noticed, and a run that was asked to stop does not wait for ever. A
    supervisor that cannot be started is told on stderr.
    """
    store = Store.open(home)
    end_note.settle_all(store, home)
    if store.count(("queued", *LIVE)):
        try:
            supervisor.ensure(home)
        except OSError as error:
            sys.stderr.write(f"No supervisor can be started: {error}\n")


def stop(home: Path, run_id: str, *, viewer: Viewer | None = None) -> None:
    """Ask a run to stop at its next step; it writes a checkpoint. Stops a queued one at once.

    viewer: who asks on a page; RequestError for somebody else's run.
    """
    store = Store.open(home)
    owners.check_may_change(viewer, store.run(run_id))
    try:
        store.request_stop(run_id)
    finally:
        attend(home)


def stop_all(home: Path, *, viewer: Viewer | None = None) -> int:
    """Ask every queued and running run to stop; returns how many. viewer: who asks on a page, which
    only an admin or the person at this machine may."""
    if viewer is not None and not viewer.trusted:
        raise RequestError(
            "you may not stop the runs of all.", field="Token", remedy="Enter the token first."
        )
    store = Store.open(home)
    rows = store.runs(states=("queued", "running"))
    try:
        for row in rows:
            store.request_stop(row.id)
    finally:
        attend(home)
    return len(rows)


def resume(
    home: Path, run_id: str, *, viewer: Viewer | None = None, from_start: bool = False
) -> None:
    """Put a stopped or failed run back into the queue; it goes on from its last checkpoint.

    viewer: as in ``stop``; a run that is resumed counts as one that is launched. from_start: remove
    the checkpoint, and train from the first step. Raises DamageError for a damaged checkpoint.
    """
    store = Store.open(home)
    end_note.settle(store, home, run_id)
    row = store.run(run_id)
    owners.check_may_change(viewer, row)
    if viewer is not None and not viewer.trusted:
        config = RunConfig.from_json(row.config)
        check_limit(home, [config], row.owner, again=True, viewer=viewer)
    checkpoints.check_row(home, row)
    if row.state in ("stopped", "failed"):
        (checkpoints.remove if from_start else checkpoints.check)(home, run_id)
    moved = store.move(
        run_id, ("stopped", "failed"), "queued", stop_requested=False, reason=None, ended=None
    )
    if not moved:
        raise RequestError(
            f"'{run_id}' is {row.state}.", field="RUN", remedy="Only stopped or failed runs resume."
        )
    supervisor.ensure(home)


def delete(home: Path, run_id: str, *, viewer: Viewer | None = None) -> None:
    """Remove a run that is not live, and its files. viewer: as in ``stop``."""
    owners.check_may_change(viewer, Store.open(home).run(run_id))
    Store.open(home).delete_run(run_id)
    shutil.rmtree(paths.run_dir(home, run_id), ignore_errors=True)
