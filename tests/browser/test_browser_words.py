"""Pages answer first: little running text stands above the fold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect

from workbench.store.store import Store

_MOST_WORDS = 60
_PATIENCE_MS = 20_000
# Sentences of which a whole line is visible at once. Labels of controls, titles, numbers in tables
# and the words of an answer in a picture are no running text.
_SENTENCES = """
  const texts = document.querySelectorAll(
    '[data-testid=stMain] [data-testid=stMarkdownContainer] p,'
    + '[data-testid=stMain] [data-testid=stMarkdownContainer] li');
  const seen = [];
  for (const text of texts) {
    const box = text.getBoundingClientRect(), bold = text.querySelector('strong');
    const control = text.closest('button, label, a, [data-testid=stExpander] summary, table');
    const title = bold && bold.innerText.length === text.innerText.length;
    if (!control && !title && box.height > 1 && box.width > 1
        && box.top + parseFloat(getComputedStyle(text).lineHeight) <= innerHeight
        && box.bottom > 0 && getComputedStyle(text).visibility !== 'hidden')
      seen.push(text.innerText.trim());
  }
  const words = seen.join(' ').split(/\\s+/).length;
"""
_PAGES = ("", "data", "augment", "pretrain", "runs", "compare", "inspect", "try", "learn")


@pytest.fixture(scope="module")
def one_run(shared_app: Any) -> str:
    rows = Store.open(shared_app.home).runs()
    return next(row.id for row in rows if row.config["task"] == "simclr")


@pytest.mark.parametrize("name", _PAGES)
def test_little_text_stands_above_the_fold(
    name: str, shared_app: Any, one_run: str, open_page: Callable[..., Page]
) -> None:
    query = f"?run={one_run}" if name in ("inspect", "try") else ""
    page = open_page(f"{shared_app.url}/{name}{query}")
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.get_by_test_id("stMain").get_by_role("heading").first).to_be_visible()
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached()
    try:
        # Pictures and maps take their place a moment later.
        page.wait_for_function(
            f"() => {{ {_SENTENCES} return words <= {_MOST_WORDS}; }}",
            timeout=_PATIENCE_MS,
        )
    except PlaywrightError:
        pytest.fail(str(page.evaluate(f"() => {{ {_SENTENCES} return [words, ...seen]; }}")))
