"""How long the Augment page takes from a changed slider to the new views.

    python benchmarks/augment_page.py [--home DIR] [--times N]

For digits, colour images of 32 x 32 pixels and short texts, each with a preset: the script with
the engine's answers alone (Streamlit's AppTest, no browser), and Chromium on the same machine from
the key that moves the slider to the first frame that holds other views. Everything is warm. Writes
the section ``augment page`` of RESULTS.md. Nothing here is a test: machines are shared and noisy.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from machine import describe
from pictures import CHROMIUM, FLAGS, served
from playwright.sync_api import Browser, Page, sync_playwright
from rows import put

# What is shown, its address, the operation whose slider is moved, and that slider.
CASES = (
    ("digits, 8 x 8, gray", {"data": "sample:digits", "augment": "simclr"}, "Area"),
    (
        "shapes, 32 x 32, colour",
        {"data": "sample:shapes", "size": "32", "augment": "simclr"},
        "Area",
    ),
    (
        "intents, texts",
        {"data": "sample:intents", "augment": "token_deletion~token_swap"},
        "Share of words",
    ),
)
_WATCH = """() => {
  window.taken = []
  const views = () => document.querySelector('.st-key-augment-views')?.innerHTML
  document.addEventListener('keydown', () => {
    const began = performance.now(), before = views()
    const look = () => {
      const now = views()
      if (now && now !== before) window.taken.push(performance.now() - began)
      else requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  }, true)
}"""


def script(home: Path, query: dict[str, str], label: str, times: int) -> list[float]:
    """Milliseconds of the page's script, with what it asks the engine, after a moved slider."""
    from streamlit.testing.v1 import AppTest

    import workbench
    from workbench import paths
    from workbench.app import settings

    settings.use(settings.AppSettings(home))
    entry = Path(workbench.__file__).with_name("app.py")
    app = AppTest.from_file(str(entry), default_timeout=120).run()
    for name, value in query.items():
        app.query_params[name] = value
    app = app.switch_page(str(paths.pages_dir() / "augment.py")).run()
    first = next(button for button in app.button if button.label == "Up")
    app.session_state[str(first.key).removesuffix("Up") + "open"] = True
    app.run()
    taken = []
    for turn in range(times + 1):
        slider = next(one for one in app.select_slider if one.label == label)
        low = float(slider.options[10 + turn])
        slider.set_value((low, 1.0) if isinstance(slider.value, tuple) else low)
        began = time.perf_counter()
        app.run()
        taken.append(1000 * (time.perf_counter() - began))
        assert not app.exception
    return taken[1:]


def chromium(browser: Browser, url: str, query: dict[str, str], times: int) -> list[float]:
    """Milliseconds from the key that moves the slider to the frame with other views."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(120_000)
    page.goto(f"{url}/augment?" + "&".join(f"{name}={value}" for name, value in query.items()))
    page.get_by_text("Cost a view").wait_for()
    step = page.locator(".st-key-augment-step-1")
    step.get_by_text("Options").click()
    slider = step.get_by_role("slider").first
    slider.wait_for()
    _rest(page)
    page.evaluate(_WATCH)
    slider.focus()
    for turn in range(times + 1):
        page.keyboard.press("ArrowRight")
        page.wait_for_function("count => window.taken.length >= count", arg=turn + 1)
        _rest(page)
    taken: list[float] = page.evaluate("window.taken")
    page.close()
    return taken[1:]


def _rest(page: Page) -> None:
    """Wait until no script runs: the rest of the page comes after the views."""
    page.wait_for_timeout(300)
    page.wait_for_selector("[data-test-script-state=notRunning]", state="attached")
    page.wait_for_timeout(300)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--home", type=Path)
    parser.add_argument("--times", type=int, default=11)
    given = parser.parse_args()
    home = given.home or Path(tempfile.mkdtemp())
    lines = [
        "| data | script and engine, median ms (slowest) | key to new views, median ms (slowest) |",
        "|---|---|---|",
    ]
    with served(home) as url, sync_playwright() as player:
        path = str(CHROMIUM) if CHROMIUM.exists() else None
        browser = player.chromium.launch(executable_path=path, args=FLAGS)
        for name, query, label in CASES:
            seen = chromium(browser, url, query, given.times)
            alone = script(home, query, label, given.times)
            cells = (f"{statistics.median(t):.0f} ({max(t):.0f})" for t in (alone, seen))
            lines.append(f"| {name} | {' | '.join(cells)} |")
            print(lines[-1], flush=True)
        browser.close()
    text = "\n".join(
        [
            "## From a slider to new views",
            "",
            f"`python benchmarks/augment_page.py`, {describe()}. {given.times} moves each; six "
            "images with four views each, or three texts with two. The script's time includes all "
            "that follows the views on the page: each operation apart, and the cost measured anew.",
            "",
            *lines,
        ]
    )
    put("augment page", text)


if __name__ == "__main__":
    main()
