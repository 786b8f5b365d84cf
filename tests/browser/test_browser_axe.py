"""No page has a serious fault of accessibility, in light and in dark. Judged by axe-core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from page_addresses import ADDRESSES, address_in
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda text: text or "start")
def test_no_serious_fault_in_light_or_dark(
    shared_app: Any, open_page: Callable[..., Page], address: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(f"{shared_app.url}/{address_in(shared_app.home, address)}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.locator("[data-test-script-state=notRunning]").wait_for(timeout=120_000)
    faults = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(2500)
        found = Axe().run(page).response["violations"]
        faults += [
            f"{scheme} {fault['id']}: {node['html'][:160]} {node['failureSummary'][:160]}"
            for fault in found
            if fault["impact"] in ("serious", "critical")
            for node in fault["nodes"]
        ]
    assert not faults, "\n".join(faults)
