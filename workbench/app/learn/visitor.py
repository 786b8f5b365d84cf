"""Who predicts without a name: a token that this browser keeps."""

from __future__ import annotations

import re
import secrets

import streamlit as st

from workbench.app.shared import cookie, session
from workbench.lessons import predictions

COOKIE = "workbench-visitor"
_SESSION_KEY = "visitor"
_TOKEN = re.compile(r"^[0-9a-f]{16}$")


def voter() -> str:
    """The viewer's name, or ``~`` and this browser's token. No name can contain a ``~``."""
    name = session.viewer().name
    return name.casefold() if name else f"~{_token()}"


def adopt(lesson: str) -> None:
    """Give the prediction that this browser made without a name to the viewer's name."""
    name = session.viewer().name
    if name:
        predictions.adopt(session.store(), lesson, f"~{_token()}", name)


def remember() -> None:
    """Write the token into a cookie, so that a reload finds the predictions. Draws nothing."""
    if not session.viewer().name and st.context.cookies.get(COOKIE) != _token():
        cookie.keep(COOKIE, _token())


def _token() -> str:
    cookie_value = str(st.context.cookies.get(COOKIE, ""))
    token = cookie_value if _TOKEN.match(cookie_value) else secrets.token_hex(8)
    return str(st.session_state.setdefault(_SESSION_KEY, token))
