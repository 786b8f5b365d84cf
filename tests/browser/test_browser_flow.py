"""One current data set from page to page, the path box, own data from Start, and named clones."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from page_states import choose_option, settled
from playwright.sync_api import Locator, Page, expect

from workbench.store.store import Store

pytestmark = pytest.mark.browser
# The first request starts the engine, on a busy machine.
_PATIENCE_MS = 120_000


def menu(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()
    title = "What does a pretext task teach a model about your data?" if name == "Start" else name
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()


def sidebar(page: Page) -> Locator:
    return page.get_by_test_id("stSidebar")


def data_box(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Data", exact=True)


def table(folder: Path, name: str, rows: int) -> Path:
    path = folder / f"{name}.csv"
    lines = [
        f"{name} {n} river and stone {n},{'login' if n % 2 else 'refund'}" for n in range(rows)
    ]
    path.write_text("\n".join(["mail,topic", *lines]))
    return path


def test_one_data_set_through_menu_reload_back_and_two_tabs(
    own_app: Any, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{own_app.url}/data")
    page.get_by_role("radio", name="Drawn shapes").or_(
        page.get_by_role("button", name="Drawn shapes")
    ).first.click()
    expect(sidebar(page).get_by_text("Drawn shapes")).to_be_visible(timeout=_PATIENCE_MS)
    expect(sidebar(page).get_by_role("img", name="the first image of")).to_be_visible()
    menu(page, "Pretrain")
    expect(page).to_have_url(re.compile("data=sample%3Ashapes"), timeout=_PATIENCE_MS)
    menu(page, "Runs")
    page.reload()
    expect(sidebar(page).get_by_text("Drawn shapes")).to_be_visible()

    other = open_page(f"{own_app.url}/pretrain?data=sample:digits")
    expect(sidebar(other).get_by_text("Handwritten digits")).to_be_visible(timeout=_PATIENCE_MS)
    menu(page, "Augment")
    expect(page).to_have_url(re.compile("data=sample%3Ashapes"))
    menu(page, "Runs")
    expect(sidebar(page).get_by_text("Drawn shapes")).to_be_visible()
    menu(other, "Compare")
    expect(sidebar(other).get_by_text("Handwritten digits")).to_be_visible()
    # The runs here are on digits: the tab on shapes says so.
    menu(page, "Inspect")
    expect(page.get_by_text("No run on Drawn shapes is here yet.")).to_be_visible()
    sidebar(page).get_by_role("link", name="Change").click()
    expect(page.get_by_role("heading", name="Data", exact=True)).to_be_visible()
    # It led here: as a second link to the open page, it would be marked beside the menu's.
    expect(sidebar(page).get_by_role("link", name="Change")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_back_leaves_a_page_that_the_menu_opened(
    own_app: Any, open_page: Callable[..., Page]
) -> None:
    page = open_page(own_app.url)
    for name in ("Data", "Augment", "Pretrain"):
        menu(page, name)
        expect(page).to_have_url(re.compile(f"{name.lower()}.data="), timeout=_PATIENCE_MS)
        settled(page)
        current = page.locator("[aria-current=page]")
        expect(current).to_have_text(name)
        page.go_back()
        expect(page.get_by_text("What does a pretext task teach").first).to_be_visible()
        settled(page)
        expect(current).to_have_text("Start")
    # What was composed is in the menu's link, and Back from it is Start, too.
    page.goto(f"{own_app.url}/augment?data=sample:shapes&augment=gaussian_noise")
    expect(page.get_by_test_id("stCheckbox").get_by_text("1. Noise")).to_be_visible(
        timeout=_PATIENCE_MS
    )
    menu(page, "Start")
    menu(page, "Augment")
    expect(page.get_by_test_id("stCheckbox").get_by_text("1. Noise")).to_be_visible()
    settled(page)
    page.go_back()
    expect(page.get_by_text("What does a pretext task teach").first).to_be_visible()


def test_on_a_phone_the_menu_closes_and_training_starts_without_scrolling(
    own_app: Any, open_page: Callable[..., Page]
) -> None:
    page = open_page("about:blank")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(own_app.url)
    page.get_by_test_id("stExpandSidebarButton").click()
    link = page.get_by_role("link", name="Learn", exact=True)
    link.click()
    expect(page.get_by_role("heading", name="Learn", exact=True)).to_be_visible()
    expect(link).not_to_be_in_viewport()
    page.goto(f"{own_app.url}/pretrain?data=sample:digits")
    # The button waits at the lower edge, without scrolling.
    start = page.get_by_role("button", name="Start training")
    expect(start).to_be_in_viewport(ratio=1, timeout=_PATIENCE_MS)
    expect(page.get_by_text("SimCLR, 60 s", exact=True)).to_be_in_viewport()


def test_the_path_box_keeps_every_edit(
    own_app: Any, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    page = open_page(f"{own_app.url}/data?source=Path+on+this+machine")
    box = page.get_by_role("textbox", name="Folder or file")
    for name, rows in (("one", 60), ("two", 70), ("three", 80), ("four", 90)):
        path = str(table(tmp_path, name, rows))
        box.fill(path)
        box.press("Enter")
        expect(page.get_by_text(f"{rows} texts")).to_be_visible(timeout=_PATIENCE_MS)
        expect(box).to_have_value(path)
    page.go_back()
    expect(page.get_by_text("80 texts")).to_be_visible()
    expect(box).to_have_value(str(tmp_path / "three.csv"))


def test_changed_data_get_a_task_and_augmentations_that_fit(
    own_app: Any, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    mails = table(tmp_path, "mails", 60)
    page = open_page(f"{own_app.url}/pretrain?data={mails}&tasks=simclr")
    expect(page.get_by_text("is chosen instead.")).to_be_visible(timeout=_PATIENCE_MS)
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()

    page = open_page(f"{own_app.url}/augment?data=sample:shapes&augment=gaussian_noise")
    expect(page.get_by_test_id("stCheckbox").get_by_text("1. Noise")).to_be_visible(
        timeout=_PATIENCE_MS
    )
    choose_option(page, "Data", "Handwritten digits")
    expect(page.get_by_test_id("stCheckbox").get_by_text("2. ")).to_be_visible(timeout=_PATIENCE_MS)
    page.get_by_role("button", name="Use what you composed for Drawn shapes").click()
    expect(page.get_by_test_id("stCheckbox").get_by_text("1. Noise")).to_be_visible()
    # A second choice at once is not lost.
    choose_option(page, "Data", "Drawn shapes")
    expect(page).to_have_url(re.compile("data=sample%3Ashapes"))
    choose_option(page, "Data", "Handwritten digits")
    expect(page).to_have_url(re.compile("data=sample%3Adigits"))


def test_own_data_from_start_open_the_upload(own_app: Any, open_page: Callable[..., Page]) -> None:
    page = open_page(own_app.url)
    page.get_by_role("button", name="Use my images or texts").click()
    expect(page.get_by_role("heading", name="Data", exact=True)).to_be_visible()
    expect(page.get_by_test_id("stFileUploader")).to_be_visible()
    expect(page.get_by_text("Training images")).to_have_count(0)


def test_a_clone_is_named_by_its_change_and_back_keeps_the_data(
    own_app: Any, open_page: Callable[..., Page]
) -> None:
    store = Store.open(own_app.home)
    row = next(row for row in store.runs() if row.config["task"] == "simclr")
    page = open_page(f"{own_app.url}/pretrain?clone={row.id}")
    steps = page.get_by_role("spinbutton", name="Training steps")
    expect(steps).to_be_visible(timeout=_PATIENCE_MS)
    steps.fill("2")
    steps.press("Enter")
    expect(page).to_have_url(re.compile("steps=2(&|$)"))
    settled(page)
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    expect(page.get_by_text("SimCLR, 2 steps (seed 0)").first).to_be_visible()
    new = next(one for one in store.runs() if one.name == "SimCLR, 2 steps (seed 0)")
    store.request_stop(new.id)
    page.go_back()
    expect(page.get_by_role("heading", name="Pretrain", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("data=sample%3Adigits"))
    expect(sidebar(page).get_by_text("Handwritten digits")).to_be_visible()

    page.goto(f"{own_app.url}/compare?runs={row.id},{new.id}&details=Training&differences=true")
    differences = page.get_by_test_id("stDataFrame").last
    expect(differences).to_be_visible(timeout=_PATIENCE_MS)
    expect(page.get_by_text("What differs between the runs")).to_be_visible()
