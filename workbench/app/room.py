"""The room code: visitors from other machines enter it once before they see anything."""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets

import streamlit as st

from workbench.app import settings
from workbench.app.shared import browser, cookie, session
from workbench.app.throttle import Throttle, equal
from workbench.errors import RequestError

COOKIE = "workbench-room"
AUTO = "auto"
SHORTEST, LONGEST = 6, 64
_ADMITTED, _COOKIE_TO_WRITE = "room-admitted", "room-cookie"
# Letters and digits that nobody takes for one another: 31 of them, 8 of which are 40 bits.
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_LENGTH = 8
_SECRET = "room/secret"

throttle = Throttle()


def parse(text: str | None) -> str:
    """The code of ``--room``: generated for ``auto``, empty for none. Raises RequestError."""
    if text is None:
        return ""
    if text.strip().lower() == AUTO:
        return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    code = text.strip()
    if not SHORTEST <= len(code) <= LONGEST:
        fault = "short" if len(code) < SHORTEST else "long"
        raise RequestError(
            f"a code of {len(code)} characters is too {fault}.",
            field="--room",
            remedy=f"Give {SHORTEST} to {LONGEST} characters, or --room {AUTO} for one that is "
            "made and printed.",
        )
    return code


def admitted() -> bool:
    """Whether this visitor may see the app: no code is set, it was entered, or they sit here."""
    if not settings.current().room or st.session_state.get(_ADMITTED):
        return True
    if browser.address() == browser.HERE or equal(_cookie(), _pass()):
        st.session_state[_ADMITTED] = True
        return True
    return False


def ask() -> None:
    """Draw the field for the code."""
    address = browser.address()
    st.title("SSL Workbench")
    st.write("This server is for a class. Enter the room code that your teacher shows.")
    with st.form("room", border=False, width=360):
        code = st.text_input("Room code", type="password", max_chars=LONGEST, autocomplete="off")
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
    """What the cookie holds: no code can be guessed from it, and it ends with the code."""
    secret = str(session.store().claim_setting(_SECRET, secrets.token_hex(32)))
    code = settings.current().room
    return hmac.new(secret.encode(), code.encode(), hashlib.sha256).hexdigest()
