"""The Augment page as people use it: add, slide, reorder; and its link shows the same elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
_START = "/augment?data=sample:digits&augment=random_resized_crop~gaussian_noise"


def pictures(page: Page) -> list[str]:
    """All pictures of the page, in order."""
    found = page.locator("img[alt*='image ']")
    expect(found.first).to_be_visible(timeout=90_000)
    sources: list[str] = found.evaluate_all("all => all.map(one => one.src)")
    return sources


def address(page: Page) -> str:
    """The policy in the address."""
    said: str = page.evaluate("new URLSearchParams(location.search).get('augment')")
    return said


def until_address(page: Page, expected: str) -> None:
    page.wait_for_function(
        "text => new URLSearchParams(location.search).get('augment') === text", arg=expected
    )


def test_adding_sliding_and_reordering_make_a_link_that_shows_the_same(
    shared_app: Any, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared_app.url + _START)
    first = pictures(page)

    page.get_by_text("Add an operation").click()
    page.get_by_role("button", name="Mirror left and right").click()
    page.keyboard.press("Escape")
    until_address(page, "random_resized_crop~gaussian_noise~horizontal_flip")
    expect(page.get_by_text("are taken for characters").first).to_be_visible()

    noise = page.locator(".st-key-augment-step-2")
    noise.get_by_text("Options").click()
    upper = noise.get_by_role("slider").nth(1)
    upper.focus()
    # Faster than the page answers: no press may be lost, nor the slider lose its focus.
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    until_address(page, "random_resized_crop~gaussian_noise sigma-0..0.15~horizontal_flip")
    expect(noise.get_by_role("textbox", name="Strength, exact")).to_have_value("0, 0.15")
    exact = noise.get_by_role("textbox", name="Strength, exact")
    exact.fill("0.2, 0.4567")
    exact.press("Enter")
    until_address(page, "random_resized_crop~gaussian_noise sigma-0.2..0.4567~horizontal_flip")

    page.locator(".st-key-augment-step-3").get_by_role("button", name="Up").click()
    last = "random_resized_crop~horizontal_flip~gaussian_noise sigma-0.2..0.4567"
    until_address(page, last)
    expect(page.get_by_text("3. Noise").first).to_be_visible()
    page.get_by_text("The same from a shell").click()
    expect(page.get_by_test_id("stCode")).to_contain_text("gaussian_noise.sigma=0.2,0.4567")
    expect(page.get_by_text("Cost a view")).to_be_visible()
    shown = pictures(page)
    assert shown != first

    again = open_page(page.url, stranger=True)
    expect(again.get_by_text("Cost a view")).to_be_visible(timeout=90_000)
    assert pictures(again) == shown
    assert address(again) == last

    page.go_back()
    until_address(page, "random_resized_crop~gaussian_noise sigma-0.2..0.4567~horizontal_flip")
    expect(page.get_by_text("2. Noise").first).to_be_visible()
    page.get_by_role("button", name="Pretrain with these").click()
    expect(page.get_by_role("heading", name="Pretrain", exact=True)).to_be_visible()
    assert "gaussian_noise+sigma-0.2..0.4567" in page.url
