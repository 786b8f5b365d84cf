"""Measures the linked map in Chromium's software renderer: panning, hovering, lasso to Python.

    python benchmarks/map.py [--runs N]

Prints a Markdown table and writes its section of RESULTS.md. Panning: frames a second while a map
of 200,000 points is dragged for three seconds. Hovering: from the pointer's move to the ring drawn
in both of two maps of 20,000 points, the wait for the next frame included. Lasso: from letting go
of the mouse, with half of 2 x 20,000 points enclosed, to the page that Python has answered with.
Medians of --runs repetitions, and the slowest. Nothing here is a test: machines are shared.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from machine import describe
from rows import put

PORT = 8792
CHROMIUM = "/usr/bin/chromium"
# --disable-gpu leaves WebGL to SwiftShader, which computes on the processor.
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]

PAGE = """
import numpy as np
import streamlit as st
from workbench.app.shared.linked_map import Colouring, MapPanel, linked_map

st.set_page_config(layout="wide")
count, maps = int(st.query_params["count"]), int(st.query_params["maps"])
rng = np.random.default_rng(0)
labels = rng.integers(0, 10, count)
middles = rng.normal(size=(10, 2)) * 5
panels = [
    MapPanel(f"map {i}", middles[labels] + rng.normal(size=(count, 2)), np.arange(count))
    for i in range(maps)
]
found = linked_map(panels, [Colouring("class", labels, [str(i) for i in range(10)])], key="map")
st.text(f"selected {len(found.rows)}")
"""

# Frames that the browser draws while a pointer drags the map, and the milliseconds it took.
DRAG = """async (canvas) => {
    const box = canvas.getBoundingClientRect();
    const at = (type, x) => canvas.dispatchEvent(new PointerEvent(type, {
        pointerId: 1, clientX: box.left + x, clientY: box.top + box.height / 2, bubbles: true,
    }));
    canvas.setPointerCapture = () => {};
    const frame = () => new Promise(requestAnimationFrame);
    at("pointerdown", 200);
    const began = performance.now();
    let frames = 0;
    while (performance.now() - began < 3000) {
        at("pointermove", 200 + 150 * Math.sin(frames / 5));
        await frame();
        frames += 1;
    }
    const took = performance.now() - began;
    at("pointerup", 200);
    return [frames, took];
}"""

# Milliseconds from a move of the pointer until the ring is drawn, and whether it was in all maps.
HOVER = """async ([canvas, x, y]) => {
    const tops = [...canvas.getRootNode().querySelectorAll("canvas.top")];
    const inked = (top) => {
        const { width, height } = top;
        return top.getContext("2d").getImageData(0, 0, width, height).data.some((part) => part);
    };
    const box = canvas.getBoundingClientRect();
    const began = performance.now();
    canvas.dispatchEvent(new PointerEvent("pointermove", {
        pointerId: 1, clientX: box.left + x * box.width, clientY: box.top + y * box.height,
    }));
    await new Promise(requestAnimationFrame);
    const took = performance.now() - began;
    return [took, tops.every(inked)];
}"""


@contextmanager
def server() -> Iterator[str]:
    """The page above, served; its address."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "page.py"
        script.write_text(PAGE, "utf-8")
        options = {
            "server.port": PORT,
            "server.address": "127.0.0.1",
            "server.headless": "true",
            "browser.gatherUsageStats": "false",
            "server.fileWatcherType": "none",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(script)]
            + [f"--{name}={value}" for name, value in options.items()],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        address = f"http://127.0.0.1:{PORT}"
        try:
            _until_it_answers(f"{address}/_stcore/health")
            yield address
        finally:
            process.terminate()
            process.wait(10)


def _until_it_answers(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def opened(browser: Any, address: str, count: int, maps: int) -> tuple[Any, Any, str]:
    """The page with this many points and maps, its first canvas, and how points are drawn."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}/?count={count}&maps={maps}")
    page.get_by_text("selected 0").wait_for(timeout=120_000)
    canvas = page.locator("canvas.top").first
    canvas.wait_for()
    page.wait_for_timeout(3000)
    return page, canvas, str(page.locator(".stage").first.get_attribute("data-drawn"))


def panning(browser: Any, address: str, runs: int) -> tuple[list[float], str]:
    """Frames a second, one number a repetition."""
    page, canvas, drawn = opened(browser, address, 200_000, 1)
    found = []
    for _ in range(runs):
        frames, took = canvas.evaluate(DRAG)
        found.append(1000 * frames / took)
    page.close()
    return found, drawn


def hovering(browser: Any, address: str, runs: int) -> list[float]:
    """Milliseconds, ``runs`` for each of 36 places spread over the map."""
    page, canvas, _ = opened(browser, address, 20_000, 2)
    found = []
    for _ in range(runs):
        for place in range(36):
            x, y = 0.25 + 0.1 * (place % 6), 0.25 + 0.1 * (place // 6)
            took, drawn = page.evaluate(HOVER, [canvas.element_handle(), x, y])
            if drawn:
                found.append(took)
    page.close()
    return found


def lasso(browser: Any, address: str, runs: int) -> list[float]:
    """Milliseconds from letting go to Python's answer."""
    page, canvas, _ = opened(browser, address, 20_000, 2)
    page.get_by_role("radio", name="Lasso").click()
    said, found = page.locator('[data-testid="stText"]'), []
    for _ in range(runs):
        box = canvas.bounding_box()
        corners = [(0.02, 0.02), (0.5, 0.02), (0.5, 0.98), (0.02, 0.98)]
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=20)
        began = time.perf_counter()
        page.mouse.up()
        page.wait_for_function("!document.body.innerText.includes('selected 0')", polling="raf")
        found.append(1000 * (time.perf_counter() - began))
        if int(said.inner_text().split()[1]) < 5000:
            raise SystemExit(f"the lasso enclosed too few: {said.inner_text()}")
        page.get_by_role("button", name="Clear").click()
        page.get_by_text("selected 0").wait_for()
    page.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    from playwright.sync_api import sync_playwright

    with server() as address, sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        frames, drawn = panning(browser, address, runs)
        rings, answers = hovering(browser, address, runs), lasso(browser, address, runs)
        version = browser.version
        browser.close()
    rows = [
        "| what | median | slowest | wanted |",
        "|---|---|---|---|",
        f"| panning 200,000 points in one map ({drawn}), frames/s | "
        f"{statistics.median(frames):.0f} | {min(frames):.0f} | at least 20 |",
        f"| hover to ring, 2 maps of 20,000, ms (n = {len(rings)}) | "
        f"{statistics.median(rings):.0f} | {max(rings):.0f} | under 50 |",
        f"| lasso to Python, 2 maps of 20,000, ms (n = {len(answers)}) | "
        f"{statistics.median(answers):.0f} | {max(answers):.0f} | under 700 |",
    ]
    said = (
        f"`python benchmarks/map.py --runs {runs}`, {describe()}, Chromium {version}, software GL."
    )
    text = "\n".join(["## The linked map", "", said, "", *rows])
    print(text)
    put("map", text)


if __name__ == "__main__":
    main()
