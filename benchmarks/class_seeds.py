"""Measures how long a class waits for its pooled result: students who press "Run my seed".

    python benchmarks/class_seeds.py [--students N] [--minutes M] [--lesson NAME]

Starts the app in a fresh home and opens N students' pages with websocket clients
(``page_client.py``), each a browser of its own. All press the button at once, and their pages tick
until M minutes are over or all pairs are in. Prints when each fifth pair of runs was in.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from machine import describe, workbench
from page_client import PageClient
from reach import PORT, _answers, _end, _end_all, _until

from workbench.lessons import class_state, class_wait, lessons, seeds
from workbench.store.store import Store

GROUP = "Tuesday"
_TICK_SECONDS = 3.0
_EVERY = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--students", type=int, default=class_wait.STUDENTS)
    parser.add_argument("--minutes", type=float, default=class_wait.MINUTES)
    parser.add_argument("--lesson", default="collapse")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        app: Any = workbench(
            "app", "--no-browser", "--port", str(PORT), "--home", folder,
            env={**os.environ, "WORKBENCH_WARM_UP": "0"},
        )  # fmt: skip
        try:
            _until(lambda: _answers(f"http://127.0.0.1:{PORT}"))
            class_state.put(Store.open(home), GROUP, given.lesson)
            measure(home, given.lesson, given.students, given.minutes)
        finally:
            _end(app.pid)
            _end_all(folder)


def measure(home: Path, lesson: str, students: int, minutes: float) -> None:
    """Let the students press the button, and print how many pairs are in as time goes by."""
    print(f"{describe()}. Lesson '{lesson}', {students} students.")
    asyncio.run(_class(home, lesson, students, minutes * 60))


async def _class(home: Path, lesson: str, students: int, seconds: float) -> None:
    began, told = time.perf_counter(), 0
    tasks = [asyncio.create_task(_student(began + seconds)) for _ in range(students)]
    while time.perf_counter() < began + seconds and told < students:
        await asyncio.sleep(_TICK_SECONDS)
        pairs = await asyncio.to_thread(_pairs, home, lesson)
        if pairs >= min(told + _EVERY, students):
            told = pairs
            print(
                f"{pairs} pairs after {(time.perf_counter() - began) / 60:.1f} minutes", flush=True
            )
    store = Store.open(home)
    took = class_wait.seconds_a_run(store, GROUP, lessons()[lesson])
    print(f"{_pairs(home, lesson)} pairs at the end; median run: {took or 0:.1f} s")
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _student(end: float) -> None:
    client, query = PageClient(PORT), f"class={GROUP}&view=student"
    async with client.open():
        drawn = await client.draw("learn", query)
        drawn = await client.draw("learn", query, press=drawn.buttons["Run my seed"])
        while time.perf_counter() < end:
            await asyncio.sleep(_TICK_SECONDS)
            for fragment in sorted(drawn.fragments):
                await client.draw("learn", query, fragment=fragment)


def _pairs(home: Path, lesson: str) -> int:
    """How many seeds have both of their runs."""
    store = Store.open(home)
    name = seeds.experiment(GROUP, lesson)
    rows = store.runs(experiment=name, states=("finished",), summaries=False)
    done = [row.config["seed"] for row in rows]
    return sum(done.count(seed) == 2 for seed in set(done))


if __name__ == "__main__":
    main()
