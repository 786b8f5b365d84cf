"""Pretrain and Runs as people use them: two cards are chosen and started; a run gets a name and a
tag, is found by it, and is deleted only after asking; a run is stopped and resumed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from page_states import choose_option
from playwright.sync_api import Locator, Page, expect

import workbench as wb
from workbench.store.store import Store

pytestmark = pytest.mark.browser
_MS = 120_000


def button(page: Page | Locator, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def stop_button(page: Page) -> Any:
    """The run's own: while a page is being drawn, Streamlit has a 'Stop' too, in the header."""
    return button(page.get_by_test_id("stMain"), "Stop")


def test_two_cards_are_chosen_by_keyboard_and_started(
    own_app: Any, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{own_app.url}/pretrain?data=sample:digits&steps=2")
    first = page.get_by_role("checkbox", name="SimCLR", exact=True)
    expect(first).to_be_checked()
    # The picture of what the model sees fills in by itself.
    expect(page.get_by_alt_text("original (original)").first).to_be_visible(timeout=_MS)
    box = page.get_by_role("checkbox", name="Rotation", exact=True)
    box.focus()
    page.keyboard.press("Space")
    expect(button(page, "Start the pilot (2 runs)")).to_be_visible()
    page.wait_for_url(lambda url: "rotation" in url)
    page.reload()
    expect(page.get_by_role("checkbox", name="Rotation", exact=True)).to_be_checked()
    before = {row.id for row in Store.open(own_app.home).runs()}
    button(page, "Start the pilot (2 runs)").click()
    expect(page.get_by_text("runs of this pilot have ended")).to_be_visible()
    expect(page.get_by_text("Rotation (seed 0)").first).to_be_visible()
    rows = [row for row in Store.open(own_app.home).runs() if row.id not in before]
    assert sorted(row.config["task"] for row in rows) == ["rotation", "simclr"]
    assert len({row.experiment for row in rows}) == 1
    # Its cards are drawn anew by themselves, to the end.
    expect(page.get_by_text("2 of 2 runs of this pilot have ended")).to_be_visible(timeout=_MS)
    expect(page.get_by_text("Finished after").first).to_be_visible()


def test_a_run_is_named_tagged_found_and_deleted_after_asking(
    own_app: Any, open_page: Callable[..., Page]
) -> None:
    store = Store.open(own_app.home)
    like = store.runs(states=("finished",))[-1]
    run_id = store.add_run(like.config, digest="d")
    store.update(run_id, state="stopped", started=1.0, ended=2.0)
    page = open_page(f"{own_app.url}/runs?run={run_id}")
    button(page, "Name and tags").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("a curious run")
    page.get_by_role("textbox", name="Tags").fill("thesis")
    button(page, "Save").click()
    expect(page.get_by_role("heading", name="a curious run")).to_be_visible()
    assert store.run(run_id).tags == ("thesis",)

    button(page, "All runs").click()
    cards = page.get_by_role("checkbox", name="Choose")
    expect(page.get_by_text("SimCLR (seed 0)").first).to_be_visible()
    button(page, "Filter").click()
    choose_option(page, "Tag", "thesis")
    expect(cards).to_have_count(1)
    assert "tag=thesis" in page.url
    page.reload()
    expect(cards).to_have_count(1)
    expect(page.get_by_role("heading", name="a curious run")).to_be_visible()

    button(page, "Open").click()
    button(page, "Delete").click()
    expect(page.get_by_text("removed for good")).to_be_visible()
    assert store.find(run_id) is not None, "it only asks so far"
    button(page, "Delete this run").click()
    expect(page.get_by_role("heading", name="a curious run")).to_have_count(0)
    assert store.find(run_id) is None
    # With its last run the tag has gone, and with the tag the filter.
    expect(cards).to_have_count(len(store.runs()))


def test_stop_and_resume_from_the_page(own_app: Any, open_page: Callable[..., Page]) -> None:
    data = wb.load("sample:digits", home=own_app.home)
    run = wb.pretrain(data, task="simclr", seconds=120, wait=False)
    page = open_page(f"{own_app.url}/runs?run={run.id}")
    expect(page.get_by_text("Training, about").first).to_be_visible(timeout=_MS)
    stop_button(page).click()
    expect(page.get_by_text("Stopped after").first).to_be_visible(timeout=_MS)
    button(page, "Resume").click()
    expect(page.get_by_text("Training, about").first).to_be_visible(timeout=_MS)
    stop_button(page).click()
    expect(page.get_by_text("Stopped after").first).to_be_visible(timeout=_MS)
    assert "Resumed at step" in " ".join(Store.open(own_app.home).run(run.id).summary["notes"])


def test_a_pilots_progress_stays_in_view_and_nobody_is_moved_as_its_runs_end(
    own_app: Any, open_page: Callable[..., Page]
) -> None:
    store = Store.open(own_app.home)
    like = store.runs(states=("finished",))[-1]
    ids = [store.add_run(like.config, digest="d", experiment="pilot-scrolled") for _ in range(3)]
    for run_id in ids:
        store.update(run_id, state="running", started=time.time())
    page = open_page(f"{own_app.url}/runs?experiment=pilot-scrolled")
    page.set_viewport_size({"width": 390, "height": 844})
    progress = page.get_by_text("runs of this pilot have ended")
    expect(page.get_by_role("checkbox", name="Choose")).to_have_count(3)
    expect(progress).to_be_in_viewport()
    main = page.get_by_test_id("stMain")
    page.get_by_role("checkbox", name="Choose").last.scroll_into_view_if_needed()
    before = main.evaluate(
        """main => {
            window.least = main.scrollTop
            const look = () => {
                window.least = Math.min(window.least, main.scrollTop)
                requestAnimationFrame(look)
            }
            look()
            return main.scrollTop
        }"""
    )
    assert before > 300
    expect(progress).to_be_in_viewport()
    for run_id in ids:
        store.update(run_id, state="finished", ended=time.time())
    expect(page.get_by_text("Finished after").nth(2)).to_be_visible()
    expect(button(page, "Compare them")).to_be_in_viewport()
    assert page.evaluate("window.least") > before - 100, "the page jumped"
    for run_id in ids:
        store.delete_run(run_id)
