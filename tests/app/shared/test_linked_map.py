"""The linked map on a page: its Python side, and the whole of it in a real browser."""

from __future__ import annotations

import io
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from app_process import free_port
from PIL import Image
from streamlit.testing.v1 import AppTest

SCRIPT = """
import numpy as np
import streamlit as st
from workbench.app.shared.linked_map import Colouring, MapPanel, linked_map, sheet_of

rng = np.random.default_rng(0)
labels = np.repeat([0, 1], 50)
rows = np.arange(100) * 2 + 1
left = np.stack([labels * 10.0, np.zeros(100)], 1) + rng.uniform(-1, 1, (100, 2))
right = rng.uniform(-1, 1, (90, 2))
sheet = sheet_of(rng.integers(0, 255, (100, 8, 8, 3)).astype(np.uint8))
# No map has its points in the order of the samples, nor in that of the other map.
draw = np.random.default_rng(1)
first, second = draw.permutation(100), draw.permutation(100)[:90]
panels = [
    MapPanel("First", left[first], rows[first], "passed"), MapPanel("Second", right, rows[second])
]
looks = [Colouring("animal", labels, ["cats", "dogs"]), Colouring("place", np.arange(100) / 10)]
st.session_state.setdefault("names", [])
if st.toggle("Maps", value=True):
    colour = st.query_params.get("colour")
    found = linked_map(
        panels, looks, sheet, rows=rows, colour=colour, nameable=True, renderer="webgl", key="map"
    )
    st.query_params["colour"] = found.colour
    if found.named:
        st.session_state.names.append(f"{found.named}: {len(found.rows)}")
    st.text(f"selected {len(found.rows)} focus {found.focus} sum {int(found.rows.sum())}")
    st.caption(f"colour {found.colour}, ids {found.rows.tolist()}")
    st.caption(f"names {st.session_state.names}")
"""


def test_mounts_and_returns_an_empty_selection() -> None:
    app = AppTest.from_string(SCRIPT, default_timeout=30).run()
    assert not app.exception
    assert app.text[0].value == "selected 0 focus None sum 0"
    assert len(app.get("bidi_component")) == 1


def test_importing_it_leaves_torch_alone() -> None:
    code = (
        "import sys, workbench.app.shared.linked_map; "
        "sys.exit(bool({'torch', 'sklearn', 'umap', 'datasets'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The script above, served; its address."""
    script = tmp_path_factory.mktemp("app") / "page.py"
    script.write_text(SCRIPT, "utf-8")
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    options = {
        "server.port": port,
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "browser.gatherUsageStats": "false",
        "server.fileWatcherType": "none",
    }
    command += [f"--{name}={value}" for name, value in options.items()]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(150):
            try:
                with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                    break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def context(browser: Any) -> Iterator[Any]:
    """A browser that keeps the files of the app from test to test."""
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    yield made
    made.close()


@pytest.fixture
def page(server: str, context: Any) -> Iterator[Any]:
    """The page, drawn; it fails the test on a script error or a request to another host."""
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("request", lambda request: _own(request.url, server, errors))
    opened.goto(server)
    opened.get_by_text("selected 0").wait_for(timeout=30_000)
    opened.locator("canvas.top").nth(1).wait_for()
    opened.wait_for_timeout(300)
    yield opened
    opened.close()
    assert not errors


def _own(url: str, server: str, errors: list[str]) -> None:
    local = (server, server.replace("http", "ws", 1), "data:", "blob:")
    if not url.startswith(local):
        errors.append(f"asked {url}")


def _drag(page: Any, panel: int, corners: list[tuple[float, float]]) -> None:
    box = page.locator("canvas.top").nth(panel).bounding_box()
    places = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in corners]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=5)
    page.mouse.up()


def _said(page: Any) -> str:
    return str(page.locator('[data-testid="stText"]').inner_text())


def _inside(path: npt.NDArray[Any], points: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Which points lie inside a closed path: those that its sides wind around."""
    from_, to = path - points[:, None], np.roll(path, -1, axis=0) - points[:, None]
    cross = from_[..., 0] * to[..., 1] - from_[..., 1] * to[..., 0]
    turns = np.arctan2(cross, (from_ * to).sum(axis=-1)).sum(axis=1)
    return np.asarray(np.abs(turns) > np.pi)


def _shot(page: Any, panel: int) -> npt.NDArray[np.uint8]:
    """A panel as it is seen, without the stage's border."""
    picture = Image.open(io.BytesIO(page.locator(".stage").nth(panel).screenshot()))
    return np.asarray(picture.convert("RGB"))[3:-3, 3:-3]


def _ink(page: Any, panel: int) -> int:
    """Number of pixels that are clearly no background."""
    return int((_shot(page, panel).astype(int).min(axis=2) < 140).sum())


@pytest.mark.browser
def test_a_lasso_on_one_map_selects_in_python(page: Any) -> None:
    page.get_by_role("radio", name="Lasso").click()
    _drag(page, 0, [(0.02, 0.02), (0.5, 0.02), (0.5, 0.98), (0.02, 0.98)])
    page.get_by_text("selected 50").wait_for()
    assert _said(page) == f"selected 50 focus None sum {sum(range(1, 101, 2))}"
    assert page.get_by_text("50 of 100 selected").is_visible()
    page.get_by_role("button", name="Clear").click()
    page.get_by_text("selected 0").wait_for()


@pytest.mark.browser
def test_a_box_on_the_other_map_selects_what_it_holds(page: Any) -> None:
    page.get_by_role("radio", name="Box").click()
    _drag(page, 1, [(0.01, 0.01), (0.99, 0.99)])
    page.get_by_text("selected 90").wait_for()


@pytest.mark.browser
def test_hovering_shows_the_sample_in_every_map(page: Any) -> None:
    before = [_shot(page, panel) for panel in (0, 1)]
    # Every sample of the second map is on the first one, too.
    page.locator("canvas.top").nth(1).focus()
    page.keyboard.press("ArrowRight")
    card = page.locator(".card")
    card.wait_for()
    assert any(name in card.inner_text() for name in ("cats", "dogs"))
    assert "data:image" in card.locator(".picture").get_attribute("style")
    page.wait_for_timeout(100)
    for panel in (0, 1):
        assert (_shot(page, panel) != before[panel]).any()
    assert "sample" in page.locator(".spoken").text_content()


@pytest.mark.browser
def test_keys_go_from_point_to_point_and_pick_one(page: Any) -> None:
    page.locator("canvas.top").nth(1).focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    page.get_by_text("focus None").wait_for(state="detached")
    spoken = page.locator(".spoken").text_content()
    focus = int(_said(page).split("focus ")[1].split()[0])
    assert spoken.endswith(f"sample {focus}")
    page.keyboard.press("Escape")
    page.get_by_text("focus None").wait_for()


@pytest.mark.browser
def test_a_click_in_the_legend_isolates_a_class(page: Any) -> None:
    before = _ink(page, 0)
    button = page.get_by_role("button", name="cats")
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    page.wait_for_timeout(100)
    assert _ink(page, 0) < 0.7 * before
    page.get_by_role("radio", name="Box").click()
    _drag(page, 0, [(0.01, 0.01), (0.99, 0.99)])
    page.get_by_text("selected 50").wait_for()
    button.click()
    assert button.get_attribute("aria-pressed") == "false"


@pytest.mark.browser
def test_zoom_moves_points_and_reset_brings_them_back(page: Any) -> None:
    page.locator("canvas.top").nth(0).focus()
    page.wait_for_timeout(200)
    first = _shot(page, 0)
    page.keyboard.press("+")
    page.wait_for_timeout(200)
    assert (_shot(page, 0) != first).mean() > 0.01
    page.keyboard.press("0")
    page.wait_for_timeout(200)
    assert (_shot(page, 0) == first).all()


@pytest.mark.browser
def test_the_lasso_holds_what_python_finds_inside_it_and_shift_adds(page: Any) -> None:
    page.get_by_role("radio", name="Lasso").click()
    corners = [(0.1, 0.2), (0.9, 0.35), (0.6, 0.9), (0.45, 0.5), (0.15, 0.8)]
    _drag(page, 1, corners)
    page.get_by_text("selected 0").wait_for(state="detached")
    stage = page.locator("canvas.top").nth(1).bounding_box()
    size = np.array([stage["width"], stage["height"]])
    draw = np.random.default_rng(1)
    draw.permutation(100)
    rows = (np.arange(100) * 2 + 1)[draw.permutation(100)[:90]]
    rng = np.random.default_rng(0)
    rng.uniform(-1, 1, (100, 2))
    xy = rng.uniform(-1, 1, (90, 2))
    low, high = xy.min(axis=0), xy.max(axis=0)
    scale = ((size - 48) / (high - low)).min()
    seen = size / 2 + (xy - (low + high) / 2) * scale * [1, -1]
    found = _inside(np.array(corners) * size, seen)
    assert 10 < found.sum() < 80
    page.get_by_text(f"ids {sorted(rows[found].tolist())}").wait_for()
    page.get_by_role("radio", name="Box").click()
    page.keyboard.down("Shift")
    _drag(page, 1, [(0.01, 0.01), (0.5, 0.99)])
    page.keyboard.up("Shift")
    both = found | (seen[:, 0] < 0.5 * size[0])
    page.get_by_text(f"ids {sorted(rows[both].tolist())}").wait_for()


@pytest.mark.browser
def test_the_colour_in_use_comes_to_python_and_stays(page: Any) -> None:
    choice = page.get_by_label("Colour by")
    assert choice.input_value() == "animal"
    choice.select_option("place")
    page.get_by_text("colour place").wait_for()
    page.wait_for_url("**colour=place**")
    page.get_by_role("radio", name="Box").click()
    _drag(page, 1, [(0.01, 0.01), (0.99, 0.99)])
    page.get_by_text("selected 90").wait_for()
    assert choice.input_value() == "place"
    choice.select_option("animal")
    page.get_by_text("colour animal").wait_for()


@pytest.mark.browser
def test_a_selection_is_named_once(page: Any) -> None:
    field = page.get_by_label("Name this group")
    assert field.is_hidden()
    page.get_by_role("radio", name="Box").click()
    _drag(page, 1, [(0.01, 0.01), (0.99, 0.99)])
    page.get_by_text("selected 90").wait_for()
    field.fill("all but ten")
    field.press("Enter")
    page.get_by_text("names ['all but ten: 90']").wait_for()
    page.get_by_role("button", name="Clear").click()
    page.get_by_text("selected 0").wait_for()
    assert page.get_by_text("names ['all but ten: 90']").is_visible()
    assert field.is_hidden()


@pytest.mark.browser
def test_what_is_taken_away_gives_its_contexts_back(page: Any) -> None:
    kept = "() => globalThis[Symbol.for('workbench.linked-map.contexts')].size"
    assert page.evaluate(kept) == 2
    page.get_by_text("Maps", exact=True).click()
    page.locator("canvas.top").first.wait_for(state="detached")
    assert page.evaluate(kept) == 0
    page.get_by_text("Maps", exact=True).click()
    page.locator("canvas.top").first.wait_for()
    assert page.evaluate(kept) == 2


@pytest.mark.browser
def test_maps_stand_side_by_side_or_below_each_other(page: Any) -> None:
    def tops() -> list[float]:
        return [page.locator("canvas.top").nth(i).bounding_box()["y"] for i in range(2)]

    assert tops()[0] == pytest.approx(tops()[1], abs=1)
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(300)
    first, second = tops()
    assert second > first + 200
    wide = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate(wide)


@pytest.mark.browser
def test_each_map_has_a_name_for_screen_readers(page: Any) -> None:
    for name in ("First", "Second"):
        label = page.locator(f'canvas.top[aria-label^="{name}"]').get_attribute("aria-label")
        assert "Arrow keys" in label
