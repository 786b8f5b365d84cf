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
from workbench.jobs import end_note, hardware, supervisor
from workbench.run_folder import CONFIG
from workbench.store.artifacts import FolderArtifacts
from workbench.store.store import LIVE, RunRow, Store

# Runs that one owner may have queued or running; the setting "owner_limit" changes it.
OWNER_LIMIT = 12


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
) -> Launch:
    """Enqueue a validated configuration and see to it that a supervisor is there.

    A request equal to a finished run (configuration, data, seed, versions, device) that was
    budgeted in steps or epochs gives that run, unless ``again``. Runs budgeted in seconds are
    never equal. Raises RequestError if the owner's share of the queue is full.
    """
    store = Store.open(home)
    digest = request_digest(config)
    equal = None if again else _equal(store, config)
    if equal is not None:
        if experiment is not None:
            store.update(equal.id, experiment=experiment)
        return Launch(equal.id, reused=True)
    check_limit(home, [config], owner, again=again)
    run_id = store.add_run(
        config.to_json(), digest=digest, owner=owner, name=name or "", experiment=experiment
    )
    FolderArtifacts(paths.run_dir(home, run_id)).put(
        CONFIG,
        lambda path: path.write_text(json.dumps(config.to_json(), indent=2), "utf-8"),
    )
    supervisor.ensure(home)
    return Launch(run_id, reused=False)


def check_limit(
    home: Path, configs: Sequence[RunConfig], owner: str, *, again: bool = False
) -> None:
    """Raise RequestError if the owner's share of the queue cannot take all of ``configs``.

    Asked for all before the first is launched, so that none is when one is refused.
    """
    if not owner:
        return
    store = Store.open(home)
    limit = int(store.setting("owner_limit", OWNER_LIMIT))
    there = store.count(("queued", *LIVE), owner)
    new = sum(again or _equal(store, config) is None for config in configs)
    if new and there + new > limit:
        raise RequestError(
            f"{owner} has {there} runs queued or running, and may have {limit}; this adds {new}.",
            field="owner",
            remedy="Wait for some of them, stop some, or ask for fewer.",
        )


def _equal(store: Store, config: RunConfig) -> RunRow | None:
    """A finished run of an equal request; of two runs budgeted in seconds none is equal."""
    return None if config.budget.seconds is not None else store.find_equal(request_digest(config))


def new_experiment() -> str:
    """A name for runs that are launched together to be compared."""
    return f"pilot-{secrets.token_hex(4)}"


def request_digest(config: RunConfig) -> str:
    """Content address of a request: configuration with data and seed, versions, device."""
    parts = [config.digest(), __version__, version("torch"), hardware.device_name()]
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


def stop(home: Path, run_id: str) -> None:
    """Ask a run to stop at its next step; it writes a checkpoint. Stops a queued one at once."""
    store = Store.open(home)
    try:
        store.request_stop(run_id)
    finally:
        attend(home)


def stop_all(home: Path) -> int:
    """Ask every queued and running run to stop; returns how many."""
    store = Store.open(home)
    rows = store.runs(states=("queued", "running"))
    try:
        for row in rows:
            store.request_stop(row.id)
    finally:
        attend(home)
    return len(rows)


def resume(home: Path, run_id: str) -> None:
    """Put a stopped or failed run back into the queue; it goes on from its last checkpoint."""
    store = Store.open(home)
    end_note.settle(store, home, run_id)
    row = store.run(run_id)
    moved = store.move(
        run_id, ("stopped", "failed"), "queued", stop_requested=False, reason=None, ended=None
    )
    if not moved:
        raise RequestError(
            f"'{run_id}' is {row.state}.", field="RUN", remedy="Only stopped or failed runs resume."
        )
    supervisor.ensure(home)


def delete(home: Path, run_id: str) -> None:
    """Remove a run that is not live, and its files."""
    Store.open(home).delete_run(run_id)
    shutil.rmtree(paths.run_dir(home, run_id), ignore_errors=True)
