"""A stored run as a JSON record, as ``workbench show --json`` and ``workbench runs --json`` do."""

from __future__ import annotations

import math
from pathlib import Path

from workbench.diagnostics import verdict_words
from workbench.records import RunLine, RunRecord
from workbench.run_folder import PREDICTIONS
from workbench.store.rows import RunRow
from workbench.store.store import Store
from workbench.stored_runs import hidden_test


def run_record(
    row: RunRow, folder: Path, store: Store, *, hides_test: bool, curves: bool = False
) -> RunRecord:
    """The record of the run ``row`` whose files lie in ``folder``.

    Scores and gains are of the test split, or of validation while the data set's test scores are
    hidden (``StoredRun.hides_test``); ``test`` is ``open`` or ``closed``. curves: with all points
    of all metrics.
    """
    summary = row.summary
    visible = hidden_test.visible_scores(summary, hides_test)
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
        "damage": row.damage,
        "config": row.config,
        "training": summary.get("training", {}),
        "chance": summary.get("chance"),
        "verdict": verdict_words.rendered(summary.get("verdict")),
        "test": "closed" if hides_test else "open",
        "scores": visible["scores"],
        "gains": visible["gains"],
        "validation_gains": summary.get("validation_gains", []),
        "notes": summary.get("notes", []),
        "versions": summary.get("versions", {}),
        "artifacts": {
            path.stem if path.suffix else path.name: str(path)
            for path in sorted(folder.glob("*"))
            if path.is_file()
            and not path.name.startswith(".")
            and not (hides_test and path.name == PREDICTIONS)
        },
    }
    if curves:
        points = store.metrics(row.id, max_points=10**9)
        record["curves"] = {
            name: [(step, _finite(value)) for step, value in curve]
            for name, curve in points.items()
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
        "damage": row.damage,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
