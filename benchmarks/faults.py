"""Kills processes and fills disks at random moments, and says what was lost.

    python benchmarks/faults.py kills|processes|disk --count N [--to FILE.jsonl] [--work DIR]
    python benchmarks/faults.py table --to FILE.jsonl

`kills`: workers of all tasks are killed and their runs resumed. The weights must be those of an
undisturbed run. `processes`: supervisor, engine or server is killed while runs are queued. No run
and no map may be lost or made twice. `disk`: a small file system is full for a while (Linux, as
root). The run must go on, or end with its reason, and finish once there is room.

Each round is one line of FILE. A round that FILE has already is not repeated. Round I uses random
numbers of its own, so that it can be repeated alone. This is no test: it takes hours.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from fault_homes import Home, Volume, all_tasks
from safetensors.numpy import load_file

from workbench.run_folder import ENCODER
from workbench.store.rows import ENDED

MOMENTS = ("preparing", "warming up", "training", "evaluating", "map")
PLACES = ("home", "home", "cache", "temporary")
ROLES = ("jobs.supervisor", "engine.server", "app", "all three")
STEPS = 60
Round = dict[str, Any]


def kill_rounds(indices: list[int], work: Path) -> Iterator[Round]:
    """One home for all rounds: its supervisor and engine stay warm, because workers are killed."""
    with Home(work / "kills") as home:
        for index in indices:
            yield kill_round(index, home, work)


def kill_round(index: int, home: Home, work: Path) -> Round:
    """Kill one run's worker up to three times at random moments, and resume it each time."""
    rng = random.Random(index)
    tasks = all_tasks()
    task = tasks[index % len(tasks)]
    home.prepare(task.data)
    expected, seconds = _undisturbed(task.name, home, work)
    run_id = home.launch(task, STEPS)
    kills = []
    for _ in range(rng.randint(1, 3)):
        moment = home.worker_lives(run_id) + rng.uniform(0.0, seconds)
        # Most of a short run is its start: every other kill comes while it trains or later.
        step = rng.randint(1, STEPS) if rng.random() < 0.5 else 0
        while home.row(run_id).state not in ENDED and (
            len(home.steps(run_id)) < step if step else time.monotonic() < moment
        ):
            time.sleep(0.02)
        time.sleep(rng.uniform(0.0, 2.0) if step else 0.0)
        phase = home.phase(run_id)
        if not home.kill_worker(run_id):
            break
        kills.append(phase)
        row = home.ended(run_id)
        if row.state == "finished":
            break
        if not row.reason:
            return {"task": task.name, "kills": kills, "ok": False, "why": "no reason"}
        home.resume(run_id)
    row = home.ended(run_id)
    steps = home.steps(run_id)
    made = load_file(str(home.folder(run_id) / ENCODER)) if row.state == "finished" else {}
    equal = made.keys() == expected.keys() and all(
        np.array_equal(made[name], expected[name]) for name in expected
    )
    once = steps == list(range(1, STEPS + 1))
    why = "" if equal and once else f"{row.state}: {row.reason}; equal {equal}, steps once {once}"
    return {"task": task.name, "kills": kills, "ok": equal and once, "why": why}


def _undisturbed(name: str, home: Home, work: Path) -> tuple[dict[str, Any], float]:
    """The weights of an undisturbed run of the task, and its seconds. ``work`` keeps both."""
    weights = work / f"undisturbed-{name}.safetensors"
    facts = weights.with_suffix(".json")
    if not facts.exists():
        task = next(task for task in all_tasks() if task.name == name)
        run_id = home.launch(task, STEPS)
        began = home.worker_lives(run_id)
        row = home.ended(run_id)
        if row.state != "finished":
            raise SystemExit(f"{name} does not finish undisturbed: {row.reason}")
        seconds = time.monotonic() - began
        weights.write_bytes((home.folder(run_id) / ENCODER).read_bytes())
        facts.write_text(json.dumps({"seconds": seconds}))
    return load_file(str(weights)), float(json.loads(facts.read_text())["seconds"])


def process_round(index: int, work: Path) -> Round:
    """Kill supervisor, engine or server some times while three runs and their maps are to come."""
    rng = random.Random(index)
    role = ROLES[index % len(ROLES)]
    tasks = [task for task in all_tasks() if task.data == "sample:digits"]
    with Home(work / f"processes-{index}") as home:
        home.prepare("sample:digits")
        home.start_app()
        ids = [home.launch(rng.choice(tasks), STEPS, seed) for seed in range(3)]
        kills = 0
        while kills < 3 and not all(home.row(run_id).state in ENDED for run_id in ids):
            time.sleep(rng.uniform(0.5, 12.0))
            kills += sum(home.kill(one) for one in (ROLES[:3] if role == ROLES[3] else (role,)))
            home.start_app()
        rows = [home.ended(run_id) for run_id in ids]
        maps = [home.map_ended(run_id) for run_id in ids if home.row(run_id).state == "finished"]
        doubled = [run_id for run_id in ids if home.steps(run_id) != list(range(1, STEPS + 1))]
    states = [row.state for row in rows]
    why = "" if states == ["finished"] * 3 else "; ".join(str(row.reason) for row in rows)
    why += f" doubled: {doubled}" if doubled else ""
    why += "" if maps == ["ready"] * 3 else f" maps: {maps}"
    return {"killed": role, "kills": kills, "ok": not why, "why": why.strip()}


def disk_round(index: int, work: Path) -> Round:
    """Fill a small file system at a random moment of a run, and make room after a while."""
    rng = random.Random(index)
    moment, place = MOMENTS[index % len(MOMENTS)], PLACES[index % len(PLACES)]
    tasks = [task for task in all_tasks() if task.data == "sample:digits"]
    with Volume(work / f"disk-{index}", place) as volume, Home(volume.home, volume.tmp) as home:
        if moment != "preparing":
            home.prepare("sample:digits")
        home.start_app()
        run_id = home.launch(rng.choice(tasks), STEPS)
        home.reaches(run_id, moment)
        time.sleep(rng.uniform(0.0, 1.5))
        volume.fill(rng.choice((0, 0, 100_000, 400_000)))
        full_at = time.monotonic()
        while time.monotonic() - full_at < 30 and not home.is_over(run_id):
            time.sleep(0.2)
        time.sleep(rng.uniform(0.0, 3.0))
        during = home.page_words(run_id)
        volume.free()
        freed_at = time.monotonic()
        row, resumed = home.ended(run_id), 0
        reason = row.reason or ""
        while row.state == "failed" and resumed < 2:
            resumed += 1
            home.resume(run_id)
            row = home.ended(run_id)
        maps = home.map_ended(run_id) if row.state == "finished" else "none"
        seconds = time.monotonic() - freed_at
        answers = home.app_answers()
    why = [] if row.state == "finished" else [f"{row.state}: {row.reason}"]
    why += [] if maps == "ready" else [f"map {maps}"]
    why += [] if answers else ["the app does not answer"]
    if resumed and not any(words in reason.lower() for words in ("full", "room", "space", "disk")):
        why.append(f"the reason does not name the disk: {reason}")
    if resumed > 1:
        why.append("it was resumed twice")
    facts = {"moment": moment, "place": place, "reason": reason, "resumed": resumed}
    return {**facts, "page": during, "seconds": seconds, "ok": not why, "why": "; ".join(why)}


ROUNDS: dict[str, Callable[[list[int], Path], Iterator[Round]]] = {
    "kills": kill_rounds,
    "processes": lambda indices, work: (process_round(index, work) for index in indices),
    "disk": lambda indices, work: (disk_round(index, work) for index in indices),
}
GROUPS = {"kills": ("task",), "processes": ("killed",), "disk": ("moment", "place")}


def table(rows: list[Round]) -> str:
    """Rounds by kind and group, and what went wrong, as Markdown."""
    lines = ["| kind | what | rounds | good |", "| --- | --- | --- | --- |"]
    for kind, keys in GROUPS.items():
        of_kind = [row for row in rows if row["kind"] == kind]
        groups: dict[str, list[Round]] = {}
        for row in of_kind:
            groups.setdefault(", ".join(str(row.get(key)) for key in keys), []).append(row)
        for name, some in sorted(groups.items()):
            lines.append(f"| {kind} | {name} | {len(some)} | {sum(row['ok'] for row in some)} |")
        if of_kind:
            good = sum(row["ok"] for row in of_kind)
            lines.append(f"| **{kind}** | **all** | **{len(of_kind)}** | **{good}** |")
    bad = [f"- {row['kind']} {row['index']}: {row['why']}" for row in rows if not row["ok"]]
    return "\n".join([*lines, *([""] if bad else []), *bad])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=[*ROUNDS, "table"])
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--to", type=Path, default=Path("faults.jsonl"))
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "faults")
    wanted = parser.parse_args()
    rows = [json.loads(line) for line in wanted.to.open()] if wanted.to.exists() else []
    if wanted.kind in ROUNDS:
        wanted.work.mkdir(parents=True, exist_ok=True)
        done = {row["index"] for row in rows if row["kind"] == wanted.kind}
        missing = sorted(set(range(wanted.count)) - done)
        began = time.monotonic()
        for index, made in zip(missing, ROUNDS[wanted.kind](missing, wanted.work), strict=True):
            row = {"kind": wanted.kind, "index": index, "took": time.monotonic() - began, **made}
            began = time.monotonic()
            with wanted.to.open("a") as file:
                file.write(json.dumps(row) + "\n")
            sys.stderr.write(f"{json.dumps(row)}\n")
            rows.append(row)
    sys.stdout.write(table(rows) + "\n")
    return 0 if all(row["ok"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
