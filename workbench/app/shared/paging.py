"""Page through many: the page in the address, buttons for the one before and after."""

from __future__ import annotations

import math

import streamlit as st


def page(count: int, most: int, key: str, *, title: str = "Page") -> slice:
    """Draw the pager where ``count`` things need more than one page of ``most``; returns which are
    shown. key: the page's name in the address, counted from 1. title: what a page is."""
    pages = max(1, math.ceil(count / most))
    if pages == 1:
        return slice(0, count)
    known = st.session_state.get(key)
    if isinstance(known, int) and not 1 <= known <= pages:
        # A choice above has left fewer pages.
        st.session_state[key] = 1
    left, middle, right = st.columns([1, 2, 1], vertical_alignment="bottom")
    at = int(
        middle.number_input(
            f"{title}, of {pages:,}", 1, pages, 1, key=key, bind="query-params", width="stretch"
        )
    )
    left.button(
        "Before", icon=":material/chevron_left:", disabled=at <= 1, width="stretch",
        on_click=_turn, args=(key, at - 1), key=f"{key}-before",
    )  # fmt: skip
    right.button(
        "Next", icon=":material/chevron_right:", disabled=at >= pages, width="stretch",
        on_click=_turn, args=(key, at + 1), key=f"{key}-next",
    )  # fmt: skip
    return slice((at - 1) * most, min(count, at * most))


def _turn(key: str, to: int) -> None:
    st.session_state[key] = to
