"""Measures how long a run takes from click to scores, against 1.5 S + 20 s.

    python benchmarks/proportion.py --data FOLDER [--seconds 20 60 300] [--encoders NAME ...]
                                    [--sets NAME ...] [--summary]

FOLDER holds data sets by name. Each run is ``workbench pretrain`` in a home whose data are
prepared, whose baselines are not made, and whose engine is idle. Rows go to
results/proportion.jsonl, the table to RESULTS.md. A run that made fewer than 20 steps may take
1.5 S + 60 s.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from machine import describe
from rows import Rows, finished_run, put

from workbench.store.store import Store

SETS = {
    "cifar10": ("simclr", ("small_conv", "resnet18", "vit_tiny")),
    "clothing10": ("simclr", ("small_conv", "resnet18", "vit_tiny")),
    "banking77": ("simcse", ("text_mini", "text_small")),
    "newsgroups20": ("simcse", ("text_mini", "text_small")),
}
SIZE = {"clothing10": "64"}
FEW_STEPS = 20


def measure(home: Path, folder: Path, name: str, encoder: str, seconds: int) -> dict[str, Any]:
    """One run, from the command to its scores."""
    for shelf in home.glob("data/*/baselines"):
        shutil.rmtree(shelf)
    for vectors in home.glob("data/*/word-vectors-*.npz"):
        vectors.unlink()
    words = ["--data", str(folder / name), "--task", SETS[name][0], "--encoder", encoder]
    words += ["--size", SIZE[name]] if name in SIZE else []
    began = time.perf_counter()
    run = finished_run(home, "--seconds", str(seconds), *words)
    took = time.perf_counter() - began
    training = run["training"] or {}
    _wait_for_map(home, run["id"])
    tested = [score["n"] for score in run["scores"] if score["split"] == "test"]
    return {
        "status": run["status"],
        "took": took,
        "steps": training.get("steps", 0),
        "started_after": training.get("started_after", 0.0),
        "warmup": training.get("warmup_seconds", 0.0),
        "checks": training.get("check_seconds", 0.0),
        "evaluation": training.get("evaluation_seconds", 0.0),
        "threads": training.get("threads"),
        "precision": training.get("precision"),
        "tested": max(tested, default=0),
    }


def _wait_for_map(home: Path, run_id: str) -> None:
    """Until the engine is idle: the next run would wait for it, or share the processor with it."""
    store = Store.open(home)
    while (row := store.find(run_id)) is not None and row.map_state in ("queued", "running"):
        time.sleep(0.5)


def limit(seconds: float, steps: int) -> float:
    """Seconds that such a run may take."""
    return 1.5 * seconds + (60 if steps < FEW_STEPS else 20)


def table(rows: list[dict[str, Any]]) -> list[str]:
    """The table of RESULTS.md."""
    out = [
        "| data | encoder | S | steps | to scores | limit | checks | evaluation | tested |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in sorted(rows, key=lambda row: (row["data"], row["encoder"], row["seconds"])):
        allowed = limit(row["seconds"], row["steps"])
        over = "" if row["took"] <= allowed else " **over**"
        out.append(
            f"| {row['data']} | {row['encoder']} | {row['seconds']} | {row['steps']} | "
            f"{row['took']:.0f} s{over} | {allowed:.0f} s | {row['checks']:.0f} s | "
            f"{row['evaluation']:.0f} s | {row['tested']:,} |"
        )
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seconds", type=int, nargs="+", default=[20, 60, 300])
    parser.add_argument("--sets", nargs="+", default=list(SETS))
    parser.add_argument("--encoders", nargs="+")
    parser.add_argument("--summary", action="store_true", help="write the table only")
    given = parser.parse_args()
    rows = Rows("proportion")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for name in () if given.summary else given.sets:
            home = Path(folder) / name
            for encoder in given.encoders or SETS[name][1]:
                for seconds in given.seconds:
                    key = {"data": name, "encoder": encoder, "seconds": seconds}
                    if encoder not in SETS[name][1] or rows.find(key) is not None:
                        continue
                    if not home.exists():
                        measure(home, given.data, name, encoder, 1)
                    rows.add(key, measure(home, given.data, name, encoder, seconds))
                    print(rows.rows[-1], flush=True)
    head = [
        "## From click to scores",
        "",
        f"`python benchmarks/proportion.py --data FOLDER`, {describe()}. S: seconds of training. "
        "tested: test samples that were scored; 0 where no scores fit into the time. Data "
        "prepared, no baseline made before.",
        "",
    ]
    put("proportion", "\n".join([*head, *table(rows.rows)]))


if __name__ == "__main__":
    main()
