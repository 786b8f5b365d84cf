"""The token that the app prints when it starts. Who enters it is an admin: stops all runs, leads a
class."""

from __future__ import annotations

import math

import streamlit as st

from workbench.app import settings
from workbench.app.shared import browser
from workbench.app.throttle import Throttle

throttle = Throttle()


def enter(token: str) -> bool:
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
