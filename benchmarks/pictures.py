"""Every page as a picture: light and dark, 1280 and 390 pixels wide. To be looked at.

    python benchmarks/pictures.py --to DIR [--home DIR] [--only NAME,NAME] [--readme]

Starts an app of its own with a few short runs of images and texts, opens each page in Chromium and
saves it at its whole height. ``--readme`` saves the upper parts that README.md shows in
docs/pictures besides.
"""

from __future__ import annotations

import argparse
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from machine import workbench
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

import workbench as wb
from workbench import paths
from workbench.store.store import Store

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu"]
WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")
_STEPS = 150
_TALLEST = 7000
_README = ("start", "compare", "inspect", "augment")
_README_HEIGHT = 1280
_PICTURES = Path(__file__).parents[1] / "docs" / "pictures"


def addresses(home: Path) -> dict[str, str]:
    """Pages by the name of their picture."""
    demo = [row.id for row in Store.open(paths.sample_data_dir() / "demo", read_only=True).runs()]
    rows = Store.open(home).runs()
    images = [row.id for row in rows if "digits" in row.config["data"]["source"]]
    texts = [row.id for row in rows if "intents" in row.config["data"]["source"]]
    return {
        "start": "",
        "data": "data?data=sample:shapes",
        "data_texts": "data?data=sample:tickets",
        "augment": "augment?data=sample:shapes",
        "augment_texts": "augment?data=sample:intents",
        "pretrain": "pretrain?data=sample:shapes&tasks=simclr",
        "pretrain_texts": "pretrain?data=sample:intents&tasks=mlm,half_split",
        "runs": f"runs?run={images[0]}",
        "compare": f"compare?runs={','.join(images)}",
        "compare_texts": f"compare?runs={','.join(texts)}",
        "compare_demo": f"compare?runs={','.join(demo[:3])}",
        "inspect": f"inspect?run={images[0]}",
        "inspect_texts": f"inspect?run={texts[0]}",
        "try": f"try?run={images[0]}",
        "try_texts": f"try?run={texts[0]}",
        "learn": "learn",
        "lesson": "learn?lesson=collapse",
    }


def make_runs(home: Path) -> None:
    """Two runs of images and two of texts, where the home has none yet."""
    if Store.open(home).runs():
        return
    for source, tasks in (("digits", ("simclr", "rotation")), ("intents", ("half_split", "mlm"))):
        data = wb.load(f"sample:{source}", home=home)
        for task in tasks:
            wb.pretrain(data, task=task, steps=_STEPS)


@contextmanager
def served(home: Path) -> Iterator[str]:
    """An app on ``home``; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ("app", "--no-browser", "--port", str(port), "--home", str(home))
    process = workbench(*command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/workbench/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait()


def settle(page: Page) -> None:
    """Wait until the page has stopped to change its height and no script runs."""
    heights: list[int] = []
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        page.wait_for_timeout(700)
        done = page.locator("[data-test-script-state=notRunning]").count()
        heights.append(_height(page) if done else -1)
        if len(heights) > 3 and len(set(heights[-4:])) == 1 and heights[-1] > 0:
            return


def _height(page: Page) -> int:
    main = "document.querySelector('[data-testid=stMain]')"
    return int(page.evaluate(f"{main} ? {main}.scrollHeight : 0"))


def picture(browser: Browser, url: str, to: Path, **how: Any) -> None:
    """One page at one width in one scheme."""
    context = browser.new_context(
        viewport={"width": how["width"], "height": 900}, color_scheme=how["scheme"]
    )
    page = context.new_page()
    page.goto(url)
    settle(page)
    page.set_viewport_size({"width": how["width"], "height": min(_TALLEST, _height(page) + 80)})
    settle(page)
    page.screenshot(path=str(to))
    context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--home", type=Path, default=Path(tempfile.gettempdir()) / "wb_pictures")
    parser.add_argument("--only", default="", help="names of pictures, with commas")
    parser.add_argument("--readme", action="store_true")
    given = parser.parse_args()
    given.to.mkdir(parents=True, exist_ok=True)
    make_runs(given.home)
    chosen = addresses(given.home)
    if given.only:
        chosen = {name: chosen[name] for name in given.only.split(",")}
    with served(given.home) as url, sync_playwright() as player:
        path = str(CHROMIUM) if CHROMIUM.exists() else None
        browser = player.chromium.launch(executable_path=path, args=FLAGS)
        for name, address in chosen.items():
            for width in WIDTHS:
                for scheme in SCHEMES:
                    to = given.to / f"{name}_{width}_{scheme}.png"
                    picture(browser, f"{url}/{address}", to, width=width, scheme=scheme)
                    print(to, flush=True)
            if given.readme and name in _README:
                _PICTURES.mkdir(exist_ok=True)
                to = given.to / f"{name}_1280_light.png"
                with Image.open(to) as whole:
                    part = whole.crop((0, 0, whole.width, min(whole.height, _README_HEIGHT)))
                    part.quantize(128).save(_PICTURES / f"{name}.png", optimize=True)
        browser.close()


if __name__ == "__main__":
    main()
