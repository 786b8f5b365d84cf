"""A part of a page that is computed when it is opened, and stays open in the address."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st


def section(title: str, key: str, draw: Callable[[], None], *, opened: bool = False) -> None:
    """Draw a folded part under ``title``; ``draw`` is called while it is open.

    key: its name in the address (``?key=true``). opened: whether it is open at first.
    """
    box = st.expander(title, expanded=opened, key=key, on_change="rerun", bind="query-params")
    if box.open:
        with box:
            draw()
