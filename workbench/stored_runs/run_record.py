"""A stored run as a JSON record, as ``workbench show --json`` and ``workbench runs --json`` do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from workbench.diagnostics import verdict_words
from workbench.evaluation.feature_scores import LARGEST, Setup
from workbench.evaluation.largest_class import guess_scores
from workbench.records import RunLine, RunRecord, Score
from workbench.run_folder import PREDICTIONS, VALIDATION_PREDICTIONS
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
    predictions = VALIDATION_PREDICTIONS if hides_test else PREDICTIONS
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
        "scores": _with_largest_class(visible["scores"], folder / predictions),
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
    if summary.get("unscored"):
        record["unscored"] = True
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


def _with_largest_class(scores: Sequence[Score], predictions: Path) -> list[Score]:
    """``scores``, with those of the largest class if they lack them, as those of older runs do.

    predictions: a file with the classes of the scored samples."""
    rows = [row for row in scores if row["features"] == "trained"]
    classes = [row for row in rows if row["metric"] == "accuracy"]
    if not classes or any(row["features"] == LARGEST for row in scores):
        return list(scores)
    first = classes[0]
    try:
        changed = predictions.stat().st_mtime_ns
        return [*scores, *_of_file(predictions, changed, first["split"], first["target"])]
    except (OSError, KeyError, pa.ArrowInvalid):
        # Pages that read the whole file say that it is damaged.
        return list(scores)


@lru_cache(maxsize=256)
def _of_file(path: Path, changed: int, split: str, target: str) -> tuple[Score, ...]:
    """changed: when the file was last written."""
    truth = pq.read_table(path, columns=["truth"])["truth"].to_numpy()
    if len(truth) and truth.min() < 0:
        return ()
    return tuple(guess_scores(truth, split, Setup(target)))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
