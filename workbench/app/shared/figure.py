"""Draw a plotly figure on a page, the same way everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import streamlit as st

if TYPE_CHECKING:
    import plotly.graph_objects as go

Theme = Literal["light", "dark"]


def theme() -> Theme:
    """The page's theme, which figures take as an argument."""
    return "dark" if st.context.theme.type == "dark" else "light"


def plot(
    figure: go.Figure, key: str, alt: str, on_select: Callable[[], None] | None = None
) -> None:
    """Draw ``figure`` in the page's width.

    alt: what a screen reader reads. on_select: called when somebody clicks a point; the points are
    then in ``st.session_state[key].selection``.
    """
    st.plotly_chart(
        figure,
        key=key,
        theme=None,
        alt=alt,
        config={"displayModeBar": False},
        width="stretch",
        on_select=on_select or "ignore",
        selection_mode="points",
    )
