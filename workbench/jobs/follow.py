"""Launching from a shell or a notebook, and waiting: progress on stderr, Ctrl-C asks to stop."""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from workbench import paths
from workbench.config import RunConfig
from workbench.errors import RunError, StoreError
from workbench.jobs import end_note, launch, supervisor
from workbench.store.store import LIVE, RunRow, Store

ENDED = ("finished", "failed", "stopped")
_POLL = 0.3
_TELL_EVERY = 2.0
# After so long without a supervisor, although it is started again and again, waiting is no use.
_ALONE_SECONDS = 60.0


def launch_all(
    home: Path,
    configs: Sequence[RunConfig],
    *,
    owner: str = "",
    name: str | None = None,
    again: bool = False,
    experiment: str | None = None,
    notes: Sequence[str] = (),
) -> list[str]:
    """Enqueue every configuration; returns the run ids, and says which equal runs were taken.

    Raises RequestError, and enqueues none, if the owner's share of the queue cannot take them all.
    """
    launch.check_limit(home, configs, owner, again=again)
    for note in notes:
        tell(note)
    ids = []
    for config in configs:
        launched = launch.launch(
            home, config, owner=owner, name=name, again=again, experiment=experiment
        )
        if launched.reused:
            tell(f"{launched.run_id} is an equal finished run and is shown; --again runs it anew.")
        ids.append(launched.run_id)
    return ids


def wait(
    home: Path,
    ids: Sequence[str],
    *,
    say: Callable[[str], None] | None = None,
    known: Collection[str] = (),
) -> list[RunRow]:
    """Wait until all runs have ended; returns their rows in order.

    Each state, and each note on what was decided for a run, is told once. known: notes that the
    user has read already.

    The supervisor is started again if it is gone. KeyboardInterrupt asks the runs to stop, and
    goes on waiting for that; a second one gives up waiting. Raises RunError if no supervisor can
    be started.
    """
    store = Store.open(home)
    say = say or tell
    states: dict[str, str] = {}
    progress: dict[str, str] = {}
    noted = set(known)
    last = 0.0
    attended = time.monotonic()
    interrupted = False
    while True:
        try:
            rows = [_present(home, store, run_id) for run_id in ids]
            for row in rows:
                if states.get(row.id) != row.state:
                    states[row.id] = row.state
                    say(f"{row.id} {row.state}" + (f": {row.reason}" if row.reason else ""))
                for note in _new_notes(row, noted):
                    say(note)
            if all(row.state in ENDED for row in rows):
                return rows
            if time.monotonic() - last > _TELL_EVERY:
                last = time.monotonic()
                supervisor.ensure(home)
                if supervisor.running(home):
                    attended = time.monotonic()
                elif time.monotonic() - attended > _ALONE_SECONDS:
                    raise RunError(
                        "nothing starts the runs of this home: its supervisor ends at once.",
                        remedy=f"See {home / 'supervisor.log'}.",
                    )
                for row in rows:
                    line = _progress(store, row)
                    if line is not None and line != progress.get(row.id):
                        progress[row.id] = line
                        say(f"{row.id} {line}")
            time.sleep(_POLL)
        except KeyboardInterrupt:
            if interrupted:
                raise
            interrupted = True
            say("Asking the runs to stop; press Ctrl-C again to leave them.")
            for run_id in ids:
                if store.run(run_id).state not in ENDED:
                    launch.stop(home, run_id)


def _new_notes(row: RunRow, noted: set[str]) -> list[str]:
    """The run's notes that are not in ``noted``, to which they are added."""
    new = [note for note in row.summary.get("notes", []) if note not in noted]
    noted.update(new)
    return new


def _present(home: Path, store: Store, run_id: str) -> RunRow:
    """The run as it is now: its end may stand in its folder alone while the disk is full."""
    row = store.run(run_id)
    if row.state not in LIVE:
        return row
    note = end_note.read(paths.run_dir(home, run_id))
    if note is None:
        return row
    try:
        end_note.settle(store, home, run_id)
        return store.run(run_id)
    except StoreError:
        return dataclasses.replace(row, state=note.state, reason=note.reason)


def tell(text: str) -> None:
    """One line on stderr."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _progress(store: Store, row: RunRow) -> str | None:
    beat = store.last_heartbeat(row.id) if row.state == "running" else None
    if beat is None:
        return None
    if beat.phase != "training":
        return beat.phase
    eta = f", {beat.eta_seconds:.0f} s left" if beat.eta_seconds is not None else ""
    return f"training {beat.progress:.0%}{eta}"
