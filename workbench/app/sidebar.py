"""The sidebar: the queue, your name, and "stop all" for whoever has the token."""

from __future__ import annotations

import math
import secrets

import streamlit as st

from workbench.app import settings
from workbench.app.plain import plain
from workbench.app.shared import browser, cookie, messages, session
from workbench.app.throttle import Throttle
from workbench.errors import RequestError
from workbench.jobs import launch
from workbench.store import owners

throttle = Throttle()


def show() -> None:
    """Draw it. The entry calls this once in each script run."""
    with st.sidebar:
        _queue()
        _name()
        _stop_all()
        if settings.current().shared:
            browser.remember()


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
        if (stop or manage) and _is_admin(token):
            if stop:
                count = launch.stop_all(session.home(), viewer=session.viewer())
                st.success(f"{count} runs were asked to stop.")
            else:
                session.go("start")


def _is_admin(token: str) -> bool:
    """Whether this is the token; it is kept for the visit. Otherwise draws why not."""
    address = browser.address()
    wait = throttle.wait(address)
    if wait > 0:
        st.error(f"Too many wrong tokens came from here. Try again in {math.ceil(wait)} s.")
        return False
    if not throttle.matches(address, token.strip(), settings.current().token):
        st.error("This is not the token.")
        return False
    st.session_state["admin"] = True
    return True
