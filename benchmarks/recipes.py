"""What was tried for tasks that showed no gain in half a minute as they were first set up.

    python benchmarks/recipes.py [--home DIR] [--only TASK,TASK] [--table]

Resumable, as benchmarks/tasks.py is. Chosen on validation samples alone: kNN and the linear probe
are fitted on training samples; of the validation samples one half chooses the probe's penalty, the
other half is scored. The test split has no part in it.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from machine import describe
from rows import Rows, finished_run, put
from safetensors.numpy import load_file
from tasks import SECONDS, data_of

from workbench import paths
from workbench.data.dataset import Dataset
from workbench.evaluation import knn
from workbench.evaluation.probe import probe

SEED = 0


def rate(value: float) -> tuple[str, ...]:
    return ("--set", f"train.learning_rate={value}")


def batch(size: int) -> tuple[str, ...]:
    return ("--set", f"train.batch_size={size}")


TICKETS = ("--data", "sample:tickets")
TWO = ("--set", "encoder.dim=128", "--set", "encoder.depth=2")
# Learning rates as they were: 0.001 for a batch of 256, by the square root for others.
FIRST = {"two blocks of 128, batch 128": (*TWO, *batch(128), *rate(0.000707))}
FORMERLY = {
    **FIRST,
    "two blocks of 128": (*TWO, *rate(0.000354)),
    "two blocks of 128, learning rate 0.001": TWO,
    "tickets, two blocks of 128, batch 128": (*TICKETS, *FIRST["two blocks of 128, batch 128"]),
}
ORDER = {
    "batch 128": batch(128),
    "learning rate 0.0003": rate(3e-4),
    "learning rate 0.003": rate(3e-3),
}
TRANSFORMER = {"vision transformer": ("--encoder", "vit_mini")}
# Task -> name of the recipe -> arguments, beside the task "as it is".
RECIPES: dict[str, dict[str, tuple[str, ...]]] = {
    "mlm": {
        **FORMERLY,
        "two blocks of 128, batch 16, learning rate 0.001": (*TWO, *batch(16), *rate(1e-3)),
        "two blocks of 128, learning rate 0.003": (*TWO, *rate(3e-3)),
        "tickets, two blocks of 128": (*TICKETS, *TWO, *rate(0.000354)),
        "tickets": TICKETS,
    },
    "tsdae": FORMERLY,
    "half_split": {**FIRST, "batch 128": (*batch(128), *rate(0.000707))},
    "causal_lm": {
        "learning rate 0.003": rate(3e-3),
        "batch 16": batch(16),
        "two blocks": ("--set", "encoder.depth=2"),
    },
    "span_corruption": {
        "learning rate 0.003": rate(3e-3),
        "three tenths hidden": ("--set", "hidden_share=0.3"),
        "batch 16": batch(16),
    },
    "electra": ORDER,
    "nsp": ORDER,
    "sentence_order": ORDER,
    "mae": TRANSFORMER,
    "simmim": TRANSFORMER,
    "i_jepa": {
        "small conv net": ("--encoder", "small_conv"),
        "digits": ("--data", "sample:digits"),
        "learning rate 0.003": rate(3e-3),
    },
}


def measure(home: str, data: str, run: dict[str, Any]) -> dict[str, float]:
    """Validation kNN and probe accuracy, trained and untrained, of a finished run."""
    arrays = load_file(paths.run_dir(Path(home), run["id"]) / "embeddings.safetensors")
    cached = Dataset.open(paths.cache_dir(Path(home)) / run["config"]["data"]["fingerprint"])
    label = cached.info.label
    assert label is not None, data
    column = cached.target(label.name)
    train, validation = (column[arrays[f"index_{split}"]] for split in ("train", "validation"))
    half = np.random.default_rng(0).permutation(len(validation))
    choose, judge = half[: len(half) // 2], half[len(half) // 2 :]
    out = {}
    for name, letter in (("trained", "h"), ("untrained", "u")):
        known, asked = (arrays[f"{letter}_{split}"] for split in ("train", "validation"))
        out[f"{name} knn"] = float((knn.predict(known, train, asked) == validation).mean())
        probed = probe(known, train, asked[choose], validation[choose], asked[judge])
        out[f"{name} probe"] = float((probed.predicted == validation[judge]).mean())
    return out


def attempt(home: str, task: str, arguments: tuple[str, ...]) -> dict[str, Any]:
    """One run, measured on validation."""
    data = data_of(task)
    run = finished_run(
        home,
        *("--data", f"sample:{data}", "--task", task),
        *("--seconds", str(SECONDS), "--seed", str(SEED)),
        *("--set", "eval.label_efficiency=false", *arguments),
    )
    if run["status"] != "finished":
        return {"status": run["status"]}
    return {
        "status": run["status"],
        "steps": run["training"]["steps"],
        "encoder": run["config"]["encoder"],
        **measure(home, data, run),
    }


def table(rows: Rows) -> str:
    """The tries in Markdown, tasks in the order they were run."""
    lines = [
        f"## What was tried in {SECONDS} s",
        "",
        f"`python benchmarks/recipes.py`, {describe()}. One seed; validation accuracies, "
        "untrained to trained. Other work ran beside, so that a run made fewer steps than alone.",
        "",
        "| task | recipe | steps | kNN | linear probe |",
        "|---|---|---|---|---|",
    ]
    for row in rows.rows:
        if row["status"] != "finished":
            lines.append(f"| `{row['task']}` | {row['recipe']} | {row['status']} | | |")
            continue
        cells = [
            f"{row[f'untrained {name}']:.3f} to {row[f'trained {name}']:.3f}"
            for name in ("knn", "probe")
        ]
        lines.append(
            f"| `{row['task']}` | {row['recipe']} | {row['steps']} | {cells[0]} | {cells[1]} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Run what is missing, then write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", default=tempfile.gettempdir() + "/workbench_recipes")
    parser.add_argument("--only", default="")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    rows = Rows("recipes")
    wanted = given.only.split(",") if given.only else list(RECIPES)
    for task in [] if given.table else wanted:
        for recipe, arguments in {"as it is": (), **RECIPES[task]}.items():
            key = {"task": task, "recipe": recipe}
            if rows.find(key) is None:
                found = attempt(given.home, task, arguments)
                rows.add(key, {"arguments": " ".join(arguments), **found})
                print(rows.rows[-1], flush=True)
    put("recipes", table(rows))


if __name__ == "__main__":
    main()
