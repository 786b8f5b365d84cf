"""Every page, visited once: no serious fault of accessibility in light and in dark (judged by
axe-core), every control reached by the tabulator key, nothing wider than the screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from page_addresses import ADDRESSES, TITLES, address_in
from page_states import settled, too_wide
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = pytest.mark.browser
WIDTHS = (1280, 390)
# Controls that are seen and can be used. Of a group of which arrows choose one, the group counts.
CONTROLS = """() => {
    const roots = (node) => [node, ...[...node.querySelectorAll("*")].flatMap(
        (one) => one.shadowRoot ? roots(one.shadowRoot) : [])];
    const wanted = "button, a[href], input, select, textarea, summary, canvas[tabindex], " +
        "[role=button], [role=slider], [role=combobox], [role=checkbox], [role=switch]";
    const seen = (one) => one.checkVisibility({visibilityProperty: true, opacityProperty: false})
        && one.getClientRects().length > 0;
    const usable = (one) => !one.disabled && !one.closest("[aria-hidden=true], [inert]")
        && one.type !== "hidden" && one.type !== "file";
    globalThis.controls = roots(document).flatMap((root) => [...root.querySelectorAll(wanted)])
        .filter((one) => seen(one) && usable(one));
    globalThis.met = new Set();
    return controls.length;
}"""
# What has the focus now, with the group that it stands in and what contains or labels it.
MEET = """() => {
    let one = document.activeElement;
    while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
    if (!one || one === document.body) return;
    met.add(one);
    const group = one.closest("[role=radiogroup], [role=group], [role=toolbar], [role=tablist]");
    if (group) for (const other of group.querySelectorAll("button, input")) met.add(other);
}"""
MISSED = """() => controls.filter((one) => one.isConnected && !met.has(one)
    && ![...met].some((other) => one.contains(other) || other.contains(one)
        || other.closest("label")?.contains(one)
        || other.closest("[data-baseweb=select], [data-testid=stNumberInput]")?.contains(one)))
    .map((one) => one.outerHTML.slice(0, 200))"""


@dataclass(frozen=True)
class Visit:
    """What was seen of one page.

    faults: serious faults of accessibility, in light and in dark.
    too_wide: pixels by which the page is wider than a screen of this width.
    missed: controls that the tabulator did not reach, of ``controls``.
    """

    faults: list[str]
    too_wide: dict[int, int]
    controls: int
    missed: list[str]
    exceptions: int


@pytest.fixture(scope="module")
def visitor(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    page.close()


@pytest.fixture(scope="module", params=ADDRESSES, ids=lambda text: text or "start")
def visit(request: pytest.FixtureRequest, visitor: Page, shared_app: Any) -> Visit:
    """One page, looked at in every way that the tests below ask about."""
    page = visitor
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    page.goto(f"{shared_app.url}/{address_in(shared_app.home, request.param)}")
    # A first page on a busy machine.
    name = request.param.partition("?")[0]
    # The heading of Start is a question, that of a lesson its title.
    named = name in TITLES and "lesson=" not in request.param
    title = {"name": TITLES[name], "exact": True} if named else {}
    expect(page.get_by_role("heading", level=1, **title)).to_be_visible(timeout=60_000)
    # The first picture of a run's training is made by the engine.
    page.locator("[data-test-script-state=notRunning]").wait_for(timeout=120_000)
    settled(page)
    faults = serious_faults(page, "light")
    page.emulate_media(color_scheme="dark")
    settled(page)
    faults += serious_faults(page, "dark")
    wide = {WIDTHS[0]: too_wide(page)}
    controls, missed = tabulate(page)
    page.set_viewport_size({"width": WIDTHS[1], "height": 844})
    settled(page)
    wide[WIDTHS[1]] = too_wide(page)
    exceptions = page.get_by_test_id("stException").count()
    return Visit(faults, wide, controls, missed, exceptions)


def serious_faults(page: Page, scheme: str) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    return [
        f"{scheme} {fault['id']}: {node['html'][:160]} {node['failureSummary'][:160]}"
        for fault in Axe().run(page).response["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def tabulate(page: Page) -> tuple[int, list[str]]:
    """How many controls the page has, and those that the tabulator did not reach."""
    count: int = page.evaluate(CONTROLS)
    for pressed in range(1, count + 41):
        page.keyboard.press("Tab")
        page.evaluate(MEET)
        if pressed % 10 == 0 and not page.evaluate(MISSED):
            break
    missed: list[str] = page.evaluate(MISSED)
    return count, missed


def test_no_serious_fault_in_light_or_dark(visit: Visit) -> None:
    assert not visit.faults, "\n".join(visit.faults)


def test_every_control_is_reached_by_the_tabulator(visit: Visit) -> None:
    assert visit.controls > 8
    assert not visit.missed, "\n".join(visit.missed)


@pytest.mark.parametrize("width", WIDTHS)
def test_it_has_an_address_and_scrolls_sideways_nowhere(visit: Visit, width: int) -> None:
    assert visit.exceptions == 0
    assert visit.too_wide[width] <= 1
