"""Small requests on the digits, their processes, and waiting for things."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from workbench import paths
from workbench.config import Budget, DataConfig, RunConfig
from workbench.data.dataset import Dataset
from workbench.requests import validation
from workbench.run_folder import LOG
from workbench.store.store import ENDED, RunRow, Store

# Generous: other processes of this machine may want the processor, too.
PATIENCE = 240.0


def digits(home: Path) -> Dataset:
    """The digits as they lie prepared in ``home``."""
    prepared = (Dataset.open(path.parent) for path in (home / "data").glob("*/info.json"))
    return next(data for data in prepared if data.info.name == "digits")


def request(home: Path, steps: int = 3, **changes: Any) -> RunConfig:
    """A small, validated request on the digits; ``changes`` are fields of RunConfig."""
    config = RunConfig(
        data=DataConfig("sample:digits"),
        task="rotation",
        encoder="small_conv",
        budget=Budget(steps=steps),
        train={"batch_size": 64},
        eval={"label_efficiency": False},
        device="cpu",
    )
    return validation.validate(dataclasses.replace(config, **changes), digits(home).info)


def write_posts(path: Path, lengths: Sequence[int]) -> DataConfig:
    """A CSV of posts without labels, as many and as long (in words) as ``lengths`` says."""
    rng = np.random.default_rng(0)
    words = ("the", "cat", "sat", "on", "a", "mat", "and", "saw", "dogs", "bark", "at", "night")
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["post"])
        for i, length in enumerate(lengths):
            more = f" {words[i % 5]} {i} dogs." if i % 2 else ""
            rows.writerow([f"{' '.join(rng.choice(words, length))} {i}.{more}"])
    return DataConfig(str(path))


def enqueue(home: Path, steps: int = 3, **changes: Any) -> str:
    """A queued run that nobody has been told of."""
    return Store.open(home).add_run(request(home, steps, **changes).to_json(), digest="d")


def carry_out(home: Path) -> RunRow:
    """The oldest queued run of ``home``, carried out by this process as a worker does it.

    No supervisor may be at work on the home: hold its lock.
    """
    from workbench.jobs import worker

    store = Store.open(home)
    claimed = store.claim_next()
    assert claimed is not None
    kept = signal.getsignal(signal.SIGTERM)
    folder = paths.run_dir(home, claimed.id)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        # What a worker prints is the log of its run.
        with (folder / LOG).open("a") as log, contextlib.redirect_stdout(log):
            worker.main([str(home), claimed.id])
    finally:
        signal.signal(signal.SIGTERM, kept)
        # A later supervisor would take this process for a worker that lingers, and end it.
        store.update(claimed.id, pid=None, pid_created=None)
    return store.run(claimed.id)


def until(what: Callable[[], Any], why: str, seconds: float = PATIENCE) -> Any:
    """The first value of ``what()`` that is true; the test fails after ``seconds``."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    return pytest.fail(f"waited {seconds:.0f} s in vain until {why}")


def step_of(store: Store, run_id: str) -> int:
    """The last step whose loss is in the store; 0 before the first."""
    points = store.metrics(run_id, ["loss"], max_points=10**6).get("loss", [])
    return points[-1][0] if points else 0


def ended(store: Store, run_id: str) -> RunRow:
    """The run, when it has ended."""

    def look() -> RunRow | None:
        row = store.run(run_id)
        return row if row.state in ENDED else None

    row: RunRow = until(look, f"{run_id} has ended")
    return row


def processes(home: Path, module: str) -> list[psutil.Process]:
    """The processes of ``home`` that run ``workbench.<module>`` ("jobs.worker").

    A child that such a process has forked has its command line until it runs its own program.
    """
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if f"workbench.{module}" in words and str(home) in words:
            # Of all processes of the machine few are asked for more than their command line.
            with contextlib.suppress(psutil.NoSuchProcess):
                found.append((process, process.ppid()))
    ids = {process.pid for process, _ in found}
    return [process for process, parent in found if parent not in ids]


def copy_home(home: Path, target: Path) -> Path:
    """A copy of a home that may be in use: its data, runs and store, and none of its locks."""
    no_store = shutil.ignore_patterns("store.db*", "*.lock", "engine.json", "*.log", ".*")
    shutil.copytree(home, target, ignore=no_store)
    source, copy = sqlite3.connect(home / "store.db"), sqlite3.connect(target / "store.db")
    source.backup(copy)
    source.close()
    copy.close()
    return target
