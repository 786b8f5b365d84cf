"""What a pretext task keeps and what it throws away: a probe for each factor of sample:shapes.

    python benchmarks/factors.py [--home DIR] [--rows N] [--table]

Resumable, as benchmarks/tasks.py is. Three seeds of 30 s each.
"""

from __future__ import annotations

import argparse
import tempfile
from typing import Any

from machine import describe
from rows import Rows, pretrain, put, score

SECONDS = 30
SEEDS = (0, 1, 2)
FACTORS = ("label", "colour", "texture", "orientation", "size", "position", "background")
# Name in the table -> arguments of the run.
RECIPES: dict[str, tuple[str, ...]] = {
    "SimCLR": ("--task", "simclr"),
    "SimCLR without colour shifts and grays": (
        *("--task", "simclr", "--augment", "-color_jitter", "--augment", "-grayscale"),
    ),
    "SimCLR with hues shifted all the way round": (
        *("--task", "simclr", "--augment", "color_jitter.hue=0.5"),
    ),
    "SimCLR, crops and mirror images replaced by colour alone": (
        *("--task", "simclr", "--augment", "-random_resized_crop"),
        *("--augment", "-horizontal_flip"),
    ),
    "VICReg": ("--task", "vicreg"),
    "Rotation": ("--task", "rotation"),
    "Rotation with colour shifts": ("--task", "rotation", "--augment", "color_jitter"),
    "Jigsaw": ("--task", "jigsaw"),
    "Relative patch": ("--task", "relative_patch"),
    "Colorization": ("--task", "colorization"),
    "Masked autoencoder": ("--task", "mae"),
    "Supervised by shape": ("--task", "supervised"),
}


def table(rows: Rows) -> str:
    """The table in Markdown: baselines, then recipes; columns are factors."""
    everything = [row for row in rows.rows if row["status"] == "finished"]
    seeds = len({row["seed"] for row in everything})
    lines = [
        "## What is kept and what is thrown away",
        "",
        f"`python benchmarks/factors.py`, {describe()}. Accuracy of a linear probe for each factor "
        f"of `sample:shapes` on the test split, {seeds} seed(s) of {SECONDS} s each; all on "
        "the same encoder. The factors were drawn independently of each other, so that none gives "
        "away another.",
        "",
        "| | " + " | ".join(FACTORS).replace("label", "shape") + " |",
        "|---" * (len(FACTORS) + 1) + "|",
    ]
    for title, features in (("pixels", "raw input"), ("untrained encoder", "random init")):
        lines.append(_line(title, everything, features))
    for title in RECIPES:
        mine = [row for row in everything if row["recipe"] == title]
        if mine:
            lines.append(_line(title, mine, "trained"))
    return "\n".join(lines)


def _line(title: str, rows: list[dict[str, Any]], features: str) -> str:
    values = [score(rows, "linear probe", "accuracy", features, target) for target in FACTORS]
    cells = ["" if value is None else f"{value:.2f}" for value in values]
    return f"| {title} | " + " | ".join(cells) + " |"


def main() -> None:
    """Run what is missing, then write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", default=tempfile.gettempdir() + "/workbench_factors")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    rows = Rows("factors")
    left = 0 if given.table else given.rows
    for seed in SEEDS:
        for title, arguments in RECIPES.items():
            key = {"recipe": title, "seed": seed}
            if left <= 0 or rows.find(key) is not None:
                continue
            found = pretrain(
                given.home,
                *("--data", "sample:shapes", *arguments, "--encoder", "small_conv"),
                *("--seconds", str(SECONDS), "--seed", str(seed), "--set", "eval.factors=true"),
            )
            rows.add(key, found)
            left -= 1
            print(title, seed, found["steps"], flush=True)
    put("factors", table(rows))


if __name__ == "__main__":
    main()
