"""A run as the JSON object that commands give, as text for a terminal, and as an exit status."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench import comparison, paths
from workbench.plots.words import FEATURES as FEATURES
from workbench.store import hidden_test
from workbench.store.store import RunRow, Store

# What lies in a run's folder and tells its test scores: no part of a run kept closed.
_OF_TEST = ("predictions",)


def run_json(
    home: Path, row: RunRow, *, curves: bool = False, read_only: bool = False
) -> dict[str, Any]:
    """The run object of DESIGN's commands; ``curves`` adds every metric's points.

    scores and gains are of one split: test, or validation while the test of the data is kept
    closed (``held.py``), and ``test`` says which: ``open`` or ``closed``. read_only: the home is
    that of stored demo runs, where nothing is kept closed.
    """
    summary = row.summary
    folder = paths.run_dir(home, row.id)
    closed = not read_only and bool(hidden_test.closed(Store.open(home), [row]))
    out = {
        **row_json(row),
        "config": row.config,
        "training": summary.get("training", {}),
        "chance": summary.get("chance"),
        "verdict": summary.get("verdict"),
        "test": "closed" if closed else "open",
        **hidden_test.shown(summary, closed),
        "validation_gains": summary.get("validation_gains", []),
        "notes": summary.get("notes", []),
        "versions": summary.get("versions", {}),
        "artifacts": {
            path.stem if path.suffix else path.name: str(path)
            for path in sorted(folder.glob("*"))
            if path.is_file()
            and not path.name.startswith(".")
            and not (closed and path.stem in _OF_TEST)
        },
    }
    if curves:
        points = Store.open(home).metrics(row.id, max_points=10**9)
        out["curves"] = {name: [[s, _finite(v)] for s, v in rows] for name, rows in points.items()}
    return out


def row_json(row: RunRow) -> dict[str, Any]:
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


def exit_status(rows: Sequence[RunRow]) -> int:
    """0 if every run finished, else 1."""
    return 0 if all(row.state == "finished" for row in rows) else 1


def run_text(run: dict[str, Any]) -> str:
    """A run for a terminal: status, verdict, gains, then each score beside its baselines."""
    lines = [f"{run['id']}  {run['status']}" + (f": {run['reason']}" if run["reason"] else "")]
    if run["verdict"]:
        lines.append(f"collapse check: {run['verdict']['label']}. {run['verdict']['reason']}")
    gains = [row for row in run["gains"] if row["over"] == "random init"]
    if gains:
        lines.append("gain over the untrained encoder, in points:")
    for row in gains:
        lines.append(
            f"  {_what(row)}: {100 * row['value']:+.1f} "
            f"[{100 * row['low']:+.1f}, {100 * row['high']:+.1f}]"
        )
    splits: dict[str, dict[str, list[str]]] = {}
    for row in run["scores"]:
        name = FEATURES.get(row["features"], row["features"])
        splits.setdefault(row["split"], {}).setdefault(f"{_what(row)}, n={row['n']}", []).append(
            f"{name} {row['value']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"
        )
    for split, scores in splits.items():
        lines.append(f"scores on the {split} split:")
        lines += [f"  {what}: {'; '.join(values)}" for what, values in scores.items()]
    kept = comparison.closed(run)
    if kept:
        lines.append(f"The test is kept closed. Open it: workbench confirm-test {run['id']}")
    return "\n".join(lines)


def confirmed_text(document: dict[str, Any]) -> str:
    """The runs of ``confirm-test``, each as ``run_text`` gives it."""
    return "\n\n".join(run_text(run) for run in document["runs"])


def _what(row: dict[str, Any]) -> str:
    labels = row.get("labels_per_class")
    with_labels = f" ({labels} labels a class)" if labels else ""
    return f"{row['protocol']}{with_labels} of {row['target']}, {row['metric']}"


def rows_text(rows: list[dict[str, Any]]) -> str:
    """A list of runs for a terminal."""
    if not rows:
        return "No runs yet. Start one: workbench pretrain --data sample:digits --task simclr"
    return "\n".join(_line(row) for row in rows)


def _line(row: dict[str, Any]) -> str:
    tags = "".join(f" [{tag}]" for tag in row["tags"])
    return f"{row['id']:<28} {row['status']:<9} {row['name']}{tags}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
