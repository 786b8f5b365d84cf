"""Write the whole address of a page, only if it has changed."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st


def put(query: Mapping[str, str]) -> None:
    """Make ``query`` the parameters of the address."""
    if st.query_params.to_dict() != dict(query):
        st.query_params.from_dict(query)
