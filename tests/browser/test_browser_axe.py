"""No page has a serious fault of accessibility, in light and in dark. Judged by axe-core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from workbench import paths
from workbench.runs.store import Store

pytestmark = pytest.mark.browser
_DEMO = [row.id for row in Store.open(paths.sample_data_dir() / "demo", read_only=True).runs()]
ADDRESSES = (
    "",
    "data?data=sample:digits",
    "augment?data=sample:digits",
    "pretrain?data=sample:digits&tasks=simclr",
    "runs",
    f"compare?runs={','.join(_DEMO[:3])}",
    f"inspect?run={_DEMO[0]}",
    f"try?run={_DEMO[0]}",
    "learn",
    "learn?lesson=collapse",
)


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda text: text.split("?")[0] or "start")
def test_no_serious_fault_in_light_or_dark(
    shared_app: Any, open_page: Callable[..., Page], address: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(f"{shared_app.url}/{address}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
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
