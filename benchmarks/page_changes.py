"""How long a page change takes: from the click in the navigation to the finished page.

    python benchmarks/page_changes.py [--home DIR] [--times N] [--training]

Chromium walks through all pages of a warm app ``--times`` times with the data and runs that
``pictures.py`` makes. Two moments are told: the new page's heading is there, and the page is whole
(no script runs any more). ``--training``: while a run trains on all cores. Writes the section
``page changes`` of RESULTS.md, or ``page changes while training``.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from machine import describe
from pictures import CHROMIUM, FLAGS, make_runs, served, settle
from playwright.sync_api import Page, sync_playwright
from rows import put

import workbench as wb
from workbench.store.store import Store

_LONG = 3600.0
PAGES = (
    *("Data", "Augment", "Pretrain", "Runs", "Compare"),
    *("Inspect", "Try and export", "Learn", "Start"),
)


def change(page: Page, name: str) -> tuple[float, float]:
    """Seconds until the heading of page ``name`` is there, and until no script runs."""
    before = page.locator("h1").first.inner_text()
    began = time.perf_counter()
    page.get_by_role("link", name=name, exact=True).click()
    page.wait_for_function(
        "before => ![null, before].includes(document.querySelector('h1')?.innerText ?? null)",
        arg=before,
        polling=20,
    )
    heading = time.perf_counter() - began
    idle = "() => document.querySelector('[data-test-script-state=notRunning]')"
    page.wait_for_function(idle, polling=20)
    return heading, time.perf_counter() - began


@contextmanager
def training(home: Path, wanted: bool) -> Iterator[None]:
    """A run that trains meanwhile, if ``wanted``; it is stopped at the end."""
    if not wanted:
        yield
        return
    data = wb.load("sample:shapes", home=home)
    run = wb.pretrain(data, task="simclr", encoder="resnet18", seconds=_LONG, wait=False)
    heartbeats = Store.open(home).heartbeats
    while getattr(heartbeats([run.id]).get(run.id), "phase", "") != "training":
        time.sleep(0.5)
    try:
        yield
    finally:
        run.stop()
        run.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--home", type=Path, default=Path(tempfile.gettempdir()) / "wb_pictures")
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--training", action="store_true")
    given = parser.parse_args()
    make_runs(given.home)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in PAGES}
    with (
        training(given.home, given.training),
        served(given.home) as url,
        sync_playwright() as player,
    ):
        path = str(CHROMIUM) if CHROMIUM.exists() else None
        browser = player.chromium.launch(executable_path=path, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(url)
        settle(page)
        for turn in range(given.times + 1):
            for name in PAGES:
                took = change(page, name)
                page.wait_for_timeout(300)
                if turn:
                    found[name].append(took)
        browser.close()
    lines = ["| page | heading, median ms | whole page, median ms | slowest |", "|---|---|---|---|"]
    for name, times in found.items():
        heading, whole = (statistics.median(t[i] for t in times) for i in (0, 1))
        slowest = max(t[1] for t in times)
        lines.append(
            f"| {name} | {1000 * heading:.0f} | {1000 * whole:.0f} | {1000 * slowest:.0f} |"
        )
        print(lines[-1], flush=True)
    title, flag = (" while a run trains", " --training") if given.training else ("", "")
    text = "\n".join(
        [
            f"## Page changes{title}",
            "",
            f"`python benchmarks/page_changes.py{flag}`, {describe()}. Chromium on the same "
            f"machine, {given.times} rounds through all pages of a warm app.",
            "",
            *lines,
        ]
    )
    put("page changes while training" if given.training else "page changes", text)


if __name__ == "__main__":
    main()
