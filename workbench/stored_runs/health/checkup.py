"""What is damaged in a home: its store, rows, folders and data sets, and what was left behind."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from workbench import damage, paths
from workbench.data import cache, library
from workbench.errors import StoreError, WorkbenchError
from workbench.run_folder import CONFIG
from workbench.store import postgres
from workbench.store.mending import rebuild
from workbench.store.rows import ENDED, RunRow
from workbench.store.store import Store
from workbench.stored_runs.health import run_files
from workbench.stored_runs.health.findings import Action, Finding

_OLD_SECONDS = 600.0
_ALL = 100_000


def check(home: Path, *, busy: bool = False) -> list[Finding]:
    """All that is damaged in ``home``. Nothing is written.

    busy: whether the home's processes live; a map that is being made is then no finding.
    """
    found = list(_store_findings(home))
    # Without a store that can be read, nothing is known of rows.
    rows = None if found else _rows(home)
    if rows is not None:
        found += _row_findings(home, rows, busy=busy)
    found += _folder_findings(home, rows)
    found += _data_findings(home)
    return [*found, *_leftovers(home)]


def _store_findings(home: Path) -> Iterator[Finding]:
    path = home / rebuild.NAME
    if _in_database(home):
        return
    if not path.exists():
        if any(paths.runs_dir(home).glob(f"*/{CONFIG}")):
            problem = "The run store is missing, and there are folders of runs."
            yield Finding("", path, problem, "rebuild store")
        return
    reason = rebuild.fault(path)
    if reason:
        yield Finding("", path, f"The run store is damaged: {reason}.", "rebuild store")


def _in_database(home: Path) -> bool:
    """Whether the store of ``home`` is another one than the file in it."""
    return bool(os.environ.get("WORKBENCH_STORE")) or postgres.in_database(home)


def _rows(home: Path) -> dict[str, RunRow] | None:
    """The rows of all runs, by id; None if the store cannot be read, or there is none."""
    if not _in_database(home) and not (home / rebuild.NAME).exists():
        return {}
    try:
        return {row.id: row for row in Store.open(home).runs(limit=_ALL)}
    except StoreError:
        return None


def _row_findings(home: Path, rows: dict[str, RunRow], *, busy: bool) -> Iterator[Finding]:
    for row in rows.values():
        folder = paths.run_dir(home, row.id)
        if row.damage:
            problem = f"The row of run '{row.id}' is damaged: {row.damage}."
            advice = f"Run it again, or delete it: {damage.command(home, f'delete {row.id}')}"
            yield Finding(row.id, home / rebuild.NAME, problem, "mend row", advice)
        if not folder.is_dir() and row.state in ENDED:
            problem = f"The folder of run '{row.id}' is missing; its scores are still there."
            advice = f"If you do not need it: {damage.command(home, f'delete {row.id}')}"
            yield Finding(row.id, folder, problem, "write configuration", advice)
            continue
        yield from _map_findings(home, row, busy=busy)


def _map_findings(home: Path, row: RunRow, *, busy: bool) -> Iterator[Finding]:
    """The map of a run that failed, that nobody makes any more, or that cannot be made."""
    folder = paths.run_dir(home, row.id)
    possible = run_files.can_be_mapped(home, folder, row)
    states = {"failed": "could not be made"}
    if not busy:
        states["running"] = "was not made to its end"
        if not possible:
            states["queued"] = "cannot be made"
    state = states.get(row.map_state)
    if state is not None:
        problem = f"The UMAP map of run '{row.id}' {state}."
        yield Finding(row.id, folder, problem, "fit map again" if possible else "give map up")


def _folder_findings(home: Path, rows: dict[str, RunRow] | None) -> Iterator[Finding]:
    folders = sorted(path for path in paths.runs_dir(home).glob("*") if path.is_dir())
    for folder in folders:
        row = None if rows is None else rows.get(folder.name)
        if rows is not None and row is None:
            whole = run_files.fault(folder / CONFIG) is None
            problem = f"The folder of run '{folder.name}' has no row in the store."
            action: Action = "add row" if whole else "move aside"
            yield Finding(folder.name, folder, problem, action)
            if not whole:
                continue
        yield from run_files.check(home, folder, row)


def _data_findings(home: Path) -> Iterator[Finding]:
    for folder in sorted(paths.cache_dir(home).glob("*")):
        if not folder.is_dir() or folder.name.startswith("."):
            continue
        faults = cache.faults(folder)
        descriptions = dict(library.damaged_descriptions(folder))
        if faults.keys() <= descriptions.keys():
            # The samples are whole, and runs use them.
            for name, error in descriptions.items():
                yield Finding(folder.name, folder / name, error.message, "move aside")
            continue
        name, reason = next(iter(faults.items()))
        more = f" (and {len(faults) - 1} more files)" if len(faults) > 1 else ""
        problem = f"'{name}' of prepared data set '{folder.name}' is damaged: {reason}{more}."
        request = _request_of(folder)
        if request is None:
            advice = "The request for it is lost too: start a new run with the data."
            yield Finding(folder.name, folder, problem, "move aside", advice)
        else:
            advice = f"Its source must be there: {request}"
            yield Finding(folder.name, folder, problem, "prepare data again", advice)


def _request_of(folder: Path) -> str | None:
    """The source of a prepared data set; None if what was asked for is lost."""
    try:
        request = library.read_request(folder)
    except WorkbenchError:
        return None
    return None if request is None else request.source


def _leftovers(home: Path) -> Iterator[Finding]:
    """Unfinished files of writers that were killed, if they have not changed for ten minutes."""
    patterns = (
        "runs/*/.*.part*",
        f"data/{cache.TEMPORARY}*",
        f"arrays/{cache.TEMPORARY}*",
        ".*.part",
    )
    now = time.time()
    for pattern in patterns:
        for path in sorted(home.glob(pattern)):
            age = now - path.stat().st_mtime
            if age > _OLD_SECONDS:
                problem = f"'{path.name}' was left by a process that was killed."
                yield Finding("", path, problem, "remove leftover")
