"""Texts: pretext tasks against words alone, at ten labels a class and at all.

    python benchmarks/text.py --data FOLDER [--sets NAME ...] [--cases NAME ...] [--seeds 0 1 2]
                              [--seconds 60] [--table]

FOLDER holds ``banking77``, ``trec6`` and ``newsgroups20``; two sets come with the workbench. Rows
go to results/text.jsonl, and what is there is not measured again. --table writes the table only.
All samples are scored. Gains over TF-IDF and LSA are paired on the test samples; recipes were
chosen on validation samples (benchmarks/text_recipes.py).
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from machine import describe
from rows import Rows, finished_run, over_seeds, points, put

SETS = ("sample:intents", "sample:tickets", "banking77", "trec6", "newsgroups20")
# The words after ``workbench pretrain``, by the name of the case.
CASES: Mapping[str, Sequence[str]] = {
    "half_split": ("--task", "half_split"),
    "half_split, transformer": ("--task", "half_split", "--encoder", "text_mini"),
    "word_halves": ("--task", "word_halves"),
    "word_halves, transformer": ("--task", "word_halves", "--encoder", "text_mini"),
    "simcse": ("--task", "simcse"),
    "tsdae": ("--task", "tsdae"),
    "mlm": ("--task", "mlm"),
    "mlm, from words nearby": ("--task", "mlm", "--set", "encoder.vectors=corpus"),
    "mlm, from texts": ("--task", "mlm", "--set", "encoder.vectors=texts"),
}
FEW = 10
OVER = ("random init", "tf-idf", "lsa", "word vectors")
TUNED = "fine-tuning"


def source(name: str, folder: Path) -> str:
    return name if name.startswith("sample:") else str(folder / name)


def measure(rows: Rows, given: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as home:
        for seed in given.seeds:
            for name in given.sets:
                for case in given.cases:
                    key = {"data": name, "case": case, "seed": seed, "seconds": given.seconds}
                    if rows.find(key) is None:
                        rows.add(key, found(home, source(name, given.data), case, key))
                        print(rows.rows[-1]["steps"], key, flush=True)


def found(home: str, data: str, case: str, key: Mapping[str, Any]) -> dict[str, Any]:
    """The scores and gains of one run at ten labels a class and with all."""
    run = finished_run(
        home, *CASES[case], "--data", data,
        "--seconds", str(key["seconds"]), "--seed", str(key["seed"]),
        "--set", "eval.nuisances=false", "--full",
    )  # fmt: skip
    if run["status"] != "finished" or not run["scores"]:
        raise SystemExit(f"{key}: {run['status']}, no scores; {run['notes']}")
    wanted = {("label efficiency", FEW), ("linear probe", None), ("knn", None), (TUNED, FEW)}

    def kept(row: Mapping[str, Any]) -> bool:
        reading = (row["protocol"], row.get("labels_per_class"))
        return row["metric"] == "accuracy" and reading in wanted

    return {
        "steps": run["training"]["steps"],
        "encoder": run["config"]["encoder"],
        "scores": [row for row in run["scores"] if kept(row)],
        "gains": [row for row in run["gains"] if kept(row)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=list(SETS))
    parser.add_argument("--cases", nargs="+", default=list(CASES))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    rows = Rows("text")
    if not given.table:
        measure(rows, given)
    put("text", table(rows, given.seconds))


def table(rows: Rows, seconds: int) -> str:
    """A line for each set and case: gains at ten labels a class and with all, over each rival."""
    lines = [
        f"## Texts in {seconds} s",
        "",
        f"`python benchmarks/text.py --data FOLDER`, {describe()}. Accuracy in points over each "
        f"rival, mean over seeds with a 95 % interval; with {FEW} labels a class, then with all. "
        f"tuned: fine-tuned on {FEW} labels a class, over the untrained encoder fine-tuned alike; "
        "language models alone, where the time allowed it.",
        "",
        "| data | case | seeds | steps | " + " | ".join(f"{FEW}: {o}" for o in OVER) + " | "
        + " | ".join(f"all: {o}" for o in OVER) + " | tuned |",
        "|---" * (5 + 2 * len(OVER)) + "|",
    ]  # fmt: skip
    for name in SETS:
        for case in CASES:
            mine = [
                row
                for row in rows.rows
                if (row["data"], row["case"], row["seconds"]) == (name, case, seconds)
            ]
            if mine:
                cells = [
                    points(over_seeds([one(row, protocol, over) for row in mine]))
                    for protocol in ("label efficiency", "linear probe")
                    for over in OVER
                ]
                tuned = [gain for row in mine for gain in row["gains"] if gain["protocol"] == TUNED]
                cells.append(points(over_seeds(tuned)) if tuned else "")
                steps = sum(row["steps"] for row in mine) // len(mine)
                lines.append(f"| {name} | {case} | {len(mine)} | {steps:,} | {' | '.join(cells)} |")
    return "\n".join(lines)


def one(row: Mapping[str, Any], protocol: str, over: str) -> Mapping[str, Any]:
    """The gain of one run."""
    return next(g for g in row["gains"] if (g["protocol"], g["over"]) == (protocol, over))


if __name__ == "__main__":
    main()
