"""One table of all pretext tasks: three seeds of 30 s each, gain over the untrained encoder.

    python benchmarks/tasks.py [--home DIR] [--rows N] [--only TASK,TASK] [--table]

Resumable: rows that benchmarks/results/tasks.jsonl has are not run again; --rows N stops after N
new ones; --table only writes the table. Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from typing import Any

from machine import describe
from rows import Rows, gain, points, pretrain, put, score

from workbench import registry

SECONDS = 30
SEEDS = (0, 1, 2)
KNN, PROBE = ("knn", "accuracy"), ("linear probe", "accuracy")
ANOMALY = ("anomaly", "auroc")

# The sample set that suits a task, fixed before any row was run: views of real characters for joint
# embedding; coloured shapes where places, turns or colours are asked for; defects for cutpaste;
# short messages for texts, and longer ones where a text has to have parts.
DATA = {
    "cutpaste": "surfaces",
    "supervised": "shapes",
    **dict.fromkeys(("nsp", "sentence_order", "half_split"), "tickets"),
}


def data_of(task: str) -> str:
    """The sample set of a task."""
    cls = registry.task(task)
    if task in DATA:
        return DATA[task]
    if "text" in cls.modalities:
        return "intents"
    return "digits" if cls.joint_embedding else "shapes"


def readout_of(task: str) -> tuple[str, str]:
    """The readout that decides whether a task shows a gain, fixed before any row was run: kNN where
    features are trained to be compared, the linear probe where they feed a head."""
    if task == "cutpaste":
        return ANOMALY
    return KNN if registry.task(task).joint_embedding else PROBE


def table(rows: Rows) -> str:
    """The table in Markdown, tasks by family."""
    lines = [
        f"## All pretext tasks, {SECONDS} s each",
        "",
        f"`python benchmarks/tasks.py`, {describe()}. {len(SEEDS)} seeds a task, the task's own "
        "defaults, the sample set that suits it. Gains over the same encoder untrained, in "
        "percentage points on the test split, mean over seeds with a 95 % interval (test samples "
        "and seeds). The readout in bold decides whether a task shows a gain; it was fixed before "
        "any run: kNN where features are made to be compared, the linear probe where they feed a "
        "head, AUROC for defects. Two runs and other work shared the two cores, one thread a run, "
        "so that steps are fewer, and vary more, than on a machine that does nothing else. "
        "Families with different readouts cannot be ranked by one column, and half a minute does "
        "not rank methods at all.",
        "",
        "| family | task | data | encoder | steps | untrained kNN / probe | kNN gain | probe gain "
        "| shows a gain |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    entries: list[tuple[str, str, str]] = []
    shown = {True: 0, False: 0}
    none: list[str] = []
    for name, cls in registry.tasks().items():
        mine = [row for row in rows.rows if row["task"] == name and row["status"] == "finished"]
        if not mine:
            continue
        decides = readout_of(name)
        cells = {key: points(gain(mine, *key)) for key in (KNN, PROBE, ANOMALY)}
        cells = {key: f"**{cell}**" if key == decides else cell for key, cell in cells.items()}
        found = gain(mine, *decides)
        better = found is not None and found[1] > 0
        shown[better] += 1
        none += [] if better else [f"`{name}`"]
        before = [score(mine, *key, "random init") for key in (KNN, PROBE)]
        if decides == ANOMALY:
            cells[KNN] = f"AUROC {cells[ANOMALY]}"
            before = [score(mine, *ANOMALY, "random init")]
        steps = statistics.median(row["steps"] for row in mine)
        untrained = " / ".join(f"{value:.3f}" for value in before if value is not None)
        line = (
            f"| {cls.family} | `{name}` | {mine[0]['data']} | {mine[0]['encoder']} | {steps:.0f} | "
            f"{untrained} | {cells[KNN]} | {cells[PROBE]} | {'yes' if better else 'no'} |"
        )
        entries.append((cls.family, name, line))
    lines += [line for _, _, line in sorted(entries)]
    lines += ["", f"{shown[True]} tasks show a gain, {shown[False]} do not{_named(none)}."]
    return "\n".join(lines)


def _named(tasks: list[str]) -> str:
    return f" ({', '.join(tasks)}; what was tried for them stands below)" if tasks else ""


def main() -> None:
    """Run what is missing, then write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", default=tempfile.gettempdir() + "/workbench_tasks")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--only", default="")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    rows = Rows("tasks")
    wanted = given.only.split(",") if given.only else list(registry.tasks())
    left = 0 if given.table else given.rows
    for seed in SEEDS:
        for task in wanted:
            key: dict[str, Any] = {"task": task, "data": data_of(task), "seed": seed}
            if left <= 0 or rows.find(key) is not None:
                continue
            found = pretrain(
                given.home,
                *("--data", f"sample:{data_of(task)}", "--task", task),
                *("--seconds", str(SECONDS), "--seed", str(seed)),
            )
            rows.add(key, found)
            left -= 1
            print(task, seed, found["steps"], points(gain([found], *readout_of(task))), flush=True)
    put("tasks", table(rows))


if __name__ == "__main__":
    main()
