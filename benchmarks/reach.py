"""Measures what a user waits for, and whether the first comparison says something.

    python benchmarks/reach.py app|digits|shapes|memory|latency|umap|all [--data DIR] [--runs N]

Prints a Markdown table a measurement; `all` also writes its section of RESULTS.md. `memory` needs a
folder of images (`--data`), such as CIFAR-10 as Parquet. Medians of --runs repetitions, in fresh
homes. Nothing here is a test: machines are shared and noisy.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from machine import describe, workbench
from rows import put

PORT = 8791
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def first_page(runs: int) -> list[str]:
    """Seconds from the command to a usable Start page: its buttons are there and drawn."""
    from playwright.sync_api import sync_playwright

    seconds = []
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for _ in range(runs + 1):
            with tempfile.TemporaryDirectory() as home:
                began = time.perf_counter()
                server = workbench(
                    *("app", "--no-browser", "--port", str(PORT), "--home", home),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                try:
                    _until(lambda: _answers(f"http://127.0.0.1:{PORT}/workbench/health"))
                    page = browser.new_page()
                    page.goto(f"http://127.0.0.1:{PORT}/")
                    page.get_by_role("button", name="Run this here").wait_for()
                    seconds.append(time.perf_counter() - began)
                    page.close()
                finally:
                    _end(server.pid)
        browser.close()
    # The first one warms the disk.
    warm = seconds[1:]
    return [
        _row("first page usable, s", statistics.median(warm), f"{min(warm):.1f}-{max(warm):.1f}")
    ]


def pilot(data: str, tasks: str, seconds: int, home: str) -> tuple[float, dict[str, Any], int]:
    """Wall seconds, the JSON document, and the largest memory of all processes together."""
    began = time.perf_counter()
    process = workbench(
        *("pilot", "--data", data, "--tasks", tasks, "--seconds", str(seconds)),
        *("--home", home, "--json"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    peak, done = [0], threading.Event()
    watcher = threading.Thread(target=_watch, args=(home, process.pid, peak, done))
    watcher.start()
    out, _ = process.communicate()
    wall = time.perf_counter() - began
    done.set()
    watcher.join()
    return wall, json.loads(out), peak[0]


def sample_pilot(name: str) -> list[str]:
    """The pilot of the README on a sample set: wall time, and kNN beside its baselines."""
    with tempfile.TemporaryDirectory() as home:
        wall, document, peak = pilot(f"sample:{name}", "simclr,vicreg,rotation,mae", 20, home)
        _end_all(home)
    rows = [
        _row(f"pilot on {name}, wall s", wall),
        _row(f"pilot on {name}, memory of all processes, GB", peak / 1e9),
    ]
    for run in document["runs"]:
        scores = {s["features"]: s for s in run["scores"] if _is(s, "knn", "accuracy", "label")}
        told = ", ".join(
            f"{features} {s['value']:.3f} [{s['low']:.3f}, {s['high']:.3f}]"
            for features, s in scores.items()
        )
        rows.append(f"| {run['config']['task']} ({run['config']['encoder']}), kNN | {told} | |")
    return rows


def latency(runs: int) -> list[str]:
    """Seconds from a launch to the first step, and from the last step to the scores."""
    import workbench as wb
    from workbench.store.store import Store

    rows = []
    for source, task in (("digits", "simclr"), ("shapes", "simclr"), ("intents", "mlm")):
        first, last = [], []
        with tempfile.TemporaryDirectory() as home:
            data = wb.load(f"sample:{source}", home=home)
            store = Store.open(Path(home))
            for seed in range(runs):
                seen: dict[str, float] = {}
                began = time.perf_counter()
                run = wb.pretrain(data, task=task, seconds=3, seed=seed, wait=False)
                while store.run(run.id).state not in ("finished", "failed"):
                    beat = store.last_heartbeat(run.id)
                    if beat is not None:
                        seen.setdefault(beat.phase, time.perf_counter())
                    time.sleep(0.05)
                first.append(seen["training"] - began)
                last.append(time.perf_counter() - seen["evaluating"])
                # A run on the processor waits for a map that is being fitted: measured apart.
                _until(lambda run=run, kept=store: kept.run(run.id).map_state == "ready", 120)
            _end_all(home)
        spread = f"{min(first):.1f}-{max(first):.1f}"
        rows.append(_row(f"{source}, {task}: from launch to first step, s", _middle(first), spread))
        # The first run of a data set also scores pixels and the untrained encoder.
        spread = f"{min(last):.1f}-{max(last):.1f}"
        rows.append(_row(f"{source}, {task}: from last step to scores, s", _middle(last), spread))
    return rows


def memory(data: str) -> list[str]:
    """Memory of all processes together while a pilot trains on a larger set."""
    with tempfile.TemporaryDirectory() as home:
        wall, _, peak = pilot(data, "simclr,rotation", 60, home)
        _end_all(home)
    name = Path(data).name
    return [
        _row(f"pilot on {name} (2 x 60 s), wall s", wall),
        _row(f"pilot on {name}, memory of all processes, GB", peak / 1e9),
    ]


def umap(runs: int) -> list[str]:
    """UMAP of 2,000 points when the engine's code is compiled."""
    import numpy as np

    from workbench.maps.umap import umap_map, warm_up

    began = time.perf_counter()
    warm_up()
    warm = time.perf_counter() - began
    rng = np.random.default_rng(0)
    h = rng.normal(size=(2000, 128)) + 4 * rng.normal(size=(10, 128))[rng.integers(0, 10, 2000)]
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        umap_map(h.astype(np.float32))
        seconds.append(time.perf_counter() - began)
    return [
        _row("UMAP, warming up, s", warm),
        _row("UMAP of 2,000 x 128, warm, s", statistics.median(seconds)),
    ]


def _middle(values: list[float]) -> float:
    return statistics.median(values)


def _is(score: dict[str, Any], protocol: str, metric: str, target: str) -> bool:
    return (score["protocol"], score["metric"], score["target"]) == (protocol, metric, target)


def _row(what: str, value: float, spread: str = "") -> str:
    return f"| {what} | {value:.2f} | {spread} |"


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _until(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError("the app did not answer")
        time.sleep(0.05)


def _of_home(home: str) -> list[psutil.Process]:
    """All processes that name this home on their command line, and their children."""
    found: dict[int, psutil.Process] = {}
    for process in psutil.process_iter(["cmdline"]):
        if any(home in part for part in process.info["cmdline"] or ()):
            try:
                for one in (process, *process.children(recursive=True)):
                    found[one.pid] = one
            except psutil.NoSuchProcess:
                continue
    return list(found.values())


def _watch(home: str, pid: int, peak: list[int], done: threading.Event) -> None:
    while not done.wait(0.5):
        total = 0
        for process in _of_home(home):
            try:
                # Proportional set size counts shared pages once.
                total += process.memory_full_info().pss
            except (psutil.NoSuchProcess, psutil.AccessDenied, AttributeError):
                continue
        peak[0] = max(peak[0], total)


def _end(pid: int) -> None:
    try:
        process = psutil.Process(pid)
        for one in (*process.children(recursive=True), process):
            one.kill()
        process.wait(10)
    except psutil.NoSuchProcess:
        return


def _end_all(home: str) -> None:
    for process in _of_home(home):
        _end(process.pid)
    time.sleep(0.5)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "what", choices=["app", "digits", "shapes", "memory", "latency", "umap", "all"]
    )
    parser.add_argument("--data", help="a larger image set, for memory")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    measures: dict[str, Callable[[], list[str]]] = {
        "app": lambda: first_page(given.runs),
        "latency": lambda: latency(given.runs),
        "umap": lambda: umap(given.runs),
        "digits": lambda: sample_pilot("digits"),
        "shapes": lambda: sample_pilot("shapes"),
    }
    if given.data:
        measures["memory"] = lambda: memory(given.data)
    elif given.what == "memory":
        parser.error("memory needs --data DIR")
    chosen = list(measures) if given.what == "all" else [given.what]
    command = f"python benchmarks/reach.py {given.what}" + (" --data DIR" if given.data else "")
    lines = [f"`{command}`, {describe()}", "", "| measured | median | range |", "|---|---|---|"]
    for name in chosen:
        found = measures[name]()
        lines += found
        print("\n".join(found), flush=True)
    if given.what == "all":
        put("waits", "## What a user waits for\n\n" + "\n".join(lines))


if __name__ == "__main__":
    main()
