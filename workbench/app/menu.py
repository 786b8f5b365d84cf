"""The menu in the sidebar: a link to each page, with the current data in its address.

Each link carries what its page would write into the address. A page that adds to its own address
makes a second entry in the browser's history, and Back would stay on the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from workbench.app.augment import state
from workbench.app.shared import data_choice
from workbench.app.shared.current_data import CurrentData

# The pages whose address names data.
_WITH_DATA = ("data", "augment", "pretrain")

# Streamlit closes the sidebar of a phone for its own menu only, and leaves out aria-current.
_JS = """
export default function ({ data }) {
  const sidebar = document.querySelector('[data-testid="stSidebar"]')
  if (!sidebar) return
  let open = null
  for (const link of sidebar.querySelectorAll('a[data-testid="stPageLink-NavLink"]')) {
    link.removeAttribute("aria-current")
    if (!open && link.getAttribute("href").split("?")[0] === data.page) open = link
  }
  if (open) open.setAttribute("aria-current", "page")
  const close = () => {
    const button = sidebar.querySelector('[data-testid="stSidebarCollapseButton"] button')
    const shown = sidebar.getBoundingClientRect().right > 0
    if (window.innerWidth <= 768 && shown && button) button.click()
  }
  // A link may be pressed before this script listens: then the page has changed.
  const [loaded] = performance.getEntriesByType("navigation")
  const before = sidebar.dataset.page ?? new URL(loaded.name).pathname.split("/").pop()
  sidebar.dataset.page = data.page
  if (before !== data.page) close()
  if (sidebar.dataset.closes) return
  sidebar.dataset.closes = "true"
  sidebar.addEventListener("click", (event) => {
    if (event.target.closest('a[data-testid="stPageLink-NavLink"]')) setTimeout(close, 0)
  })
}
"""

_mount = st.components.v2.component("workbench_menu", js=_JS)


def links(pages: Sequence[StreamlitPage], now: CurrentData) -> list[dict[str, str]]:
    """The parameters of each page's address. now: the current data."""
    return [_query(page.url_path, now) for page in pages]


def show(pages: Sequence[StreamlitPage], queries: Sequence[Mapping[str, str]]) -> None:
    """Draw the menu. queries: as ``links`` gives them."""
    with st.container(gap="xsmall"):
        for page, query in zip(pages, queries, strict=True):
            st.page_link(page, query_params=dict(query) or None)


def mark(page: str) -> None:
    """Mark the link to the open page; on a phone, let each link of the sidebar close it."""
    _mount(data={"page": page}, key="menu")


def _query(page: str, now: CurrentData) -> dict[str, str]:
    if page not in _WITH_DATA:
        return {}
    query = data_choice.to_query(now.config)
    composed = state.composed_for(now.fingerprint) if page == "augment" else None
    return query if composed is None else {**query, state.QUERY: composed}
