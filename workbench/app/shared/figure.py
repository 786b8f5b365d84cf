"""A plotly figure on a page, the same way everywhere."""

from __future__ import annotations

from typing import Any

import streamlit as st


def plot(figure: Any, key: str, alt: str, **more: Any) -> None:
    """Draw ``figure`` in the page's width. alt: what a screen reader says; more: of
    ``st.plotly_chart``, such as ``on_select``."""
    st.plotly_chart(
        figure,
        key=key,
        theme=None,
        alt=alt,
        config={"displayModeBar": False},
        width="stretch",
        **more,
    )
