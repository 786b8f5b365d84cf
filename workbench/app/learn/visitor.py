"""Who answers, when no name is given: a token that this browser keeps."""

from __future__ import annotations

import re
import secrets

import streamlit as st

from workbench.app.shared import cookie, session
from workbench.lessons import predictions

COOKIE = "workbench-visitor"
_DRAFT = "visitor"
_TOKEN = re.compile(r"^[0-9a-f]{16}$")


def voter() -> str:
    """The viewer's name, or ``~`` and this browser's token: no name can hold a ``~``."""
    name = session.viewer().name
    return name.casefold() if name else f"~{_token()}"


def adopt(lesson: str) -> None:
    """What was predicted in this browser before a name was given becomes the name's."""
    name = session.viewer().name
    if name:
        predictions.adopt(session.store(), lesson, f"~{_token()}", name)


def remember() -> None:
    """Have the browser keep its token, so that a reload finds what was predicted. Draws nothing."""
    if not session.viewer().name and st.context.cookies.get(COOKIE) != _token():
        cookie.keep(COOKIE, _token())


def _token() -> str:
    kept = str(st.context.cookies.get(COOKIE, ""))
    fresh = kept if _TOKEN.match(kept) else secrets.token_hex(8)
    return str(st.session_state.setdefault(_DRAFT, fresh))
