"""Every control of every page is reached by the tabulator key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from page_addresses import ADDRESSES, address_in
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
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


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda text: text or "start")
def test_every_control_is_reached_by_the_tabulator(
    shared_app: Any, open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(f"{shared_app.url}/{address_in(shared_app.home, address)}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    # The first picture of a run's training is made by the engine.
    page.locator("[data-test-script-state=notRunning]").wait_for(timeout=120_000)
    page.wait_for_timeout(2500)
    count = page.evaluate(CONTROLS)
    assert count > 8
    for _ in range(count + 40):
        page.keyboard.press("Tab")
        page.evaluate(MEET)
    missed = page.evaluate(MISSED)
    assert not missed, "\n".join(missed)
