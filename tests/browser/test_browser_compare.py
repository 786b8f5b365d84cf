"""The Compare page in Chromium: name what a box encloses, and find what moved on the map."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, expect

from workbench import paths
from workbench.evaluation import run_files
from workbench.store import named_groups
from workbench.store.named_groups import NamedGroup
from workbench.store.owners import Viewer
from workbench.store.store import Store
from workbench.stored_runs import feature_spaces, stored_run
from workbench.stored_runs.stored_run import StoredRun

sys.path.insert(0, str(Path(__file__).parents[1] / "app"))
from drawn_runs import dataset, draw, features

pytestmark = pytest.mark.browser
MOVED = 20


@pytest.fixture
def pair(own_app: Any) -> tuple[str, np.ndarray]:
    """The address of two runs whose maps have the digits below five at the left, and these ids;
    between the runs the first twenty samples moved, and no others."""
    data = dataset(own_app.home)
    store, fingerprint = Store.open(own_app.home), data.info.fingerprint
    for one in named_groups.groups_of(store, fingerprint):
        named_groups.delete(store, fingerprint, one.name, viewer=Viewer(local=True))
    h = features(data)
    moved = h.copy()
    moved[:MOVED] = -moved[:MOVED]
    runs = [draw(own_app.home, data, "simclr", h=h), draw(own_app.home, data, "rotation", h=moved)]
    rows = feature_spaces.mapped_rows(stored_run.get(own_app.home, runs[0]))
    assert data.info.label is not None
    left = data.target(data.info.label.name)[rows] < 5
    rng = np.random.default_rng(0)
    for run in runs:
        xy = rng.uniform(-1, 1, (len(rows), 2)) + np.where(left, -10, 10)[:, None] * [1, 0]
        path = paths.run_dir(own_app.home, run) / "map_umap.parquet"
        run_files.write_map(path, rows, xy, ["train"] * len(rows))
    return f"{own_app.url}/compare?runs={','.join(runs)}", rows[left]


def group(own_app: Any, name: str) -> NamedGroup:
    found = named_groups.groups_of(Store.open(own_app.home), dataset(own_app.home).info.fingerprint)
    (one,) = [group for group in found if group.name == name]
    return one


def give_name(page: Page, name: str) -> None:
    page.get_by_label("Name this group").fill(name)
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_text(f"'{name}' is kept")).to_be_visible()


def test_a_box_is_named_coloured_by_and_exported(
    own_app: Any, open_page: Callable[..., Page], pair: tuple[str, np.ndarray]
) -> None:
    address, left = pair
    page = open_page(f"{address}&groups=true")
    # The first page of a server imports what all later ones find imported.
    expect(page.get_by_text("There are no named groups")).to_be_visible(timeout=60_000)
    page.set_viewport_size({"width": 1280, "height": 1600})
    page.get_by_role("radio", name="Box", exact=True).click()
    box = page.get_by_role("application").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 3, box["y"] + 3)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 3, steps=4)
    page.mouse.up()
    expect(page.get_by_text(f"{len(left)} samples selected")).to_be_visible()
    give_name(page, "small digits")
    assert group(own_app, "small digits").rows == tuple(left.tolist())

    page.get_by_label("Colour by").select_option("named groups")
    expect(page).to_have_url(re.compile("colour=named"))
    with page.expect_download() as started:
        page.get_by_role("button", name="Download groups").click()
    table = pq.read_table(pa.BufferReader(Path(started.value.path()).read_bytes()))
    named = np.array(table["group"].to_pylist()) == "small digits"
    assert table["row"].to_numpy()[named].tolist() == left.tolist()
    assert set(table["group"].to_pylist()) == {"small digits", "rest"}


def test_what_moved_is_selected_on_the_map(
    own_app: Any, open_page: Callable[..., Page], pair: tuple[str, np.ndarray]
) -> None:
    address, _ = pair
    page = open_page(f"{address}&pair=true")
    page.get_by_role("button", name=f"Select the {MOVED} most moved on the map").click()
    # What the map itself says, in the browser.
    expect(page.get_by_text(f"{MOVED} of 1,078 selected")).to_be_visible()
    expect(page.get_by_text(f"{MOVED} samples selected")).to_be_visible()
    give_name(page, "movers")
    rows = feature_spaces.mapped_rows(StoredRun(own_app.home, Store.open(own_app.home).runs()[0]))
    assert group(own_app, "movers").rows == tuple(rows[:MOVED].tolist())
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.get_by_text("Draw a lasso around points")).to_be_visible()


def test_four_runs_take_three_screens_before_a_tab(
    own_app: Any, open_page: Callable[..., Page]
) -> None:
    data = dataset(own_app.home)
    tasks = ("simclr", "rotation", "vicreg", "byol")
    runs = ",".join(draw(own_app.home, data, task) for task in tasks)
    page = open_page(f"{own_app.url}/compare?runs={runs}")
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.get_by_role("application")).to_have_count(len(tasks))
    tabs = page.get_by_test_id("stTabs").first
    expect(tabs).to_be_visible()
    page.locator("[data-test-script-state=notRunning]").wait_for()
    page.wait_for_function(
        """() => {
            const main = document.querySelector("[data-testid=stMain]");
            const tabs = document.querySelector("[data-testid=stTabs]").getBoundingClientRect();
            return main.scrollHeight <= 3 * 800 && tabs.top + main.scrollTop < main.scrollHeight;
        }"""
    )


def test_the_first_screen_links_to_the_decision(
    own_app: Any, open_page: Callable[..., Page]
) -> None:
    data = dataset(own_app.home)
    runs = [draw(own_app.home, data, task) for task in ("simclr", "rotation")]
    for width, height in ((1280, 800), (390, 844)):
        page = open_page(f"{own_app.url}/compare?runs={','.join(runs)}")
        page.set_viewport_size({"width": width, "height": height})
        link = page.get_by_role("link", name="Next: add seeds (4 runs")
        page.locator("[data-test-script-state=notRunning]").wait_for()
        expect(link).to_be_in_viewport(ratio=1)
        start = page.get_by_role("button", name="Start them")
        expect(start).not_to_be_in_viewport()
        link.click()
        expect(start).to_be_in_viewport(ratio=1)


def test_a_phone_shows_the_whole_table_as_a_list(
    own_app: Any, open_page: Callable[..., Page]
) -> None:
    data = dataset(own_app.home)
    runs = [draw(own_app.home, data, task) for task in ("simclr", "rotation")]
    page = open_page(f"{own_app.url}/compare?runs={','.join(runs)}")
    page.set_viewport_size({"width": 390, "height": 844})
    table = page.locator(".st-key-compare-overview table")
    expect(table.locator("tbody tr")).to_have_count(2)
    lost, titles, shown = table.evaluate(
        """table => [
            [...table.querySelectorAll("td")].filter(
                cell => cell.getBoundingClientRect().right > innerWidth).length,
            [...table.querySelectorAll("thead th")].slice(1).map(cell => cell.innerText.trim()
                || cell.textContent.trim()),
            [...table.querySelector("tbody tr").querySelectorAll("td")].map(
                cell => getComputedStyle(cell, "::before").content.replaceAll('"', "")),
        ]"""
    )
    assert lost == 0, "a cell is cut at the right"
    assert [title for title in shown if title != "none"] == titles
