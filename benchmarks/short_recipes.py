"""What learns most in few steps: settings of encoder, optimizer and augmentations for images.

    python benchmarks/short_recipes.py --data FOLDER [--steps 1000] [--threads N]
                                       [--tasks NAME ...] [--sets NAME ...] [--settings NAME ...]
                                       [--summary]

FOLDER holds data sets by name; of each at most 10,000 samples are taken. A task trains as it is and
with each setting for --steps: what a machine does besides then changes nothing. Chosen on
validation samples alone (searched.py); the test split has no part in it. A setting helps on a data
set where the mean of kNN and probe is higher than without it. Resumable; rows go to
results/short_recipes.jsonl, the table to RESULTS.md. Several of it may run at once, for other tasks
or sets.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from machine import describe
from rows import Rows, put
from searched import accuracies, search_run

SETS: dict[str, tuple[str, ...]] = {
    "cifar10": (),
    "fashion_mnist": (),
    "clothing10": ("--size", "32"),
    "deeppcb_patches": ("--size", "32"),
    "sample:shapes": ("--size", "32"),
}
# One task of each family that trains in a minute.
TASKS = ("simclr", "rotation", "mae")
AS_IT_IS, FASTER, CROPS = "as it is", "learning rate x 2", "crops of half or more"
SMALL_BATCH = "half of the batch"
_WHITEN = ("--set", "encoder.whiten=true")
_IDENTITY = ("--set", "encoder.identity=true")
_MUON = ("--set", "train.optimizer=muon")
SETTINGS: dict[str, tuple[str, ...]] = {
    AS_IT_IS: (),
    "whitened first layer": _WHITEN,
    "identity start": _IDENTITY,
    "both": (*_WHITEN, *_IDENTITY),
    "Muon": _MUON,
    "Muon and both": (*_MUON, *_WHITEN, *_IDENTITY),
    FASTER: (),
    SMALL_BATCH: ("--set", "train.batch_size=64"),
    CROPS: ("--augment", "random_resized_crop.scale=0.5,1"),
}
# Tasks whose views are not cropped.
_UNCROPPED = ("rotation",)
_SAMPLES = "10000"


def attempt(home: str, data: str, task: str, more: Sequence[str]) -> dict[str, Any]:
    """One run, measured on validation."""
    source = data.partition("/sample:")
    given = f"sample:{source[2]}" if source[1] else data
    run = search_run(
        Path(home),
        *("--data", given, "--samples", _SAMPLES, "--task", task, "--encoder", "small_conv"),
        *more,
    )
    return {
        "steps": run.steps,
        "seconds": run.seconds,
        "learning_rate": run.learning_rate,
        **accuracies(run),
    }


def gain(row: dict[str, Any]) -> float:
    """Mean of both validation accuracies."""
    return statistics.mean(row[f"trained {way}"] for way in ("knn", "probe"))


def table(rows: list[dict[str, Any]], steps: int) -> list[str]:
    """A line for each task and setting: differences by data set, in points."""
    sets = [name for name in SETS if any(row["data"] == name for row in rows)]
    out = [
        f"| task | setting | {' | '.join(sets)} | helps on | time a step |",
        "|---|---|" + "---|" * (len(sets) + 2),
    ]
    for task in TASKS:
        mine = [row for row in rows if (row["task"], row["asked"]) == (task, steps)]
        plain = {row["data"]: row for row in mine if row["setting"] == AS_IT_IS}
        for setting in SETTINGS:
            found = {row["data"]: row for row in mine if row["setting"] == setting}
            both = [name for name in sets if name in found and name in plain]
            if setting == AS_IT_IS or not both:
                continue
            apart = {name: 100 * (gain(found[name]) - gain(plain[name])) for name in both}
            cells = [f"{apart[name]:+.1f}" if name in apart else "" for name in sets]
            slower = statistics.median(
                (found[name]["seconds"] / found[name]["steps"])
                / (plain[name]["seconds"] / plain[name]["steps"])
                for name in both
            )
            helps = sum(value > 0 for value in apart.values())
            out.append(
                f"| {task} | {setting} | {' | '.join(cells)} | {helps} of {len(both)} | "
                f"x {slower:.2f} |"
            )
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--tasks", nargs="+", default=list(TASKS))
    parser.add_argument("--sets", nargs="+", default=list(SETS))
    parser.add_argument("--settings", nargs="+", default=list(SETTINGS))
    parser.add_argument("--threads", type=int)
    parser.add_argument("--summary", action="store_true", help="write the table only")
    given = parser.parse_args()
    given.threads = ("--set", f"train.threads={given.threads}") if given.threads else ()
    rows = Rows("short_recipes")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        for name in () if given.summary else given.sets:
            for task in given.tasks:
                _attempts(rows, home, given, name, task)
    head = [
        f"## What learns most in {given.steps:,} steps",
        "",
        f"`python benchmarks/short_recipes.py --data FOLDER --steps {given.steps}`, {describe()}. "
        "Small conv net, one seed. Mean of kNN and linear probe on validation samples, less that "
        "of the task as it is, in points.",
        "",
    ]
    put(f"short recipes {given.steps}", "\n".join([*head, *table(rows.rows, given.steps)]))


def _attempts(rows: Rows, home: str, given: argparse.Namespace, name: str, task: str) -> None:
    """What is missing of a task's runs on one data set."""
    plain: dict[str, Any] | None = None
    for setting in dict.fromkeys([AS_IT_IS, *given.settings]):
        if setting == CROPS and task in _UNCROPPED:
            continue
        key = {"data": name, "task": task, "setting": setting, "asked": given.steps}
        row = rows.find(key)
        if row is None:
            steps = given.steps * (2 if setting == SMALL_BATCH else 1)
            more = (*SETS[name], *SETTINGS[setting])
            if setting == FASTER and plain is not None:
                more = (*more, "--set", f"train.learning_rate={2 * plain['learning_rate']:g}")
            more = (*more, "--steps", str(steps), *given.threads)
            rows.add(key, attempt(home, str(given.data / name), task, more))
            row = rows.rows[-1]
            print(row, flush=True)
        if setting == AS_IT_IS:
            plain = row


if __name__ == "__main__":
    main()
