"""The sidebar: the menu, the current data, the queue, your name.

Who has the token can stop all runs here.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage

from workbench.app import admin, cookie, data_card, menu, settings
from workbench.app.plain import plain
from workbench.app.shared import browser, current_data, messages, session
from workbench.app.shared.current_data import CurrentData
from workbench.errors import RequestError
from workbench.jobs import launch
from workbench.store import owners


@dataclass
class DataSlot:
    """The places of the menu and of the current data in the sidebar, and what they show.

    pages: all pages. page: the address of the open one.
    """

    menu: DeltaGenerator
    card: DeltaGenerator
    pages: Sequence[StreamlitPage]
    page: str
    links: list[dict[str, str]] = field(default_factory=list)
    shown: CurrentData | None = None

    def fill(self) -> None:
        """Draw the menu and the current data, if they are others than those shown."""
        # On Runs, the data in the address are a filter.
        now = current_data.current(None if self.page == "runs" else st.query_params)
        links = menu.links(self.pages, now)
        if links != self.links:
            with self.menu.container():
                menu.show(self.pages, links)
            self.links = links
        if now != self.shown:
            with self.card.container():
                data_card.show(now, on_data=self.page == "data")
            self.shown = now


def show(pages: Sequence[StreamlitPage], chosen: StreamlitPage) -> DataSlot:
    """Draw it. The entry calls this once in each script run. chosen: the open one of ``pages``."""
    with st.sidebar:
        slot = DataSlot(st.empty(), st.empty(), pages, chosen.url_path)
        slot.fill()
        _queue()
        _name()
        _stop_all()
        menu.mark(chosen.url_path)
        if settings.current().shared:
            browser.remember()
    return slot


def _queue() -> None:
    store = session.store()
    running, queued = store.count(("running", "stopping")), store.count(("queued",))
    if running or queued:
        st.caption(f"{running} running, {queued} queued")


def _name() -> None:
    viewer = session.viewer()
    with st.popover(plain(viewer.name) or "Your name", width="stretch"):
        st.write(
            "Runs carry your name, so that nobody else stops them by mistake. It is kept in this "
            "browser only."
        )
        with st.form("name", border=False):
            name = st.text_input("Name", viewer.name, max_chars=30)
            if st.form_submit_button("Use this name"):
                secret = secrets.token_urlsafe(16)
                try:
                    name = owners.claim(session.store(), name, secret)
                except RequestError as error:
                    messages.show_error(error)
                else:
                    session.remember(name, secret)
                    st.session_state["cookie"] = f"{name}~{secret}"
                    st.rerun()
    if "cookie" in st.session_state:
        cookie.keep(session.COOKIE, st.session_state["cookie"])


def _stop_all() -> None:
    with st.popover("Stop all runs", width="stretch"):
        st.write("For whoever started the app. The token is printed in the terminal.")
        with st.form("stop-all", border=False):
            token = st.text_input("Token", type="password")
            stop = st.form_submit_button("Stop all runs")
            manage = st.form_submit_button("Manage the class", help="Opens the view on Start.")
        if (stop or manage) and admin.enter(token):
            if stop:
                count = launch.stop_all(session.home(), viewer=session.viewer())
                st.success(f"{count} runs were asked to stop.")
            else:
                session.go("start")
