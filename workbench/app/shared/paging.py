"""A pager: the page stands in the address, with buttons for the previous and the next one."""

from __future__ import annotations

import math

import streamlit as st


def page(count: int, most: int, key: str, *, title: str = "Page") -> slice:
    """Draw the pager if ``count`` items need more than one page of ``most``; returns which items
    are on the page. key: its name in the address, counted from 1. title: what a page is called."""
    pages = max(1, math.ceil(count / most))
    if pages == 1:
        return slice(0, count)
    current = st.session_state.get(key)
    if isinstance(current, int) and not 1 <= current <= pages:
        # A filter has left fewer pages.
        st.session_state[key] = 1
    left, middle, right = st.columns([1, 2, 1], vertical_alignment="bottom")
    number = int(
        middle.number_input(
            f"{title}, of {pages:,}", 1, pages, 1, key=key, bind="query-params", width="stretch"
        )
    )
    left.button(
        "Before", icon=":material/chevron_left:", disabled=number <= 1, width="stretch",
        on_click=_turn, args=(key, number - 1), key=f"{key}-before",
    )  # fmt: skip
    right.button(
        "Next", icon=":material/chevron_right:", disabled=number >= pages, width="stretch",
        on_click=_turn, args=(key, number + 1), key=f"{key}-next",
    )  # fmt: skip
    return slice((number - 1) * most, min(count, number * most))


def _turn(key: str, to: int) -> None:
    st.session_state[key] = to
