"""Inspect as people use it: scrub through training, click a point, see its neighbours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from workbench.data.thumbnails import thumbnails
from workbench.plots import sheets
from workbench.store.store import Store
from workbench.stored_runs import check_maps, neighbours
from workbench.stored_runs.stored_run import StoredRun
from workbench.training.check_sample import rows as check_rows

pytestmark = pytest.mark.browser
# Pixels round the points of a map that fits (views.js).
MARGIN = 24


def test_scrub_then_click_a_point_and_its_own_neighbours_appear(
    shared_app: Any, open_page: Callable[..., Page]
) -> None:
    home = shared_app.home
    row = next(row for row in Store.open(home).runs() if row.config["task"] == "simclr")
    page = open_page(f"{shared_app.url}/inspect?run={row.id}")
    slider = page.get_by_role("slider")
    expect(slider).to_be_visible(timeout=120_000)
    expect(page.get_by_text("step 12", exact=True)).to_be_visible()

    slider.focus()
    slider.press("Home")
    expect(page.get_by_text("step 0", exact=True)).to_be_visible()
    page.wait_for_url("**step=0*")

    # Where a point lies follows from the maps that the engine made, and from the frame.
    run = StoredRun(home, row)
    maps = check_maps.of_run(run, "h")
    canvas = page.locator("canvas").first
    box = canvas.bounding_box()
    assert box is not None
    xy = maps.xy[0]
    far = int(np.linalg.norm(xy - xy.mean(axis=0), axis=1).argmax())
    x, y = _on_screen(maps.xy, xy[far], box)
    page.mouse.move(x, y)
    page.mouse.click(x, y)

    data = run.samples
    assert data is not None
    sample = int(check_rows(data.info, maps.xy.shape[1])[far])
    field = page.get_by_role("spinbutton", name="Number of the image")
    expect(field).to_have_value(str(sample), timeout=60_000)
    expect(page.get_by_text(f"{data.ids[sample]}, validation")).to_be_visible()
    near = neighbours.read(run).nearest(sample, 8)
    wanted = np.concatenate([[sample], *(one.rows for one in near)])
    expected = [
        sheets.picture(one, "").split('"')[1]
        for one in thumbnails(data, wanted, side=min(64, max(data.info.size or (1,))))
    ]
    shown = page.locator('img[alt="the sample"], img[alt^="neighbour"]')
    expect(shown).to_have_count(len(expected))
    assert [one.get_attribute("src") for one in shown.all()] == expected
    page.wait_for_url(f"**sample={sample}*")


def _on_screen(frames: Any, point: Any, box: Any) -> tuple[float, float]:
    """Where a point lies: all frames fit into the map with a margin, one scale for both axes."""
    low, high = frames.min(axis=(0, 1)), frames.max(axis=(0, 1))
    room = np.array([box["width"], box["height"]]) - 2 * MARGIN
    right, up = (point - (low + high) / 2) * (room / (high - low)).min()
    return box["x"] + box["width"] / 2 + right, box["y"] + box["height"] / 2 - up
