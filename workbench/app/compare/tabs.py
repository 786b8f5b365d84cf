"""The details of the Compare page in tabs; the contents of a tab are made when it is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from workbench.app.shared import damaged


@dataclass(frozen=True)
class Tab:
    """draw: draws the contents. sections: keys of its folded parts in the address; a link to one of
    them opens the tab."""

    draw: Callable[[], None]
    sections: Sequence[str] = ()


def show(tabs: Mapping[str, Tab], first: str) -> None:
    """Draw the tabs, by their titles. The open one is in the address (``details``); ``first`` is
    open if the address names none."""
    linked = next(
        (
            title
            for title, tab in tabs.items()
            if any(key in st.query_params for key in tab.sections)
        ),
        first,
    )
    boxes = st.tabs(
        list(tabs), default=linked, key="details", on_change="rerun", bind="query-params"
    )
    for box, tab in zip(boxes, tabs.values(), strict=True):
        if box.open:
            with box, damaged.shown_as_error():
                tab.draw()
