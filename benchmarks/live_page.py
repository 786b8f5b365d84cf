"""Measures what it costs the server when a class watches a run train, and clicks meanwhile.

    python benchmarks/live_page.py [--clients N] [--seconds S] [--write]

Starts the app in a fresh home, launches a run, and opens its page with N websocket clients that
speak Streamlit's own protocol: each asks for its live part every two seconds, as a browser does,
and takes the time until the server says that it is drawn; besides, what processor time the server
took for a tick. Then as many clients watch while others change pages, open the run and launch one.
Each client is a browser of its own, one of them has brought an upload, and the command fails if
any other receives its name. Prints a Markdown table; ``--write`` puts it into RESULTS.md.
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
from typing import Any

import psutil
from machine import describe, workbench
from reach import PORT, _answers, _end, _end_all, _until
from rows import put

TICK_SECONDS = 2.0
# The file name of one client's upload, which no other may receive; secrets of two browsers.
UPLOAD = "upload-of-one-client"
OWNER, OTHER = "e" * 32, "f" * 32
_PATIENCE = 180.0


@dataclass
class Client:
    """One browser tab, without the browser. ticks: seconds each took; loads: of the whole page."""

    query: str
    secret: str = ""
    loads: list[float] = field(default_factory=list)
    ticks: list[float] = field(default_factory=list)
    bytes: int = 0
    # Ids of the buttons that the last drawing had, by label, and what was drawn that names UPLOAD.
    buttons: dict[str, str] = field(default_factory=dict)
    leaks: int = 0

    def _connect(self) -> Any:
        from websockets.asyncio.client import connect

        return connect(
            f"ws://127.0.0.1:{PORT}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
            additional_headers={"Cookie": f"workbench-visitor={self.secret or OTHER}"},
        )

    async def click(self, seconds: float, run: str) -> None:
        """Change pages, open the run, list the prepared data and launch, until the time is over."""
        steps = [
            ("start", "", ""), ("runs", "", ""), ("runs", f"run={run}", ""),
            ("data", "source=Prepared+before", ""), ("compare", "", ""), ("learn", "", ""),
            ("start", "", "Run this here"),
        ]  # fmt: skip
        async with self._connect() as socket:
            end, turn = time.perf_counter() + seconds, random.randrange(len(steps))
            while time.perf_counter() < end:
                page, query, label = steps[turn % len(steps)]
                turn += 1
                began = time.perf_counter()
                await self._ask(socket, "", page=page, query=query)
                self.loads.append(time.perf_counter() - began)
                if label and label in self.buttons:
                    await self._ask(socket, "", page=page, query=query, press=self.buttons[label])
                await asyncio.sleep(random.uniform(1, 2 * TICK_SECONDS))

    async def watch(self, seconds: float) -> None:
        """Open the page, then tick until ``seconds`` are over."""
        async with self._connect() as socket:
            fragments = await self._load(socket)
            # A class does not tick in step.
            await asyncio.sleep(random.uniform(0, TICK_SECONDS))
            end = time.perf_counter() + seconds
            while fragments and time.perf_counter() < end:
                began = time.perf_counter()
                for fragment in list(fragments):
                    asked = time.perf_counter()
                    found, whole = await self._ask(socket, fragment)
                    self.ticks.append(time.perf_counter() - asked)
                    if whole:
                        # The run has changed its state: the page is drawn anew, as in a browser.
                        fragments = found
                        break
                await asyncio.sleep(max(0.0, TICK_SECONDS - (time.perf_counter() - began)))

    async def _load(self, socket: object) -> set[str]:
        began = time.perf_counter()
        fragments, _ = await self._ask(socket, "")
        self.loads.append(time.perf_counter() - began)
        return fragments

    async def _ask(
        self,
        socket: object,
        fragment: str,
        *,
        page: str = "runs",
        query: str | None = None,
        press: str = "",
    ) -> tuple[set[str], bool]:
        """Ask for a run of the script, or of one live part, and wait for its end; returns the live
        parts that it names, and whether the whole page ran."""
        from streamlit.proto.BackMsg_pb2 import BackMsg
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        request = BackMsg()
        request.rerun_script.query_string = self.query if query is None else query
        request.rerun_script.page_name = page
        if press:
            state = request.rerun_script.widget_states.widgets.add()
            state.id, state.trigger_value = press, True
        request.rerun_script.fragment_id = fragment
        request.rerun_script.is_auto_rerun = bool(fragment)
        await socket.send(request.SerializeToString())  # type: ignore[attr-defined]
        live: set[str] = set()
        while True:
            raw = await asyncio.wait_for(socket.recv(), _PATIENCE)  # type: ignore[attr-defined]
            self.bytes += len(raw)
            self.leaks += UPLOAD.encode() in raw
            message = ForwardMsg.FromString(raw)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                live = set()
            elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "button":
                drawn = message.delta.new_element.button
                self.buttons[drawn.label] = drawn.id
            elif kind == "auto_rerun":
                live.add(message.auto_rerun.fragment_id)
            elif kind == "script_finished":
                ended = message.script_finished
                if ended != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return live, ended == ForwardMsg.FINISHED_SUCCESSFULLY


def clicked(
    query: str, run: str, clients: int, seconds: float
) -> tuple[list[Client], list[Client]]:
    """As many clients that watch, and as many that click; the first that clicks owns the upload."""

    async def all_of_them() -> tuple[list[Client], list[Client]]:
        watching = [Client(query, f"{number:032x}") for number in range(clients)]
        clicking = [Client("", OWNER)]
        clicking += [Client("", f"{number:032x}") for number in range(100, 99 + clients)]
        await asyncio.gather(
            *(one.watch(seconds) for one in watching),
            *(one.click(seconds, run) for one in clicking),
        )
        return watching, clicking

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


def check_privacy(clicking: list[Client]) -> str:
    """A sentence on who received the upload's name. Exits if somebody else did, or nobody."""
    owner, others = clicking[0], clicking[1:]
    if not owner.leaks or any(one.leaks for one in others):
        raise SystemExit(
            f"The upload was named {owner.leaks} times to its owner, and "
            f"{sum(one.leaks for one in others)} times to others."
        )
    return (
        f"The upload was named {owner.leaks} times to who brought it, and never to the other "
        f"{len(others)}."
    )


@dataclass(frozen=True)
class Server:
    """The app's process, and the share of a processor that it takes while nobody watches."""

    process: psutil.Process
    idle: float

    def watched(self, what: str, query: str, clients: int, seconds: float) -> str:
        """A line of the table: that many clients of the Runs page."""
        before, began = _spent(self.process), time.perf_counter()
        seen = measured(query, clients, seconds)
        idle = self.idle * (time.perf_counter() - began)
        return row(what, seen, _spent(self.process) - before - idle)


def _spent(process: psutil.Process) -> float:
    """Seconds of processor time until now."""
    return float(sum(process.cpu_times()[:2]))


def at_rest(pid: int, seconds: float) -> Server:
    """The server, watched for a while by nobody."""
    process = psutil.Process(pid)
    before = _spent(process)
    time.sleep(seconds)
    return Server(process, (_spent(process) - before) / seconds)


def measured(query: str, clients: int, seconds: float) -> list[Client]:
    """What that many clients of the Runs page saw."""

    async def all_of_them() -> list[Client]:
        watching = [Client(query) for _ in range(clients)]
        await asyncio.gather(*(one.watch(seconds) for one in watching))
        return watching

    return asyncio.run(all_of_them())


def row(what: str, clients: list[Client], cost: float) -> str:
    """One line of the table. cost: seconds of processor time that the server has taken."""
    ticks = sorted(tick for one in clients for tick in one.ticks)
    if not ticks:
        return f"| {what} | no tick | | | | |"
    middle, high = statistics.median(ticks), ticks[min(len(ticks) - 1, int(0.95 * len(ticks)))]
    load = statistics.median(load for one in clients for load in one.loads)
    size = sum(one.bytes for one in clients) / max(1, len(ticks))
    return (
        f"| {what} | {len(ticks)} | {1000 * cost / len(ticks):.0f} | {1000 * middle:.0f} | "
        f"{1000 * high:.0f} | {1000 * load:.0f} | {size / 1000:.1f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--clients", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=30.0, help="how long they watch")
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    given = parser.parse_args()
    lines, privacy = [], ""
    with tempfile.TemporaryDirectory() as home:
        bring_upload(home)
        server = workbench(
            *("app", "--no-browser", "--host", "0.0.0.0", "--limit", "queued=2"),
            *("--port", str(PORT), "--home", home),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _until(lambda: _answers(f"http://127.0.0.1:{PORT}/workbench/health"))
            run_id = _training(home, 4 * given.seconds + 120)
            # The first visitor of a server imports what all later ones find imported.
            measured(f"run={run_id}", 1, 3 * TICK_SECONDS)
            one = f"run={run_id}"
            resting = at_rest(server.pid, given.seconds)
            lines.append(resting.watched("one client, the run", one, 1, given.seconds))
            for name, query in (("the run", one), ("all runs as cards", "")):
                what = f"{given.clients} clients, {name}"
                lines.append(resting.watched(what, query, given.clients, given.seconds))
            before, began = _spent(resting.process), time.perf_counter()
            watching, clicking = clicked(one, run_id, given.clients, given.seconds)
            cost = _spent(resting.process) - before
            cost -= resting.idle * (time.perf_counter() - began)
            what = f"{given.clients} clients, the run, while {given.clients} others click"
            lines.append(row(what, watching, cost))
            privacy = check_privacy([*clicking, *watching])
            load = os.getloadavg()[0]
        finally:
            _end(server.pid)
            _end_all(home)
    head = [
        f"`python benchmarks/live_page.py --clients {given.clients} --seconds {given.seconds:g}`, "
        f"{describe()}. A run trains meanwhile; clients and server share the machine, whose load "
        f"average was {load:.1f}.",
        "",
        "Processor time is the server's, with the drawing of whole pages and without what it takes "
        "while nobody watches; median and 95 % are what a client waits. " + privacy,
        "",
        "| watching | ticks | processor a tick, ms | median, ms | 95 %, ms | first drawing, ms | "
        "kB a tick |",
        "|---|---|---|---|---|---|---|",
    ]
    print("\n".join([*head, *lines]))
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
