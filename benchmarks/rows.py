"""Benchmarks of many runs, one row a run, kept as JSON lines: what is there is not run again."""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from machine import processor, workbench

FOLDER = Path(__file__).with_name("results")
RESULTS = Path(__file__).with_name("RESULTS.md")
# Two-sided 95 % points of Student's t by degrees of freedom; the normal's for one seed.
_T = {0: 1.96, 1: 12.71, 2: 4.30, 3: 3.18, 4: 2.78, 5: 2.57}


class Rows:
    """The rows of one benchmark, by their key."""

    def __init__(self, name: str):
        self.path = FOLDER / f"{name}.jsonl"
        lines = self.path.read_text("utf-8").splitlines() if self.path.exists() else []
        self.rows: list[dict[str, Any]] = [json.loads(line) for line in lines]

    def find(self, key: Mapping[str, Any]) -> dict[str, Any] | None:
        """The row whose values at ``key`` are these."""
        for row in self.rows:
            if all(row[name] == value for name, value in key.items()):
                return row
        return None

    def add(self, key: Mapping[str, Any], found: Mapping[str, Any]) -> None:
        row = {**key, **found, "date": time.strftime("%Y-%m-%d"), "machine": processor()}
        self.rows.append(row)
        self.path.parent.mkdir(exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


def finished_run(home: str | Path, *arguments: str) -> dict[str, Any]:
    """The record of one new run of ``workbench pretrain`` with these arguments."""
    process = workbench(
        *("pretrain", "--home", str(home), "--again", "--json", *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = process.communicate()
    if not out.strip():
        raise SystemExit(f"workbench pretrain {' '.join(arguments)}\n{err}")
    record: dict[str, Any] = json.loads(out)
    return record


def pretrain(home: str, *arguments: str) -> dict[str, Any]:
    """One run as JSON: steps, encoder, verdict, gains and scores; ``failed`` with the reason."""
    run = finished_run(home, *arguments)
    training = run["training"] or {}
    return {
        "status": run["status"],
        "encoder": run["config"]["encoder"],
        "steps": training.get("steps"),
        "verdict": (run["verdict"] or {}).get("label"),
        "gains": [row for row in run["gains"] if row["over"] == "random init"],
        "scores": [row for row in run["scores"] if "labels_per_class" not in row],
    }


def gain(rows: Sequence[Mapping[str, Any]], protocol: str, metric: str) -> tuple[float, ...] | None:
    """Mean gain over the untrained encoder over seeds, with a 95 % interval; None if unscored.

    The test samples are the same for all seeds, so that their share of the variance (from each
    run's own paired interval) does not shrink with the number of seeds; the seeds' share does.
    """
    found = [
        score
        for row in rows
        for score in row["gains"]
        if (score["protocol"], score["metric"]) == (protocol, metric)
        and "labels_per_class" not in score
    ]
    return over_seeds(found) if found else None


def over_seeds(found: Sequence[Mapping[str, Any]]) -> tuple[float, float, float]:
    """Mean with a 95 % interval of gains, one a seed, each with its own paired interval."""
    values = [score["value"] for score in found]
    sampling = statistics.mean([((s["high"] - s["low"]) / 3.92) ** 2 for s in found])
    half = 1.96 * math.sqrt(sampling)
    if len(values) > 1:
        seeds = _T[len(values) - 1] * statistics.stdev(values) / math.sqrt(len(values))
        half = math.hypot(half, seeds)
    middle = statistics.mean(values)
    return middle, middle - half, middle + half


def score(
    rows: Sequence[Mapping[str, Any]], protocol: str, metric: str, features: str, target: str = ""
) -> float | None:
    """Mean of a score over seeds; None if there is none."""
    values = [
        found["value"]
        for row in rows
        for found in row["scores"]
        if (found["protocol"], found["metric"], found["features"]) == (protocol, metric, features)
        and target in ("", found["target"])
    ]
    return statistics.mean(values) if values else None


def put(section: str, text: str) -> None:
    """Write ``text`` between the marks of ``section`` in RESULTS.md; at its end the first time."""
    begin, end = f"<!-- {section} -->", f"<!-- end of {section} -->"
    whole = RESULTS.read_text("utf-8")
    part = f"{begin}\n{text.strip()}\n{end}"
    if begin in whole:
        before, _, rest = whole.partition(begin)
        whole = before + part + rest.partition(end)[2]
    else:
        whole = f"{whole.rstrip()}\n\n{part}\n"
    RESULTS.write_text(whole, "utf-8")


def points(found: tuple[float, ...] | None) -> str:
    """A gain in percentage points with its interval, as a table's cell."""
    if found is None:
        return ""
    value, low, high = (100 * part for part in found)
    return f"{value:+.1f} [{low:+.1f}, {high:+.1f}]"
