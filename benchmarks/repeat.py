"""Five seeded runs and what they give, so that two versions can be compared bit for bit.

    python benchmarks/repeat.py --home /tmp/before --to before.json      # at one commit
    python benchmarks/repeat.py --home /tmp/after --to after.json        # at another, same machine
    python benchmarks/repeat.py --compare before.json after.json

Scores, gains, loss curves and the verdict's metrics have to be equal to the last bit. The curve
``check.knn`` is printed apart: it follows the read-out's definition.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

RUNS = (
    ("simclr", "sample:digits"),
    ("vicreg", "sample:shapes"),
    ("rotation", "sample:surfaces"),
    ("mae", "sample:digits"),
    ("mlm", "sample:intents"),
)
STEPS = 30
# The accuracy of neighbours during training: it follows how neighbours are read out.
READ_OUT = "check.knn"


def run(task: str, data: str, home: Path) -> dict[str, Any]:
    """One run of ``STEPS`` steps by the command line; its scores, gains, metrics and curves."""
    workbench = [sys.executable, "-m", "workbench"]
    env = {**os.environ, "OMP_NUM_THREADS": "1", "WORKBENCH_WARM_UP": "0"}
    asked = ["--data", data, "--task", task, "--steps", str(STEPS), "--seed", "3"]
    done = subprocess.run(
        [*workbench, "pretrain", *asked, "--device", "cpu", "--home", str(home), "--json"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    run_id = json.loads(done.stdout)["id"]
    shown = subprocess.run(
        [*workbench, "show", run_id, "--curves", "--home", str(home), "--json"],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(shown.stdout)
    kept = {name: found[name] for name in ("scores", "gains", "validation_gains")}
    curves = {k: v for k, v in found["curves"].items() if k != "samples_per_second"}
    return {
        **kept,
        "metrics": found["verdict"]["metrics"],
        "curves": curves,
        "config": found["config"],
    }


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What differs, as lines; k of kNN (``neighbours``) is a field that old rows have not."""
    lines = []
    for name, first in before.items():
        second = after[name]
        for part in ("scores", "gains", "validation_gains"):
            rows = [{k: v for k, v in row.items() if k != "neighbours"} for row in second[part]]
            if rows != first[part]:
                lines.append(f"{name}: {part} differ")
        if first["metrics"] != second["metrics"]:
            lines.append(f"{name}: the verdict's metrics differ")
        if first["config"] != second["config"]:
            lines.append(f"{name}: the configuration differs")
        for curve, points in first["curves"].items():
            if curve != READ_OUT and points != second["curves"].get(curve):
                lines.append(f"{name}: curve {curve} differs")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path)
    parser.add_argument("--to", type=Path)
    parser.add_argument("--compare", type=Path, nargs=2)
    given = parser.parse_args()
    if given.compare:
        before, after = (json.loads(path.read_text("utf-8")) for path in given.compare)
        lines = differences(before, after)
        moved = [
            n
            for n in before
            if before[n]["curves"].get(READ_OUT) != after[n]["curves"].get(READ_OUT)
        ]
        if moved:
            print(f"{READ_OUT} differs in {len(moved)} of {len(before)} runs.")
        print("\n".join(lines) or f"{len(before)} runs give the same else, to the last bit.")
        sys.exit(1 if lines else 0)
    found = {f"{task} on {data}": run(task, data, given.home) for task, data in RUNS}
    given.to.write_text(json.dumps(found), "utf-8")
    print(f"{len(found)} runs written to {given.to}")


if __name__ == "__main__":
    main()
