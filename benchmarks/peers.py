"""Samples a second against lightly's example, and against the limit of the same step.

    python benchmarks/peers.py --data FOLDER --lightly PYTHON [--parts speed limit knn]
                               [--repeats 5] [--seconds 12] [--minutes 10] [--summary]

FOLDER holds the data sets ``cifar10`` and ``banking77``. PYTHON is the interpreter of an
environment with lightly and torchvision (``peer_lightly.py`` runs in it).

speed  SimCLR on CIFAR-10, small conv net and ResNet-18: ``workbench pretrain`` as it comes, in fp32
       too, and lightly in turn.
limit  six tasks as the command gives them, in turn with the same step on ready-made views.
knn    neighbours on CIFAR-10 after --minutes of ResNet-18, both encoders on the same samples.

Rows go to results/peers.jsonl, and what is there is not measured again. Writes the sections
``peers`` and ``limit`` of RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from machine import describe, processor
from rows import Rows, finished_run, put

from workbench import paths
from workbench.api.run import Run
from workbench.config import RunConfig
from workbench.data.dataset import Dataset
from workbench.evaluation import knn
from workbench.store.store import Store

# Times --seconds: few steps of the larger net fit into what is enough for the smaller.
ENCODERS = {"small_conv": 1, "resnet18": 3}
TASKS = {
    **dict.fromkeys(("simclr", "vicreg", "byol", "rotation", "mae"), "cifar10"),
    "mlm": "banking77",
}
# lightly's example has this batch; the speed of both is compared at it.
BATCH = 256
# Of the training and the test split, for neighbours; lightly trains on the whole training split.
SCORED = 10_000
HERE = Path(__file__).parent


def own(home: Path, data: Path, task: str, encoder: str | None, seconds: float, *more: str) -> Any:
    """A run as the command gives it: its record."""
    words = ["--data", str(data), "--task", task, *(("--encoder", encoder) if encoder else ())]
    return finished_run(home, "--seconds", str(seconds), *words, *more)


def peer(python: str, arrays: Path, encoder: str, seconds: float, *more: str) -> dict[str, Any]:
    """lightly's example: samples, seconds and steps."""
    command = [python, str(HERE / "peer_lightly.py"), str(arrays), "--encoder", encoder]
    done = subprocess.run(
        [*command, "--seconds", str(seconds), *more], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def limit(home: Path, run: str, seconds: float) -> float:
    """Samples a second of the run's step on ready-made views, in a process of its own."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import peers; "
        "print(peers.limit_here(sys.argv[2], sys.argv[3], float(sys.argv[4])))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code, str(HERE), str(home), run, str(seconds)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(out.stdout.splitlines()[-1])


def limit_here(home: str, run: str, seconds: float) -> float:
    """As ``limit``, in this process. The run's own configuration, batch, threads and precision."""
    import step_limit
    import torch
    from gpu import Quiet

    from workbench.jobs.processes import keep_memory
    from workbench.training import device, instances
    from workbench.training.setup import make_trainer

    keep_memory()
    row = Store.open(Path(home)).run(run)
    training = row.summary["training"]
    torch.set_num_threads(training["threads"])
    config = RunConfig.from_json(row.config)
    encoder = instances.encoder_of(config)
    data = Dataset.open(paths.cache_dir(Path(home)) / str(config.data.fingerprint))
    side = min(data.info.size) if data.info.size else None
    placement = device.choose("cpu", training["precision"], encoder.kind, side)
    with tempfile.TemporaryDirectory() as folder:
        quiet = Quiet(Path(folder))
        trainer = make_trainer(config, data, placement, training["batch_size"], quiet, quiet, quiet)
        trainer.module.train()
        return step_limit.samples_per_second(trainer, seconds)


def measure_speed(rows: Rows, home: Path, given: argparse.Namespace, arrays: Path) -> None:
    """Runs as they come, the same in fp32 where they do not come so, and lightly, in turn."""
    for repeat in range(given.repeats):
        for encoder, times in ENCODERS.items():
            seconds = times * given.seconds
            key = {"part": "speed", "name": encoder, "repeat": repeat, "machine": processor()}
            if rows.find(key) is not None:
                continue
            words = ["--set", f"train.batch_size={BATCH}"]
            data = given.data / "cifar10"
            runs = [own(home, data, "simclr", encoder, seconds, *words)["training"]]
            if runs[0]["precision"] != "fp32":
                words += ["--set", "train.precision=fp32"]
                runs.append(own(home, data, "simclr", encoder, seconds, *words)["training"])
            other = peer(given.lightly, arrays, encoder, seconds)
            for training in runs:
                rows.add(key, speeds(training, other["samples"] / other["seconds"]))
                print(rows.rows[-1], flush=True)


def speeds(training: Mapping[str, Any], other: float) -> dict[str, Any]:
    """A row's fields: samples a second of a run, and of what it is measured against."""
    return {
        "own": training["samples"] / training["seconds"],
        "other": other,
        "precision": training["precision"],
        "threads": training["threads"],
        "batch": training["batch_size"],
    }


def measure_limit(rows: Rows, home: Path, given: argparse.Namespace) -> None:
    for repeat in range(given.repeats):
        for task, data in TASKS.items():
            key = {"part": "limit", "name": task, "repeat": repeat, "machine": processor()}
            if rows.find(key) is None:
                run = own(home, given.data / data, task, None, given.seconds)
                other = limit(home, run["id"], given.seconds / 2)
                rows.add(key, speeds(run["training"], other))
                print(rows.rows[-1], flush=True)


def measure_knn(rows: Rows, home: Path, given: argparse.Namespace, arrays: Path) -> None:
    """Both encoders after equal time: accuracy of neighbours, and the paired difference."""
    key = {"part": "knn", "name": "resnet18", "repeat": 0, "machine": processor()}
    if rows.find(key) is not None:
        return
    seconds, pixels = 60 * given.minutes, np.load(arrays)
    run = own(home, given.data / "cifar10", "simclr", "resnet18", seconds)
    file = home / "lightly.npz"
    other = peer(given.lightly, arrays, "resnet18", seconds, "--features", str(file))
    theirs, ours = np.load(file), Run(run["id"], home)
    right = {}
    for name, features in (
        ("own", {part: ours.encode(pixels[part][:SCORED]) for part in ("train", "test")}),
        ("other", theirs),
    ):
        known, wanted = (pixels[f"{part}_labels"][:SCORED] for part in ("train", "test"))
        guess = knn.predict(features["train"], known, features["test"])
        right[name] = (guess == wanted).astype(float)
    apart = right["own"] - right["other"]
    half = 1.96 * float(apart.std(ddof=1)) / len(apart) ** 0.5
    rows.add(
        key,
        {
            **{name: float(found.mean()) for name, found in right.items()},
            "gain": float(apart.mean()),
            "half": half,
            "minutes": given.minutes,
            "own_steps": run["training"]["steps"],
            "other_steps": other["steps"],
            "batch": run["training"]["batch_size"],
        },
    )
    print(rows.rows[-1], flush=True)


def write_arrays(home: Path, data: Path) -> Path:
    """The cache's images and labels in random order, for lightly and for neighbours."""
    own(home, data, "simclr", "small_conv", 1)
    config = RunConfig.from_json(Store.open(home).runs()[0].config)
    cached = Dataset.open(paths.cache_dir(home) / str(config.data.fingerprint))
    found = {}
    for part in ("train", "test"):
        rows = np.arange(cached.rows(part).start, cached.rows(part).stop)
        rows = np.random.default_rng(0).permutation(rows)
        found[part] = np.ascontiguousarray(cached.images[rows].transpose(0, 2, 3, 1))
        found[f"{part}_labels"] = cached.target(str(cached.info.label.name))[rows]
    file = home / "cifar10.npz"
    np.savez(file, **found)
    return file


def table(rows: list[dict[str, Any]], part: str) -> list[str]:
    """Medians and the median of the ratios: a line for each machine, name and precision."""
    lines = []
    kinds = [(row["machine"], row["name"], row["precision"]) for row in rows if row["part"] == part]
    for machine, name, precision in sorted(dict.fromkeys(kinds)):
        found = [
            row
            for row in rows
            if row["part"] == part
            and (row["machine"], row["name"], row["precision"]) == (machine, name, precision)
        ]
        own_speed, other = (statistics.median(r[key] for r in found) for key in ("own", "other"))
        ratios = sorted(row["own"] / row["other"] for row in found)
        lines.append(
            f"| {machine} | {name} | {own_speed:,.0f} | {other:,.0f} | "
            f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) | "
            f"{len(found)} | {precision} | {found[0]['threads']} |"
        )
    return lines


def summary(rows: list[dict[str, Any]]) -> None:
    command = f"`python benchmarks/peers.py --data FOLDER --lightly PYTHON`, {describe()}."
    columns = "| ratio, median (range) | n | precision | threads |\n" + "|---" * 8 + "|"
    peers = [
        "## Against lightly",
        "",
        f"{command} SimCLR on CIFAR-10, batch {BATCH}, samples/s of training, runs in turn. "
        "Each for --seconds (12 by default), ResNet-18 for three times as long. lightly 1.6 as its "
        "example has it: two loader workers, images in memory.",
        "",
        f"| processor | encoder | workbench | lightly {columns}",
        *table(rows, "speed"),
    ]
    for row in rows:
        if row["part"] == "knn":
            low, high = (100 * (row["gain"] + sign * row["half"]) for sign in (-1, 1))
            peers += [
                "",
                f"Neighbours after {row['minutes']:g} minutes of ResNet-18, k = {knn.NEIGHBOURS}: "
                f"workbench {row['own']:.1%} ({row['own_steps']} steps of {row['batch']}), lightly "
                f"{row['other']:.1%} ({row['other_steps']} steps of {BATCH}); difference "
                f"{100 * row['gain']:+.1f} [{low:+.1f}, {high:+.1f}] points.",
            ]
    put("peers", "\n".join(peers))
    limits = [
        "## Share of the limit",
        "",
        f"{command} Samples/s of runs as the command gives them, and of the same forward, backward "
        "and optimizer step on ready-made views, with the same batch, threads and precision.",
        "",
        f"| processor | task | run | limit {columns}",
        *table(rows, "limit"),
    ]
    if any(row["part"] == "limit" for row in rows):
        put("limit", "\n".join(limits))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--lightly")
    parser.add_argument("--parts", nargs="+", default=["speed", "limit", "knn"])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--summary", action="store_true", help="write the tables only")
    given = parser.parse_args()
    rows = Rows("peers")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        if not given.summary:
            arrays = write_arrays(home, given.data / "cifar10")
            if "limit" in given.parts:
                measure_limit(rows, home, given)
            if "speed" in given.parts:
                measure_speed(rows, home, given, arrays)
            if "knn" in given.parts:
                measure_knn(rows, home, given, arrays)
    summary(rows.rows)


if __name__ == "__main__":
    main()
