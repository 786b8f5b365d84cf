"""What people do with a home all day: visit every page, upload, preview, launch, stop and delete.

Each kind goes on in a thread of its own. What went wrong is counted, and does not end it.
"""

from __future__ import annotations

import asyncio
import io
import random
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable

from fault_homes import Home, TaskOnData
from page_client import Drawing, PageClient

from workbench.errors import WorkbenchError
from workbench.jobs import launch
from workbench.store.rows import ENDED
from workbench.stored_runs.removal import cleaning

# RUN stands for a finished run; the addresses with it are left out while there is none.
PAGES = (
    ("", ""),
    ("data", "data=sample:digits"),
    ("data", "source=Prepared+before"),
    ("augment", "data=sample:digits"),
    ("augment", "data=sample:intents"),
    ("pretrain", "data=sample:digits&tasks=simclr"),
    ("runs", ""),
    ("runs", "run=RUN"),
    ("compare", "runs=RUN"),
    ("inspect", "run=RUN"),
    ("try", "run=RUN"),
    ("learn", ""),
    ("learn", "lesson=collapse"),
)
# Labels of buttons that are pressed where they are drawn: they make the engine work.
PRESSED = ("Draw again", "Show other samples")
UPLOAD = "churn"
TASKS = [
    *(TaskOnData(name, "sample:digits") for name in ("simclr", "vicreg", "rotation", "mae")),
    TaskOnData("mlm", "sample:intents"),
]
STEPS = 20
_KEPT_RUNS = 6
_TICKS = 3
_MOST_ERRORS = 20


class Churn:
    """Threads that use ``home`` until ``stop``. pause: mean seconds between two rounds of each.

    counts: what was done so far, by its name. errors: the first sentences of what went wrong.
    """

    def __init__(self, home: Home, pause: float):
        self.home, self.pause = home, pause
        self.counts: Counter[str] = Counter()
        self.errors: list[str] = []
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._repeat, args=(act,), daemon=True)
            for act in (self._visit, self._upload, self._run)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End after the present rounds."""
        self._ended.set()
        for thread in self._threads:
            thread.join(timeout=240)

    def _repeat(self, act: Callable[[], None]) -> None:
        while not self._ended.is_set():
            try:
                act()
            except Exception as error:  # noqa: BLE001  one failure must not end a day
                self._note(f"{act.__name__}: {type(error).__name__}: {error}")
            self._ended.wait(random.uniform(0.5, 1.5) * self.pause)

    def _note(self, error: str) -> None:
        self.counts["errors"] += 1
        if len(self.errors) < _MOST_ERRORS:
            self.errors.append(error[:300])

    def _visit(self) -> None:
        """One browser that walks through all pages, and leaves."""
        finished = self.home.store.runs(states=("finished",), limit=_KEPT_RUNS)
        asyncio.run(self._walk(random.choice(finished).id if finished else ""))
        self.counts["visits"] += 1

    async def _walk(self, run_id: str) -> None:
        async with PageClient(self.home.port).open() as client:
            for page, query in PAGES:
                if "RUN" in query and not run_id:
                    continue
                address = query.replace("RUN", run_id)
                drawing = await client.draw(page, address)
                self._drawn(page, drawing)
                for label in PRESSED:
                    if label in drawing.buttons:
                        pressed = drawing.buttons[label]
                        self._drawn(page, await client.draw(page, address, press=pressed))
                for fragment in list(drawing.fragments) * _TICKS:
                    self.counts["ticks"] += 1
                    if (await client.draw(page, address, fragment=fragment)).whole:
                        # The page was drawn anew, with other live parts.
                        break

    def _drawn(self, page: str, drawing: Drawing) -> None:
        self.counts["pages"] += 1
        for message in drawing.exceptions:
            self._note(f"page '{page}': {message}")

    def _upload(self) -> None:
        """Somebody's data: uploaded, prepared, looked at, and removed again."""
        asyncio.run(self._bring())
        self.counts["uploads"] += 1
        # Prepared data first: an upload that they come from is needed.
        for _ in range(2):
            unused = cleaning.leftovers(self.home.path, 0.0)
            uploads = self.home.path / "uploads"
            chosen = [one for one in unused if UPLOAD in one.name or one.path.parent == uploads]
            cleaning.remove(self.home.path, chosen)

    async def _bring(self) -> None:
        name, content = random.choice((_table, _pictures))()
        async with PageClient(self.home.port).open() as client:
            drawing = await client.upload("source=Upload", name, content)
            self._drawn("data", drawing)
            button = drawing.buttons.get("Prepare it")
            if button is None:
                self._note(f"the upload {name} cannot be prepared")
            else:
                self._drawn("data", await client.draw("data", "source=Upload", press=button))

    def _run(self) -> None:
        """A short run, stopped at a random moment or finished with a map. Old ones are deleted."""
        home = self.home
        run_id = home.launch(random.choice(TASKS), STEPS)
        self.counts["runs"] += 1
        if random.random() < 0.3:
            time.sleep(random.uniform(0.0, 8.0))
            try:
                launch.stop(home.path, run_id)
                self.counts["stopped"] += 1
            except WorkbenchError:
                # It has ended by itself meanwhile.
                pass
        row = home.ended(run_id)
        if row.state not in ("finished", "stopped"):
            self._note(f"a run ended as {row.state}: {row.reason}")
        elif row.state == "finished" and home.map_ended(run_id) == "ready":
            self.counts["maps"] += 1
        old = [row.id for row in home.store.runs() if row.state in ENDED][_KEPT_RUNS:]
        for one in old:
            launch.delete(home.path, one)
            self.counts["deleted"] += 1


def _table() -> tuple[str, bytes]:
    number = random.randrange(10**9)
    rows = "".join(f"{number} words of post {row},{row % 2}\n" for row in range(200))
    return f"{UPLOAD}-{number}.csv", f"post,label\n{rows}".encode()


def _pictures() -> tuple[str, bytes]:
    """A zip of small pictures in two folders."""
    from PIL import Image

    number, file = random.randrange(10**9), io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for row in range(60):
            picture = io.BytesIO()
            Image.frombytes("L", (16, 16), random.randbytes(256)).save(picture, "png")
            archive.writestr(f"{row % 2}/{row}.png", picture.getvalue())
    return f"{UPLOAD}-{number}.zip", file.getvalue()
