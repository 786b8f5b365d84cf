"""Write a cookie. Streamlit can only read them."""

from __future__ import annotations

import streamlit as st

_JS = """
export default function ({ data }) {
  const value = encodeURIComponent(data.value).replace(/%7E/g, "~")
  document.cookie = `${data.name}=${value}; path=/; max-age=31536000; SameSite=Strict`
}
"""

_mount = st.components.v2.component("workbench_cookie", js=_JS)


def keep(name: str, value: str) -> None:
    """Write a cookie that lasts a year into this browser."""
    _mount(data={"name": name, "value": value}, key=f"cookie-{name}")
