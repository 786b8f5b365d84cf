"""Measures what it costs the server when a class watches a run train, and clicks meanwhile.

    python benchmarks/live_page.py [--clients N] [--seconds S] [--write]

Starts the app in a fresh home, launches a run, and opens its page with N websocket clients
(``page_client.py``). Each asks for its live part every two seconds, as a browser does, and takes
the time until the server says that it is drawn. The server's processor time is measured too.
Then N clients watch and, every ten seconds or so, click: they change pages and launch runs, which
wait for the one that trains. Each client is a browser of its own. One has brought an upload, and
the command fails if any other receives its name. Prints a Markdown table and sentences; ``--write``
puts them into RESULTS.md.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from machine import describe, workbench
from page_client import PageClient
from reach import PORT, _answers, _end, _end_all, _until
from rows import put

TICK_SECONDS = 2.0
MOST_TICK = 0.1
# The file name of one client's upload, which no other may receive, and that client's secret.
UPLOAD, OWNER = "upload-of-one-client", "e" * 32
# A client clicks after so many seconds; what the button says that launches a run.
# The button launches four runs, the most that a client may have in the queue here.
_CLICK_SECONDS, _LAUNCH = (4.0, 16.0), "Run this here"
# The address of the list of uploads and prepared data.
_UPLOADS = "source=Prepared+before"
_PATIENCE = 180.0


@dataclass
class Viewer:
    """Somebody who looks at the page Runs.

    ticks: seconds that each took. loads, clicks: seconds that the whole page took to open, and
    another page after a click. launches: how often the button that launches runs was pressed.
    """

    query: str
    client: PageClient = field(default_factory=lambda: PageClient(PORT, mark=UPLOAD))
    ticks: list[float] = field(default_factory=list)
    loads: list[float] = field(default_factory=list)
    clicks: list[float] = field(default_factory=list)
    launches: int = 0

    async def watch(self, seconds: float, run: str = "") -> None:
        """Tick until ``seconds`` are over. run: click now and then too, on this run for one."""
        steps = [
            ("data", _UPLOADS), ("runs", ""), ("runs", f"run={run}"), ("start", ""),
            ("compare", ""), ("learn", ""), ("start", _LAUNCH),
        ]  # fmt: skip
        end = time.perf_counter() + seconds
        # Everybody looks at the list of uploads first: it must name only their own.
        step = steps[0]
        async with self.client.open():
            while (now := time.perf_counter()) < end:
                until = min(end, now + random.uniform(*_CLICK_SECONDS)) if run else end
                await self._tick(until)
                if run and time.perf_counter() < end:
                    await self._click(*step)
                    step = random.choice(steps)

    async def _tick(self, end: float) -> None:
        """Open the watched page, and ask for its live parts as a browser does."""
        fragments = await self._load()
        # A class does not tick in step.
        await asyncio.sleep(random.uniform(0, TICK_SECONDS))
        while (began := time.perf_counter()) < end:
            for fragment in list(fragments):
                asked = time.perf_counter()
                drawing = await self.client.draw("runs", self.query, fragment=fragment)
                self.ticks.append(time.perf_counter() - asked)
                if drawing.whole:
                    # The run has changed its state: the page is drawn anew, as in a browser.
                    fragments = drawing.fragments
                    break
            await asyncio.sleep(max(0.0, TICK_SECONDS - (time.perf_counter() - began)))

    async def _load(self) -> set[str]:
        began = time.perf_counter()
        drawing = await self.client.draw("runs", self.query)
        self.loads.append(time.perf_counter() - began)
        return drawing.fragments

    async def _click(self, page: str, query: str) -> None:
        """Open another page; at the address ``_LAUNCH`` also launch a run there."""
        began = time.perf_counter()
        drawing = await self.client.draw(page, "" if query == _LAUNCH else query)
        self.clicks.append(time.perf_counter() - began)
        button = drawing.buttons.get(_LAUNCH) if query == _LAUNCH else None
        if button is not None:
            await self.client.draw(page, press=button)
            self.launches += 1


def watched(viewers: list[Viewer], seconds: float, run: str = "") -> list[Viewer]:
    """What these viewers saw at the same time."""

    async def all_of_them() -> list[Viewer]:
        await asyncio.gather(*(one.watch(seconds, run) for one in viewers))
        return viewers

    return asyncio.run(all_of_them())


def bring_upload(home: str) -> None:
    """An upload of the browser OWNER, prepared before the app starts."""
    from workbench import paths
    from workbench.config import DataConfig
    from workbench.data import prepare, uploads
    from workbench.store import owners, upload_owners
    from workbench.store.store import Store

    rows = "".join(f"{number} words of a post,{number % 2}\n" for number in range(200))
    root = paths.uploads_dir(Path(home).resolve())
    path = uploads.store([(f"{UPLOAD}.csv", f"post,label\n{rows}".encode())], root)
    owner = owners.visitor_of(OWNER)
    upload_owners.record(Store.open(Path(home)), path.parent.name, owner, 0.01)
    prepare(DataConfig(str(path)), Path(home))


def privacy(viewers: list[Viewer]) -> tuple[bool, str]:
    """Whether only the upload's owner received its name, and a sentence on it."""
    own, others = viewers[0].client.marked, sum(one.client.marked for one in viewers[1:])
    sentence = (
        f"The upload was named {own} times to its owner, and {others} times to the other "
        f"{len(viewers) - 1}."
    )
    return own > 0 and not others, sentence


def clicks_words(viewers: list[Viewer], home: str) -> str:
    """Sentences on what was clicked, what waits, and whether the ticks came in time."""
    from workbench.store.store import Store

    ticks = [tick for one in viewers for tick in one.ticks]
    clicks = [click for one in viewers for click in one.clicks]
    high = _high(ticks)
    return (
        f"The {len(viewers)} clients that click opened {len(clicks)} other pages (median "
        f"{1000 * statistics.median(clicks):.0f} ms, 95 % {1000 * _high(clicks):.0f} ms) and "
        f"pressed '{_LAUNCH}' {sum(one.launches for one in viewers)} times. At the end "
        f"{Store.open(Path(home)).count(('queued',))} runs wait. 95 % of their ticks took at "
        f"most {1000 * high:.0f} ms: {'within' if high <= MOST_TICK else 'over'} the limit of "
        f"{1000 * MOST_TICK:.0f} ms."
    )


@dataclass(frozen=True)
class Server:
    """The app's process, and the share of a processor that it takes while nobody watches."""

    process: psutil.Process
    idle: float

    def measured(self, what: str, viewers: list[Viewer], seconds: float, run: str = "") -> str:
        """A line of the table: these viewers of the page Runs."""
        before, began = _spent(self.process), time.perf_counter()
        watched(viewers, seconds, run)
        idle = self.idle * (time.perf_counter() - began)
        return row(what, viewers, _spent(self.process) - before - idle)


def _spent(process: psutil.Process) -> float:
    """Seconds of processor time until now."""
    return float(sum(process.cpu_times()[:2]))


def at_rest(pid: int, seconds: float) -> Server:
    """The server, watched for a while by nobody."""
    process = psutil.Process(pid)
    before = _spent(process)
    time.sleep(seconds)
    return Server(process, (_spent(process) - before) / seconds)


def row(what: str, viewers: list[Viewer], cost: float) -> str:
    """One line of the table. cost: seconds of processor time that the server has taken."""
    ticks = [tick for one in viewers for tick in one.ticks]
    if not ticks:
        return f"| {what} | no tick | | | | | |"
    load = statistics.median(load for one in viewers for load in one.loads)
    size = sum(one.client.bytes for one in viewers) / len(ticks)
    return (
        f"| {what} | {len(ticks)} | {1000 * cost / len(ticks):.0f} | "
        f"{1000 * statistics.median(ticks):.0f} | {1000 * _high(ticks):.0f} | {1000 * load:.0f} | "
        f"{size / 1000:.1f} |"
    )


def _high(seconds: list[float]) -> float:
    """The 95th percentile."""
    return sorted(seconds)[min(len(seconds) - 1, int(0.95 * len(seconds)))]


def measure(clients: int, seconds: float) -> tuple[list[str], str, bool]:
    """The lines of the table, sentences on the clients that clicked, and whether the upload was
    private."""
    lines = []
    with tempfile.TemporaryDirectory() as home:
        bring_upload(home)
        server = workbench(
            *("app", "--no-browser", "--host", "0.0.0.0", "--limit", "queued=4"),
            *("--port", str(PORT), "--home", home),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _until(lambda: _answers(f"http://127.0.0.1:{PORT}/workbench/health"))
            run = _training(home, 4 * seconds + 120)
            one = f"run={run}"
            # The first visitor of a server imports what all later ones find imported.
            watched([Viewer(one)], 3 * TICK_SECONDS)
            resting = at_rest(server.pid, seconds)
            lines.append(resting.measured("one client, the run", [Viewer(one)], seconds))
            for name, query in (("the run", one), ("all runs as cards", "")):
                viewers = [Viewer(query) for _ in range(clients)]
                lines.append(resting.measured(f"{clients} clients, {name}", viewers, seconds))
            viewers = [Viewer(one) for _ in range(clients)]
            viewers[0].client.secret = OWNER
            what = f"{clients} clients, the run, all click too"
            lines.append(resting.measured(what, viewers, seconds, run))
            private, sentence = privacy(viewers)
            load = f"The load average was {os.getloadavg()[0]:.1f}."
            return lines, f"{clicks_words(viewers, home)} {sentence} {load}", private
        finally:
            _end(server.pid)
            _end_all(home)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--clients", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=30.0, help="how long they watch")
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    given = parser.parse_args()
    lines, words, private = measure(given.clients, given.seconds)
    head = [
        f"`python benchmarks/live_page.py --clients {given.clients} --seconds {given.seconds:g}`, "
        f"{describe()}. A run trains meanwhile; clients and server share the machine.",
        "",
        "Processor time is the server's, with the drawing of whole pages and without what it takes "
        f"while nobody watches; median and 95 % are what a client waits. {words}",
        "",
        "| watching | ticks | processor a tick, ms | median, ms | 95 %, ms | first drawing, ms | "
        "kB a tick |",
        "|---|---|---|---|---|---|---|",
    ]
    print("\n".join([*head, *lines]))
    if not private:
        raise SystemExit("The upload was not private, or its owner did not see it.")
    if given.write:
        put("live", "## When a class watches a run\n\n" + "\n".join([*head, *lines]))


def _training(home: str, seconds: float) -> str:
    """The id of a run that trains for ``seconds``, once it does."""
    import workbench as wb
    from workbench.store.store import Store

    data = wb.load("sample:digits", home=home)
    run = wb.pretrain(data, task="simclr", seconds=seconds, wait=False)
    store = Store.open(Path(home))

    def trains() -> bool:
        beat = store.last_heartbeat(run.id)
        return beat is not None and beat.phase == "training"

    _until(trains, _PATIENCE)
    return run.id


if __name__ == "__main__":
    main()
