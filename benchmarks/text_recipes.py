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

from machine import describe
from rows import Rows, put
from searched import Features, Searched, halves, search_run
from text import SETS, source

from workbench.evaluation import knn, label_efficiency

# About what a minute makes on two cores.
STEPS = 2500
FEW = 10


def option(name: str, value: object) -> tuple[str, str]:
    return ("--set", f"{name}={value}")


BAG, MINI = ("--encoder", "text_bag"), ("--encoder", "text_mini")
HALVES: Mapping[str, Sequence[str]] = {
    "as it is": BAG,
    "temperature 0.2": (*BAG, *option("temperature", 0.2)),
    "temperature 0.5": (*BAG, *option("temperature", 0.5)),
    "a tenth of the learning rate": (*BAG, *option("train.learning_rate", 2.8e-4)),
    "without its start beside": (*BAG, *option("encoder.keep_start", "false")),
    "twice as wide": (*BAG, *option("encoder.dim", 512)),
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
    "batch 128, share .4": (*option("train.batch_size", 128), *option("mask_rate", 0.4)),
    "Muon": option("train.optimizer", "muon"),
}
CASES: Mapping[str, Mapping[str, Sequence[str]]] = {
    "half_split": HALVES,
    "word_halves": HALVES,
    "mlm": MASKED,
}


def attempt(home: str, data: str, task: str, how: Sequence[str]) -> dict[str, Any]:
    """One run, measured on validation."""
    run = search_run(Path(home), *("--data", data, "--task", task, "--steps", str(STEPS)), *how)
    out: dict[str, Any] = {"encoder": run.encoder, "seconds": run.seconds}
    for name, found in (("trained", run.trained), ("untrained", run.untrained)):
        out[f"{name} few"] = few_labels(found, run)
        said = knn.predict(found.train, run.train, found.validation)
        out[f"{name} knn"] = float((said == run.validation).mean())
    return out


def few_labels(found: Features, run: Searched) -> float:
    """Accuracy with ``FEW`` labels a class: each half of validation, chosen on the other one."""
    right = []
    for choose, judge in halves(len(run.validation)):
        levels = label_efficiency.label_efficiency(
            *(found.train, run.train, found.validation[choose], run.validation[choose]),
            found.validation[judge],
            seed=1,
        )
        right.append((levels[0].predicted == run.validation[judge]).mean())
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
