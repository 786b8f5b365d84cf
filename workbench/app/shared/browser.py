"""The visitor's browser: its secret, its time, and whether it runs on this machine.

A cookie holds the secret. On a shared server the secret's digest owns what a visitor without a name
makes (``store/owners.py``).
"""

from __future__ import annotations

import ipaddress
import re
import secrets
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from workbench.app import cookie, settings

COOKIE = "workbench-visitor"
_SESSION_KEY = "visitor"
_SECRET = re.compile(r"^[0-9a-f]{16,32}$")
# Headers that a proxy adds. Behind one, every visitor has the proxy's own address.
_PROXY_HEADERS = ("X-Forwarded-For", "X-Real-IP", "Forwarded")
# The address of a browser on this machine.
HERE = "127.0.0.1"


def secret() -> str:
    """16 to 32 hexadecimal digits, the same for all tabs and visits of this browser."""
    value = str(st.context.cookies.get(COOKIE, ""))
    token = value if _SECRET.match(value) else secrets.token_hex(16)
    return str(st.session_state.setdefault(_SESSION_KEY, token))


def remember() -> None:
    """Write the secret into a cookie, so that the next visit has it. Draws nothing visible.

    Call it once in a script run: it is a component with one key.
    """
    if st.context.cookies.get(COOKIE) != secret():
        cookie.keep(COOKIE, secret())


def address() -> str:
    """The network address of the browser; ``HERE`` for one on this machine.

    Behind a proxy on this machine it is the address that the proxy gives, and never ``HERE``.
    """
    given = st.context.ip_address
    # In Streamlit's AppTest there is no network, and this is a mock.
    peer = plain_address(given if isinstance(given, str) else None)
    # From another address the visitor may have written these headers.
    for name in _PROXY_HEADERS if peer == HERE else ():
        value = st.context.headers.get(name)
        if value:
            # The nearest proxy added the last one; the visitor may have written the others.
            return f"proxy:{str(value).rpartition(',')[2].strip()[:60]}"
    # A proxy need not add a header. So nobody counts as sitting here where there may be one.
    return "proxy" if peer == HERE and settings.current().proxied else peer


def local_time(moment: float) -> datetime:
    """The time where the browser is. It stays right on a page that is not drawn again."""
    try:
        zone = ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    return datetime.fromtimestamp(moment, zone)


def plain_address(text: str | None) -> str:
    """An address in one spelling: ``HERE`` for loopback or none; the /64 network for IPv6, all of
    which one visitor may have."""
    if text is None:
        return HERE
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text[:60]
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    parsed = mapped or parsed
    if parsed.is_loopback:
        return HERE
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
