"""Texts: starts, weights and temperatures for tasks on halves, and starts for masked words.

    python benchmarks/text_recipes.py --data FOLDER [--sets NAME ...] [--tasks NAME ...] [--table]

FOLDER holds ``banking77``, ``trec6`` and ``newsgroups20``; two sets come with the workbench. Chosen
on validation samples alone: the classifiers are fitted on training samples; one half of the
validation samples chooses their settings, the other is scored, and the other way round. The test
split has no part in it. Runs have a number of steps, so that what a machine does besides changes
nothing. Resumable; rows go to results/text_recipes.jsonl, the table to RESULTS.md.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from machine import describe
from rows import Rows, finished_run, put
from safetensors.numpy import load_file
from text import SETS, source

from workbench import paths
from workbench.data.dataset import Dataset
from workbench.evaluation import knn, label_efficiency

STEPS = 1500
FEW = 10


def option(name: str, value: object) -> tuple[str, str]:
    return ("--set", f"{name}={value}")


BAG, MINI = ("--encoder", "text_bag"), ("--encoder", "text_mini")
HALVES: Mapping[str, Sequence[str]] = {
    "as it is": BAG,
    "temperature 0.2": (*BAG, *option("temperature", 0.2)),
    "temperature 1": (*BAG, *option("temperature", 1)),
    "a tenth of the learning rate": (*BAG, *option("train.learning_rate", 2.8e-4)),
    "from words nearby": (*BAG, *option("encoder.vectors", "corpus")),
    "from random vectors": (*BAG, *option("encoder.vectors", "random")),
    "all words alike": (*BAG, *option("encoder.weighting", "mean")),
    "frequent words less": (*BAG, *option("encoder.weighting", "frequency")),
    "transformer": MINI,
    "transformer, from texts": (*MINI, *option("encoder.vectors", "texts")),
}
MASKED: Mapping[str, Sequence[str]] = {
    "as it is": (),
    "from words nearby": option("encoder.vectors", "corpus"),
    "from texts": option("encoder.vectors", "texts"),
    "share from .3 to .15": (*option("mask_rate", 0.3), *option("mask_end", 0.15)),
    "Muon": option("train.optimizer", "muon"),
}
CASES: Mapping[str, Mapping[str, Sequence[str]]] = {
    "half_split": HALVES,
    "word_halves": HALVES,
    "mlm": MASKED,
}


def attempt(home: str, data: str, task: str, how: Sequence[str]) -> dict[str, Any]:
    """One run, measured on validation."""
    run = finished_run(
        home, "--data", data, "--task", task, "--steps", str(STEPS), *how,
        "--set", "eval.label_efficiency=false", "--set", "eval.nuisances=false",
    )  # fmt: skip
    found = {"status": run["status"], "encoder": run["config"]["encoder"]}
    return found | (validated(home, run) if run["status"] == "finished" else {})


def validated(home: str, run: Mapping[str, Any]) -> dict[str, float]:
    """Validation accuracies of a finished run, trained and untrained."""
    arrays = load_file(paths.run_dir(Path(home), run["id"]) / "embeddings.safetensors")
    data = Dataset.open(paths.cache_dir(Path(home)) / run["config"]["data"]["fingerprint"])
    assert data.info.label is not None
    column = data.target(data.info.label.name)
    train, truth = (column[arrays[f"index_{split}"]] for split in ("train", "validation"))
    out = {}
    for name, letter in (("trained", "h"), ("untrained", "u")):
        known, asked = (arrays[f"{letter}_{split}"] for split in ("train", "validation"))
        out[f"{name} few"] = few_labels(known, train, asked, truth)
        out[f"{name} knn"] = float((knn.predict(known, train, asked) == truth).mean())
    return out


def few_labels(known: Any, train: Any, asked: Any, truth: Any) -> float:
    """Accuracy with ``FEW`` labels a class: each half of validation, chosen on the other one."""
    order = np.random.default_rng(0).permutation(len(truth))
    halves = order[: len(order) // 2], order[len(order) // 2 :]
    right = []
    for choose, judge in (halves, halves[::-1]):
        levels = label_efficiency.label_efficiency(
            known, train, asked[choose], truth[choose], asked[judge], seed=1
        )
        right.append((levels[0].predicted == truth[judge]).mean())
    return float(statistics.mean(right))


def measure(rows: Rows, given: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        for name in given.sets:
            for task in given.tasks:
                for case, how in CASES[task].items():
                    key = {"data": name, "task": task, "case": case, "steps": STEPS}
                    if rows.find(key) is None:
                        rows.add(key, attempt(home, source(name, given.data), task, how))
                        print(rows.rows[-1], flush=True)


def table(rows: Rows) -> str:
    """A line for each task and case, a column for each data set."""
    lines = [
        "## Texts: what was tried",
        "",
        f"`python benchmarks/text_recipes.py --data FOLDER`, {describe()}. {STEPS} steps, one "
        f"seed. Validation accuracy with {FEW} labels a class in percent, and that of the equally "
        "started untrained encoder.",
        "",
        f"| task | case | {' | '.join(SETS)} |",
        "|---" * (2 + len(SETS)) + "|",
    ]
    for task, cases in CASES.items():
        for case in cases:
            cells = []
            for name in SETS:
                row = rows.find({"data": name, "task": task, "case": case, "steps": STEPS})
                cells.append(_cell(row))
            if any(cells):
                lines.append(f"| {task} | {case} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return ""
    if row["status"] != "finished":
        return str(row["status"])
    return f"{100 * row['trained few']:.1f} ({100 * row['untrained few']:.1f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=list(SETS))
    parser.add_argument("--tasks", nargs="+", default=list(CASES))
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    label_efficiency.LEVELS = (FEW,)
    rows = Rows("text_recipes")
    if not given.table:
        measure(rows, given)
    put("text recipes", table(rows))


if __name__ == "__main__":
    main()
