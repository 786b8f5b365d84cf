"""The sidebar: the current data, the queue, your name, and "stop all" for who has the token."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from workbench.app import cookie, data_card, settings
from workbench.app.plain import plain
from workbench.app.shared import admin, browser, current_data, messages, session
from workbench.app.shared.current_data import CurrentData
from workbench.errors import RequestError
from workbench.jobs import launch
from workbench.store import owners


@dataclass
class DataSlot:
    """The place of the current data in the sidebar, and the data that it shows."""

    place: DeltaGenerator
    page: str
    shown: CurrentData | None = None

    def fill(self) -> None:
        """Draw the current data, if they are other data than those shown."""
        # On Runs, the data in the address are a filter.
        now = current_data.current(None if self.page == "runs" else st.query_params)
        if now != self.shown:
            with self.place.container():
                data_card.show(now)
            self.shown = now


def show(page: str) -> DataSlot:
    """Draw it. The entry calls this once in each script run. page: its address."""
    with st.sidebar:
        slot = DataSlot(st.empty(), page)
        slot.fill()
        _queue()
        _name()
        _stop_all()
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
