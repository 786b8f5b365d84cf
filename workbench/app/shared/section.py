"""A folded part of a page. It is computed when it is open; the address says that it is."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from workbench.app.shared import damaged


def section(title: str, key: str, draw: Callable[[], None], *, opened: bool = False) -> None:
    """Draw a folded part with ``title``; ``draw`` is called while it is open.

    key: its name in the address (``?key=true``). opened: whether it is open at first.
    """
    box = st.expander(title, expanded=opened, key=key, on_change="rerun", bind="query-params")
    if box.open:
        with box, damaged.shown_as_error():
            draw()
