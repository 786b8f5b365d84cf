"""Is the verdict right? Healthy tasks and all broken presets, judged by another criterion.

    python benchmarks/verdict.py --part calibration --data DIR [--home DIR] [--rows N] [--shard I/N]
    python benchmarks/verdict.py --part judged --data DIR [--home DIR] [--rows N] [--shard I/N]
    python benchmarks/verdict.py --report

Resumable: a row a run in benchmarks/results/verdict.jsonl, with the numbers of every check, so that
``--report`` judges them again by the rules as they are now and writes docs/verdict.md. Thresholds
are chosen on ``calibration``; ``judged`` is on data sets that were not looked at.

What is true of a run is settled without the verdict, on 4,000 training samples, which the checks
never see, at the run's end:

* "complete collapse": the run has a fault, and less than a tenth of the length of the normalised
  projections is spread: 1 - |mean zn|^2 < 0.1.
* "dimensional collapse": the run has a fault, the spread is kept, and less than a fifth of the
  variance of z, as the loss sees it, lies outside its two strongest directions.
* of a task without z, whose h carries a common offset that is no fault, "complete collapse": the
  run has a fault, and its neighbours keep less than a tenth of what those of the run without the
  fault have above the most frequent class.
* else "not collapsed": whatever its scores are.

A healthy run may be called collapsed at no check. Of a run with a fault that has not collapsed at
its end, the end is judged: what was true of it on the way, the criterion cannot say.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from machine import describe, workbench
from rows import Rows, finished_run
from safetensors.torch import load_file, safe_open

from workbench import paths, registry
from workbench.config import RunConfig
from workbench.data.dataset import Dataset
from workbench.diagnostics.verdict import Check, judge
from workbench.evaluation import knn
from workbench.store.store import Store
from workbench.training import instances

STEPS = 300
SAMPLES = 4000
SPREAD_LOST, OUTSIDE_LOST, NEIGHBOURS_LOST = 0.1, 0.2, 0.1
# Their losses do not normalise each z; those of all other tasks do.
AS_IT_IS = ("vicreg", "lejepa", "emp_ssl", "barlow_twins")
COLLAPSES = ("complete collapse", "dimensional collapse")
DOCUMENT = Path(__file__).parents[1] / "docs" / "verdict.md"

HEALTHY = (
    *("simclr", "moco_v2", "moco_v3", "nnclr", "byol", "simsiam", "barlow_twins", "vicreg"),
    *("lejepa", "swav", "dino", "rotation", "mae"),
)
HEALTHY_TEXT = ("simcse", "mlm")
# Data by part: name -> arguments. Images at 28 to 32 pixels, so that a run takes half a minute.
PARTS: dict[str, dict[str, tuple[str, ...]]] = {
    "calibration": {
        "digits": ("--data", "sample:digits"),
        "shapes": ("--data", "sample:shapes"),
        "intents": ("--data", "sample:intents"),
        # The first judged set; the thresholds have been changed by what it showed.
        "fashion_mnist": ("--data", "{}/fashion_mnist", "--samples", "5000"),
        "cifar10": ("--data", "{}/cifar10", "--samples", "5000"),
        "deeppcb_patches": ("--data", "{}/deeppcb_patches", "--samples", "5000", "--size", "32"),
    },
    "judged": {
        "clothing10": ("--data", "{}/clothing10", "--size", "32"),
        "surfaces": ("--data", "sample:surfaces", "--size", "32"),
        "scans": ("--data", "sample:scans", "--size", "32"),
        "trec6": ("--data", "{}/trec6"),
        "banking77": ("--data", "{}/banking77", "--samples", "5000"),
    },
}
TEXTS = ("intents", "trec6", "banking77")
SEEDS = {"calibration": (0,), "judged": (0, 1)}
# Numbers of a check that the verdict reads.
_READ = ("std_sqrt_d", "mean_cosine", "rankme_ratio", "participation_ratio", "top_share", "d")
_KEPT_LOSSES = 120


@dataclass(frozen=True)
class Plan:
    """One run: a task as it is (fault "") or under a preset that breaks it."""

    part: str
    data: str
    task: str
    fault: str
    seed: int

    @property
    def key(self) -> dict[str, Any]:
        return dict(self.__dict__)


def plans(part: str) -> Iterator[Plan]:
    """All runs of a part; a second seed for what joint-embedding presets break, and its healthy
    siblings, on the first data set alone."""
    for seed in SEEDS[part]:
        for position, data in enumerate(PARTS[part]):
            text = data in TEXTS
            presets = [p for p in registry.broken().values() if ("text" in p.modalities) == text]
            broken = {preset.task for preset in presets}
            for task in HEALTHY_TEXT if text else HEALTHY:
                if seed == 0 or (position == 0 and task in broken):
                    yield Plan(part, data, task, "", seed)
            for preset in presets:
                if seed == 0 or position == 0:
                    yield Plan(part, data, preset.task, preset.name, seed)


def carry_out(one: Plan, home: str, folder: str) -> dict[str, Any]:
    """Run it; the checks' numbers, the losses, and what the criterion needs."""
    run = finished_run(
        home,
        *("--task", one.task),
        *(part.format(folder) for part in PARTS[one.part][one.data]),
        *("--steps", str(STEPS), "--seed", str(one.seed)),
        *("--set", "eval.label_efficiency=false"),
        *(("--preset", one.fault) if one.fault else ()),
    )
    # Nobody looks at these maps, and the next run would wait while one is fitted.
    Store.open(Path(home)).move_map(run["id"], ("queued", "running"), "none")
    if run["status"] != "finished":
        return {"status": run["status"], "reason": run["reason"]}
    shown, _ = workbench(
        *("show", run["id"], "--curves", "--json", "--home", home), stdout=subprocess.PIPE
    ).communicate()
    curves = json.loads(shown)["curves"]
    return {
        "status": "finished",
        "verdict": run["verdict"]["label"],
        "chance": run["chance"],
        "checks": _checks(curves),
        "losses": _thinned(curves["loss"]),
        **measure(Path(home), run),
    }


def measure(home: Path, run: Mapping[str, Any]) -> dict[str, Any]:
    """Spread of zn, the share of z's variance outside its two strongest directions, and the
    neighbours' accuracy in z (h where there is none) of training samples."""
    config = RunConfig.from_json(run["config"])
    data = Dataset.open(paths.cache_dir(home) / str(config.data.fingerprint))
    task = instances.task_of(config)
    module = task.build(instances.encoder_of(config).build(data.info), data.info)
    folder = paths.run_dir(home, run["id"])
    with safe_open(str(folder / "checkpoint.safetensors"), framework="pt") as file:
        names = [name for name in file.keys() if name.startswith("module.")]  # noqa: SIM118
        module.load_state_dict({n.removeprefix("module."): file.get_tensor(n) for n in names})
    module.eval()
    arrays = load_file(folder / "embeddings.safetensors")
    h = arrays["h_train"][:SAMPLES].float()
    with torch.no_grad():
        z = task.project(module, h)
    space = (h if z is None else z).numpy()
    unit = space / np.maximum(np.linalg.norm(space, axis=1, keepdims=True), 1e-12)
    seen = space if config.task in AS_IT_IS else unit
    variances = np.linalg.eigvalsh(np.cov(seen.T.astype(np.float64)))
    label = data.info.label
    assert label is not None
    labels = data.target(label.name)[arrays["index_train"].numpy()[:SAMPLES]]
    return {
        "projected": z is not None,
        "spread": round(float(1 - (unit.mean(axis=0) ** 2).sum()), 5),
        "outside_two": round(1 - float(variances[-2:].sum() / variances.sum()), 5),
        "neighbours": round(float(knn.agreement(space, labels) or 0.0), 5),
        "guessing": round(float(np.bincount(labels[labels >= 0]).max() / (labels >= 0).sum()), 5),
    }


def _checks(curves: Mapping[str, Any]) -> list[list[Any]]:
    """[step, numbers of h, numbers of z or None] of every check."""
    out = []
    for position, (step, _) in enumerate(curves["check.h.std_sqrt_d"]):
        spaces = [
            [float(f"{curves[f'check.{space}.{name}'][position][1]:.5g}") for name in _READ]
            if f"check.{space}.std_sqrt_d" in curves
            else None
            for space in ("h", "z")
        ]
        out.append([step, *spaces])
    return out


def _thinned(losses: Sequence[Sequence[float]]) -> list[list[float]]:
    every = max(1, len(losses) // _KEPT_LOSSES)
    return [[step, float(f"{value:.5g}")] for step, value in losses[::every] if value is not None]


def truth(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    """What is true of a run, by the criterion in the module's docstring. rows: with its sibling."""
    if not row["fault"]:
        return "not collapsed"
    if not row["projected"]:
        floor = row["guessing"]
        kept = row["neighbours"] - floor
        all_of_it = sibling_of(row, rows)["neighbours"] - floor
        return "complete collapse" if kept < NEIGHBOURS_LOST * all_of_it else "not collapsed"
    if row["spread"] < SPREAD_LOST:
        return "complete collapse"
    return "dimensional collapse" if row["outside_two"] < OUTSIDE_LOST else "not collapsed"


def sibling_of(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The run of the same task, data and seed without the fault."""
    same = ("part", "data", "task", "seed")
    return next(
        other
        for other in rows
        if not other["fault"] and all(other[name] == row[name] for name in same)
    )


@dataclass(frozen=True)
class Judged:
    """What the rules say of a row: final label, first step of an alarm, alarms on the way."""

    label: str
    alarm: int | None
    alarms: frozenset[str]


def judged(row: Mapping[str, Any]) -> Judged:
    """The verdict after every check, as the live run shows it, and at the end."""
    checks = [
        Check(step, STEPS, dict(zip(_READ, h, strict=True)), z and dict(zip(_READ, z, strict=True)))
        for step, h, z in row["checks"]
    ]
    losses = [(int(step), value) for step, value in row["losses"]]
    first, label, found = None, "", set()
    for count in range(1, len(checks) + 1):
        so_far = [pair for pair in losses if pair[0] <= checks[count - 1].step]
        label = judge(
            checks[:count], so_far, chance=row["chance"], final=count == len(checks)
        ).label
        if label in COLLAPSES:
            found.add(label)
            first = checks[count - 1].step if first is None else first
    return Judged(label, first, frozenset(found))


def report(rows: Sequence[Mapping[str, Any]], part: str) -> list[str]:
    """Confusion matrix, false alarms, delay and a line a fault, in Markdown."""
    mine = [row for row in rows if row["part"] == part and row["status"] == "finished"]
    failed = [row for row in rows if row["part"] == part and row["status"] != "finished"]
    if not mine:
        return [f"No runs of {part} yet."]
    found = [(row, truth(row, mine), judged(row)) for row in mine]
    truths = ("complete collapse", "dimensional collapse", "not collapsed")
    labels = ("complete collapse", "dimensional collapse", "low rank", "not learning")
    labels += ("no sign of collapse", "too early to say")
    counted = Counter((true, verdict.label) for _, true, verdict in found)
    healthy = [(row, verdict) for row, _, verdict in found if not row["fault"]]
    false = [(row, verdict) for row, verdict in healthy if verdict.alarms]
    kept = [(r, v) for r, true, v in found if r["fault"] and true == "not collapsed"]
    wrong = [(row, verdict) for row, verdict in kept if verdict.label in COLLAPSES]
    broken = [(row, true, verdict) for row, true, verdict in found if true in COLLAPSES]
    right = [verdict for _, true, verdict in broken if verdict.label == true]
    delays = [verdict.alarm for _, _, verdict in broken if verdict.alarm is not None]
    lines = [
        f"{len(mine)} runs of {STEPS} steps ended, {len(failed)} ended by an error of their own "
        "(their loss or embeddings were no numbers, which the run says).",
        "",
        "| true of the run | " + " | ".join(labels) + " |",
        "|---" * (len(labels) + 1) + "|",
        *(
            f"| {true} | " + " | ".join(str(counted[true, label]) for label in labels) + " |"
            for true in truths
        ),
        "",
        f"- Collapsed and named right: {len(right)} of {len(broken)}.",
        f"- Healthy and called collapsed at any check: {len(false)} of {len(healthy)}"
        + "".join(f"; {_name(row)}: {', '.join(sorted(v.alarms))}" for row, v in false)
        + ".",
        f"- With a fault, not collapsed at the end, and called collapsed there: {len(wrong)} of "
        f"{len(kept)}" + "".join(f"; {_name(row)}: {v.label}" for row, v in wrong) + ".",
    ]
    if delays:
        lines.append(
            f"- Steps from the start, where the fault is present, to the first alarm: median "
            f"{statistics.median(delays):g}, longest {max(delays)}."
        )
    missed = [(row, true, verdict) for row, true, verdict in broken if verdict.label != true]
    lines += [
        f"- Not named right: {_name(row)} is {true} and was called {verdict.label}."
        for row, true, verdict in missed
    ]
    head = ("fault", "data", "spread", "outside two directions", "neighbours in z, healthy")
    lines += ["", f"| {' | '.join((*head, 'true', 'verdict', 'alarm'))} |", "|---" * 8 + "|"]
    for row, true, verdict in found:
        if row["fault"]:
            sibling = sibling_of(row, mine)["neighbours"]
            lines.append(
                f"| `{row['fault']}` | {row['data']}, seed {row['seed']} | {row['spread']:.2f} | "
                f"{row['outside_two']:.2f} | {row['neighbours']:.2f}, {sibling:.2f} | {true} | "
                f"{verdict.label} | {'' if verdict.alarm is None else verdict.alarm} |"
            )
    lines += [
        f"| `{r['fault']}` | {r['data']}, seed {r['seed']} | | | | | failed | |" for r in failed
    ]
    return lines


def _name(row: Mapping[str, Any]) -> str:
    return f"{row['fault'] or row['task']} on {row['data']} (seed {row['seed']})"


def write_report(rows: Sequence[Mapping[str, Any]]) -> None:
    """Put both parts between the marks in docs/verdict.md."""
    text = DOCUMENT.read_text("utf-8")
    for part in PARTS:
        begin, end = f"<!-- {part} -->", f"<!-- end of {part} -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        body = "\n".join(
            [f"`python benchmarks/verdict.py`, {describe()}.", "", *report(rows, part)]
        )
        text = f"{before}{begin}\n{body}\n{end}{after}"
    DOCUMENT.write_text(text, "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--part", choices=tuple(PARTS))
    parser.add_argument("--data", default="", help="folder that holds the real data sets")
    parser.add_argument("--home", default=tempfile.gettempdir() + "/workbench_verdict")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--shard", default="0/1", help="this process's share of the runs")
    parser.add_argument("--report", action="store_true")
    given = parser.parse_args()
    rows = Rows("verdict")
    mine, shards = (int(number) for number in given.shard.split("/"))
    left = given.rows
    for position, one in enumerate(plans(given.part) if given.part else ()):
        if position % shards != mine or left <= 0 or rows.find(one.key) is not None:
            continue
        registry.task(one.task)
        rows.add(one.key, carry_out(one, given.home, given.data))
        left -= 1
        last = rows.rows[-1]
        print(one, last["status"], last.get("verdict"), last.get("spread"), flush=True)
    if given.report:
        write_report(rows.rows)


if __name__ == "__main__":
    main()
