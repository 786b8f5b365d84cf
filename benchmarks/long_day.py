"""Measures whether a home stays as large as it was while people use it all day.

    python benchmarks/long_day.py --hours H [--to FILE.jsonl] [--pause SECONDS] [--work DIR]
    python benchmarks/long_day.py --hours 0 --to FILE.jsonl       # the table of what FILE has

Starts the app in a fresh home, uses it (``churn.py``), and writes a line a minute: memory that only
this process has (USS), threads and handles of server, supervisor and engine; processes, temporary
files, locks and half-written files of the home. The table compares the first quarter with the last.
The growth an hour is the median slope between two lines of one process; the first quarter of a
process's life, five minutes to an hour, is its start and left out. The exit status is 1 if anything
grows, or a page or a run failed. Started again with the same FILE, it goes on until H hours are
measured.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import psutil
from churn import Churn
from fault_homes import Home
from machine import describe

ROLES = {
    "server": "app",
    "supervisor": "workbench.jobs.supervisor",
    "engine": "workbench.engine.server",
}
LINE_SECONDS = 60.0
# Hours. Streamlit keeps up to 128 closed tabs for two minutes: so long a server only fills up.
_SHORTEST_START, _LONGEST_START = 1 / 12, 1.0
# More lines than these add nothing to a median of slopes but time.
_MOST_POINTS = 400
Line = dict[str, Any]


@dataclass(frozen=True)
class Limit:
    """What counts as growth. slope: most growth an hour of what is flat. seen: the least growth
    over the time measured that is told from noise."""

    slope: float
    seen: float


LIMITS = {
    "memory, MB": Limit(2.0, 20.0),
    "threads": Limit(0.3, 3.0),
    "handles": Limit(0.5, 5.0),
    "processes": Limit(0.2, 2.0),
    "temporary files": Limit(0.4, 4.0),
    "locks": Limit(0.4, 4.0),
    "half-written files": Limit(0.4, 4.0),
}


@dataclass(frozen=True)
class Growth:
    """One row of the table. hours: measured after the start. slope: median growth an hour.

    noise: median distance of a line from that growth.
    """

    what: str
    first: float
    last: float
    hours: float
    slope: float
    noise: float
    limit: Limit

    @property
    def result(self) -> str:
        """ "grows", "flat", or that the time was too short for either."""
        if not self.hours:
            return "too short"
        seen = max(self.limit.seen, 3 * self.noise)
        if self.slope > self.limit.slope and self.slope * self.hours > seen:
            return "grows"
        return "flat" if self.hours * self.limit.slope >= self.limit.seen else "no growth seen"


def line(home: Home, temporary: Path) -> Line:
    """One measurement of the processes and files of a home."""
    found: Line = {"of": {}}
    for role, word in ROLES.items():
        with suppress(psutil.Error, IndexError):
            process = home.processes(word)[0]
            handles = process.num_handles() if sys.platform == "win32" else process.num_fds()
            found["of"][role] = {
                "life": f"{process.pid}-{process.create_time():.0f}",
                "memory, MB": process.memory_full_info().uss / 1e6,
                "threads": process.num_threads(),
                "handles": handles,
            }
    names = [path.name for path in home.path.rglob("*")]
    found["of"]["home"] = {
        "life": str(home.path),
        "processes": len(home.family()),
        "temporary files": sum(1 for _ in temporary.rglob("*")),
        "locks": sum(name.endswith(".lock") for name in names),
        "half-written files": sum(name.startswith(".making-") or ".part" in name for name in names),
    }
    return found


def growths(lines: list[Line]) -> list[Growth]:
    """The rows of the table."""
    rows = []
    for owner in (*ROLES, "home"):
        points: dict[str, dict[str, list[tuple[float, float]]]] = {}
        for one in lines:
            values = dict(one["of"].get(owner) or {"life": ""})
            life = values.pop("life")
            for name, value in values.items():
                points.setdefault(name, {}).setdefault(life, []).append((one["hours"], value))
        rows += [_growth(f"{owner}: {name}", lives, LIMITS[name]) for name, lives in points.items()]
    return rows


def _growth(what: str, lives: dict[str, list[tuple[float, float]]], limit: Limit) -> Growth:
    """lives: hour and value of every line, by the process that they are of."""
    values = [value for points in lives.values() for _, value in points]
    quarter = max(1, len(values) // 4)
    slopes, hours, measured = [], 0.0, []
    for points in lives.values():
        begin, end = points[0][0], points[-1][0]
        settled = begin + min(_LONGEST_START, max(_SHORTEST_START, (end - begin) / 4))
        later = [point for point in points if point[0] >= settled]
        if not later:
            continue
        hours += later[-1][0] - later[0][0]
        measured.append(later)
        thinned = later[:: max(1, len(later) // _MOST_POINTS)]
        slopes += [
            (b - a) / (later_at - at)
            for (at, a), (later_at, b) in combinations(thinned, 2)
            if later_at > at
        ]
    slope = statistics.median(slopes) if slopes else 0.0
    distances = []
    for later in measured:
        rests = [value - slope * at for at, value in later]
        distances += [abs(rest - statistics.median(rests)) for rest in rests]
    noise = statistics.median(distances) if distances else 0.0
    first, last = statistics.median(values[:quarter]), statistics.median(values[-quarter:])
    return Growth(what, first, last, hours, slope, noise, limit)


def table(lines: list[Line]) -> str:
    """Markdown: what was measured, each quantity with its growth, and what went wrong."""
    done: Counter[str] = Counter()
    errors: list[str] = []
    for one, after in zip(lines, [*lines[1:], None], strict=True):
        # Counts begin anew with every start.
        if after is None or after["start"] != one["start"]:
            done.update(one["done"])
            errors += one["errors"]
    counts = ", ".join(f"{number:,} {name}" for name, number in sorted(done.items()))
    starts = lines[-1]["start"] + 1
    head = [
        f"{lines[-1]['hours']:.2f} hours in {starts} start(s): {counts or 'nothing'}.",
        "",
        "| what | first quarter | last quarter | growth an hour | flat up to | result |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    rows = [
        f"| {row.what} | {row.first:.1f} | {row.last:.1f} | {row.slope:+.2f} | "
        f"{row.limit.slope:g} | {row.result} |"
        for row in growths(lines)
    ]
    return "\n".join([*head, *rows, *([""] if errors else []), *(f"- {one}" for one in errors)])


def measure(file: Path, lines: list[Line], hours: float, pause: float, work: Path) -> None:
    """Use a fresh home and add lines to ``file`` until ``hours`` are measured in all."""
    before = lines[-1]["hours"] if lines else 0.0
    start = lines[-1]["start"] + 1 if lines else 0
    with (
        tempfile.TemporaryDirectory(dir=work, prefix="tmp-") as temporary,
        tempfile.TemporaryDirectory(dir=work, prefix="home-") as folder,
        Home(Path(folder) / "home", Path(temporary)) as home,
    ):
        home.start_app()
        churn = Churn(home, pause)
        churn.start()
        began = time.monotonic()
        while before + (time.monotonic() - began) / 3600 < hours:
            time.sleep(LINE_SECONDS)
            at = before + (time.monotonic() - began) / 3600
            facts = {"done": dict(churn.counts), "errors": list(churn.errors)}
            lines.append({"hours": at, "start": start, **line(home, Path(temporary)), **facts})
            with file.open("a") as out:
                out.write(json.dumps(lines[-1]) + "\n")
        churn.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--hours", type=float, default=24.0, help="measured in all, with FILE's")
    parser.add_argument("--to", type=Path, default=Path("long_day.jsonl"))
    parser.add_argument("--pause", type=float, default=20.0, help="seconds between two rounds")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "long_day")
    given = parser.parse_args()
    lines = [json.loads(text) for text in given.to.open()] if given.to.exists() else []
    given.work.mkdir(parents=True, exist_ok=True)
    measure(given.to, lines, given.hours, given.pause, given.work)
    if not lines:
        parser.error(f"{given.to} has no lines, and no hours are to be measured")
    command = f"`python benchmarks/long_day.py --hours {given.hours:g} --pause {given.pause:g}`"
    sys.stdout.write(f"{command}, {describe()}.\n\n{table(lines)}\n")
    failed = any(one["errors"] for one in lines)
    return 1 if failed or any(row.result == "grows" for row in growths(lines)) else 0


if __name__ == "__main__":
    sys.exit(main())
