"""The app as people use it: start a pilot, watch it, refresh, restart the server, compare."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlparse

import psutil
import pytest
from page_addresses import TITLES
from page_states import settled, too_wide
from playwright.sync_api import Page, expect

from workbench.store.store import Store

pytestmark = pytest.mark.browser
# A pilot with its start, training and scores, on a busy machine.
_PILOT_MS = 300_000


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def test_pilot_from_start_to_compare_through_refresh_and_restart(
    app: Any, open_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    requests: list[str] = []
    page = open_page(app.url, requests, stranger=True)
    # A first page of a server, on a busy machine.
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("pretext task teach a model", timeout=60_000)
    button(page, "Run this here").click()
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    expect(page.get_by_text("of this pilot have ended")).to_be_visible()
    expect(page.get_by_text("Training, about").first).to_be_visible(timeout=120_000)

    page.reload()
    expect(page.get_by_text("of this pilot have ended")).to_be_visible()
    app.restart()
    # The first request of this server is a deep link: the entry is run with the page.
    page.reload()
    expect(page.get_by_text("of this pilot have ended")).to_be_visible()
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Start", exact=True)).to_be_visible()

    store = Store.open(app.home)
    ids = [row.id for row in store.runs()]
    assert len(ids) == 4
    # The tab watches one run of 20 s to its end; the others are asked to stop.
    first = min(store.runs(), key=lambda row: row.created)
    for row in store.runs(states=("queued",)):
        store.request_stop(row.id)
    expect(page.get_by_text("Finished after").first).to_be_visible(timeout=_PILOT_MS)
    assert store.run(first.id).state == "finished"
    button(page, "Compare them").click()
    expect(page.get_by_role("heading", name="Compare", exact=True)).to_be_visible()
    # Twenty seconds may or may not be enough for a gain: either is said.
    said = re.compile("(above|below|no clear difference from) the untrained encoder")
    expect(page.get_by_text(said).first).to_be_visible()
    expect(page.locator("canvas").first).to_be_visible()

    hosts = {urlparse(url).hostname for url in requests if url.startswith(("http", "ws"))}
    assert hosts == {"127.0.0.1"}


def test_the_server_never_loads_what_trains(
    shared_app: Any, open_page: Callable[..., Page]
) -> None:
    """Nor is any page wider than the screen while nothing is chosen on it."""
    page = open_page(shared_app.url)
    wide = {}
    for name in TITLES.values():
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            settled(page)
            wide[name, width] = too_wide(page)
        expect(page.get_by_test_id("stException")).to_have_count(0)
    assert max(wide.values()) <= 1, wide
    loaded = [mapped.path for mapped in psutil.Process(shared_app.pid).memory_maps()]
    heavy = [path for path in loaded if any(f"/{name}/" in path for name in _HEAVY)]
    assert not heavy


_HEAVY = ("torch", "sklearn", "umap", "numba", "llvmlite", "datasets")


def test_a_name_is_asked_once_and_kept_in_this_browser(
    shared_app: Any, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared_app.url, stranger=True)
    button(page, "Your name").click()
    page.get_by_role("textbox", name="Name").fill("Ada")
    button(page, "Use this name").click()
    expect(button(page, "Ada")).to_be_visible()
    page.wait_for_timeout(1000)
    page.reload()
    expect(button(page, "Ada")).to_be_visible()
    other = open_page(shared_app.url, stranger=True)
    expect(button(other, "Your name")).to_be_visible()
