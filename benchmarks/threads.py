"""How many threads a short run should take: samples per second by --set train.threads.

    python benchmarks/threads.py [--threads 1,2] [--steps 60]

Each figure is a run of its own process on sample data, the threads taken in turn so that a noisy
machine disturbs them alike; medians of three. Writes the section of RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile

from machine import describe, workbench
from rows import put

CASES = (
    ("sample:digits", "simclr", "small_conv"),
    ("sample:shapes", "simclr", "small_conv"),
    ("sample:shapes", "rotation", "small_conv"),
    ("sample:shapes", "simclr", "resnet18"),
    ("sample:intents", "mlm", "text_mini"),
)
REPEATS = 3


def speed(source: str, task: str, encoder: str, threads: int, steps: int, home: str) -> float:
    """Samples per second of one run."""
    done = workbench(
        *("pretrain", "--data", source, "--task", task, "--encoder", encoder),
        *("--steps", str(steps), "--again", "--home", home, "--json"),
        *("--set", "eval.label_efficiency=false", "--set", f"train.threads={threads}"),
        # An engine of a fresh home would compile meanwhile.
        env={**os.environ, "WORKBENCH_WARM_UP": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    out, _ = done.communicate()
    return float(json.loads(out)["training"]["samples_per_second"])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--steps", type=int, default=60)
    given = parser.parse_args()
    threads = [int(part) for part in given.threads.split(",")]
    lines = [
        "## Threads",
        "",
        f"`python benchmarks/threads.py --threads {given.threads}`, {describe()}. Medians of "
        f"{REPEATS} runs of {given.steps} steps, the threads taken in turn.",
        "",
        "| samples/s | " + " | ".join(f"threads: {n}" for n in threads) + " |",
        "|---" * (len(threads) + 1) + "|",
    ]
    for source, task, encoder in CASES:
        steps = max(3, given.steps // 15) if encoder == "resnet18" else given.steps
        found: dict[int, list[float]] = {n: [] for n in threads}
        for _ in range(REPEATS):
            for n in threads:
                with tempfile.TemporaryDirectory() as home:
                    found[n].append(speed(source, task, encoder, n, steps, home))
        cells = [f"{statistics.median(values):,.0f}" for values in found.values()]
        lines.append(f"| {source}, {task}, {encoder} | " + " | ".join(cells) + " |")
        print(lines[-1], flush=True)
    put("threads", "\n".join(lines))


if __name__ == "__main__":
    main()
