"""The room code, which visitors from other machines enter before they see a page."""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets

import streamlit as st

from workbench.app import cookie, room_code, settings, upload_gate
from workbench.app.shared import browser, session
from workbench.app.throttle import Throttle, equal

COOKIE = "workbench-room"
_ADMITTED, _COOKIE_TO_WRITE = "room-admitted", "room-cookie"
_SECRET = "room/secret"

throttle = Throttle()


def admitted() -> bool:
    """Whether this visitor may see the app and upload: no code is set, the visitor entered it, or
    the browser runs on this machine."""
    if not settings.current().room:
        return True
    known = st.session_state.get(_ADMITTED)
    if known or browser.address() == browser.HERE or equal(_cookie(), _pass()):
        st.session_state[_ADMITTED] = True
        upload_gate.admit()
        return True
    return False


def ask() -> None:
    """Draw the field for the code."""
    address = browser.address()
    st.title("SSL Workbench")
    st.write("This server is for a class. Enter the room code that your teacher shows.")
    with st.form("room", border=False, width=360):
        code = st.text_input(
            "Room code", type="password", max_chars=room_code.LONGEST, autocomplete="off"
        )
        if st.form_submit_button("Enter", type="primary"):
            wait = throttle.wait(address)
            if wait > 0:
                st.error(f"Too many wrong codes came from here. Try again in {math.ceil(wait)} s.")
            elif throttle.matches(address, code.strip(), settings.current().room):
                st.session_state[_ADMITTED] = True
                st.session_state[_COOKIE_TO_WRITE] = _pass()
                st.rerun()
            else:
                st.error("This is not the room code.")


def remember() -> None:
    """Write the cookie with which this browser is admitted on its next visit."""
    if _COOKIE_TO_WRITE in st.session_state:
        cookie.keep(COOKIE, st.session_state[_COOKIE_TO_WRITE])


def _cookie() -> str:
    return str(st.context.cookies.get(COOKIE, ""))


def _pass() -> str:
    """The cookie's value. It does not tell the code, and holds only as long as the code does."""
    secret = str(session.store().claim_setting(_SECRET, secrets.token_hex(32)))
    code = settings.current().room
    return hmac.new(secret.encode(), code.encode(), hashlib.sha256).hexdigest()
