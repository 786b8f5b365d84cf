"""What a page of the app is like at a moment: whether it still changes, how wide it is."""

from __future__ import annotations

from contextlib import suppress

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

_QUIET_MS = 500
_LONGEST_MS = 10_000
# How often a list is opened before it is waited for, and how long it may take to open.
_OPENINGS, _OPEN_MS = 3, 5_000
# Ends when for a while nothing was added, removed or loaded, and nothing fades or slides.
_SETTLED = """([quiet, longest]) => new Promise((done) => {
    const begun = performance.now();
    let last = begun, loaded = -1;
    const seen = new MutationObserver(() => { last = performance.now(); });
    seen.observe(document, {subtree: true, childList: true, attributes: true});
    const look = () => {
        const now = performance.now(), count = performance.getEntriesByType("resource").length;
        const moves = document.getAnimations().some((one) => one.playState === "running"
            && one.effect.getComputedTiming().iterations !== Infinity);
        if (count !== loaded || moves) last = now;
        loaded = count;
        const still = now - last >= quiet && !document.querySelector("[data-testid=stSkeleton]");
        if (still || now - begun > longest) { seen.disconnect(); done(still); }
        else setTimeout(look, 50);
    };
    look();
})"""
_TOO_WIDE = (
    "(() => { const m = document.querySelector('[data-testid=stMain]');"
    "return m.scrollWidth - m.clientWidth })()"
)


def settled(page: Page) -> bool:
    """Wait until the page has its looks; False if it still changes after a while."""
    # The script of the page begins before it shows in the document.
    page.locator("[data-test-script-state=notRunning]").wait_for(timeout=120_000)
    still: bool = page.evaluate(_SETTLED, [_QUIET_MS, _LONGEST_MS])
    return still


def choose_option(page: Page, box: str, option: str) -> None:
    """Choose ``option`` in the select box called ``box``.

    A list closes when the page moves below it: while it is drawn, and while it is scrolled. So the
    page stands still first, and a list that closed all the same is opened again, as people do.
    """
    opener = page.get_by_role("combobox", name=box)
    opener.scroll_into_view_if_needed()
    for _ in range(_OPENINGS):
        settled(page)
        opener.click()
        with suppress(PlaywrightTimeoutError):
            page.get_by_role("option", name=option).click(timeout=_OPEN_MS)
            return
    page.get_by_role("option", name=option).click()


def too_wide(page: Page) -> int:
    """Pixels by which the page is wider than the screen."""
    pixels: int = page.evaluate(_TOO_WIDE)
    return pixels
