"""A failed map can be made again from each page that shows it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from workbench.app.shared import maps
from workbench.engine import address
from workbench.store.store import Store
from workbench.stored_runs.map_files import StoredMap

if TYPE_CHECKING:
    from tests.app.conftest import OpenPage

PAGES = ("runs", "compare", "inspect")


def _buttons(app: AppTest) -> list[Any]:
    return [button for button in app.button if button.label == "Make it again"]


@pytest.mark.parametrize("page", PAGES)
def test_a_failed_map_is_queued_and_the_engine_started(
    open_page: OpenPage, own: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    started: list[Path] = []
    monkeypatch.setattr(address, "ensure", lambda home: started.append(Path(home)))
    store = Store.open(own)
    failed, whole = (row.id for row in store.runs()[:2])
    store.update(failed, map_state="failed")
    store.merge_summary(failed, {"map_tries": 2})
    query = {"runs": f"{failed},{whole}"} if page == "compare" else {"run": failed}
    app = open_page(own, page, **query)
    # The other run's map is whole and has no button.
    (again,) = _buttons(app)
    assert not again.disabled
    started.clear()
    again.click().run()
    assert not app.exception
    assert (store.run(failed).map_state, store.run(failed).summary["map_tries"]) == ("queued", 0)
    assert started == [own]
    assert not _buttons(app)


def test_a_note_of_one_map_among_several_names_its_run() -> None:
    def stored(*notes: str) -> StoredMap:
        return StoredMap("umap", np.zeros((2, 2), np.float32), np.arange(2), notes=notes)

    several = [stored("Few samples.", "All in one place."), stored("Few samples.")]
    assert maps._notes(["SimCLR", "MAE"], several) == [
        "Few samples.",
        "SimCLR: All in one place.",
    ]
    assert maps._notes(["SimCLR"], several[:1]) == ["Few samples.", "All in one place."]
