"""A run as the JSON record that commands give (``workbench show --json``)."""

from __future__ import annotations

import math
from pathlib import Path

from workbench.records import RunLine, RunRecord
from workbench.run_folder import PREDICTIONS
from workbench.store.rows import RunRow
from workbench.store.store import Store
from workbench.stored_runs import hidden_test


def run_record(
    row: RunRow, folder: Path, store: Store, *, demo: bool = False, curves: bool = False
) -> RunRecord:
    """The record of the run ``row`` that lies in ``folder``; ``curves`` adds every metric's points.

    scores and gains are of one split: test, or validation while test scores of the data are hidden
    (``hidden_test.py``). ``test`` says which: ``open`` or ``closed``. demo: nothing is hidden of
    the stored demo runs.
    """
    summary = row.summary
    closed = not demo and bool(hidden_test.closed(store, [row]))
    shown = hidden_test.shown(summary, closed)
    record: RunRecord = {
        "id": row.id,
        "name": row.name,
        "status": row.state,
        "reason": row.reason,
        "owner": row.owner,
        "experiment": row.experiment,
        "created": row.created,
        "started": row.started,
        "ended": row.ended,
        "map_state": row.map_state,
        "tags": list(row.tags),
        "note": row.note,
        "config": row.config,
        "training": summary.get("training", {}),
        "chance": summary.get("chance"),
        "verdict": summary.get("verdict"),
        "test": "closed" if closed else "open",
        "scores": shown["scores"],
        "gains": shown["gains"],
        "validation_gains": summary.get("validation_gains", []),
        "notes": summary.get("notes", []),
        "versions": summary.get("versions", {}),
        "artifacts": {
            path.stem if path.suffix else path.name: str(path)
            for path in sorted(folder.glob("*"))
            if path.is_file()
            and not path.name.startswith(".")
            and not (closed and path.name == PREDICTIONS)
        },
    }
    if curves:
        points = store.metrics(row.id, max_points=10**9)
        record["curves"] = {
            name: [(step, _finite(value)) for step, value in rows] for name, rows in points.items()
        }
    return record


def run_line(row: RunRow) -> RunLine:
    """A run in one line of a list."""
    return {
        "id": row.id,
        "name": row.name,
        "status": row.state,
        "reason": row.reason,
        "owner": row.owner,
        "experiment": row.experiment,
        "created": row.created,
        "started": row.started,
        "ended": row.ended,
        "map_state": row.map_state,
        "tags": list(row.tags),
        "note": row.note,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
