"""Several runs side by side, as JSON and as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench import comparison
from workbench.runs.result import run_json
from workbench.runs.store import RunRow


def compare_json(home: Path, rows: Sequence[RunRow]) -> dict[str, Any]:
    """``{"runs": [...], "comparison": {...}}``."""
    documents = [run_json(home, row) for row in rows]
    return {"runs": documents, "comparison": comparison.compare(documents)}


def compare_text(document: dict[str, Any]) -> str:
    """A table of verdicts and gains, then what was and was not shown."""
    lines = [f"{'run':<26} {'collapse check':<26} {'kNN':>6} {'untrained':>9}  gain in points"]
    for run in document["runs"]:
        verdict = (run["verdict"] or {}).get("label", run["status"])
        trained, untrained, gain = (
            comparison.score(run, "trained"),
            comparison.score(run, "random init"),
            comparison.gain(run),
        )
        line = f"{comparison.title(run):<26} {verdict:<26}"
        if trained and untrained:
            line += f" {trained['value']:6.3f} {untrained['value']:9.3f}"
        if gain:
            points, low, high = (100 * gain[name] for name in ("value", "low", "high"))
            line += f"  {points:+.1f} [{low:+.1f}, {high:+.1f}]"
        lines.append(line)
    return "\n".join([*lines, "", *document["comparison"]["sentences"]])
