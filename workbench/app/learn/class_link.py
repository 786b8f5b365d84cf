"""How a class reaches a page: the network address of this machine, and its QR code."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlencode, urlsplit

import psutil
import streamlit as st

from workbench.app import class_entry, settings
from workbench.app.hosts import is_loopback
from workbench.lazy import lazy
from workbench.lessons import links

segno = lazy("segno")


def show(query: dict[str, str], *, scale: int = 4, code: bool = True) -> None:
    """Draw the link with these parameters and its QR code, or what to do where nobody can reach
    this app. scale: pixels of one square of the code. code: whether the QR code is drawn."""
    if not settings.current().shared:
        st.warning(
            "Students cannot reach this app: it was started for this machine only. End it and "
            f"start it with:\n\n`{class_entry.command()}`"
        )
        return
    link = address(query)
    if link is None:
        st.warning("This machine has no network address. Connect it to the network of the class.")
        return
    st.code(link, language=None, wrap_lines=True)
    if not code:
        return
    _code(link, scale)
    if settings.current().room:
        st.markdown(f"Room code: **{settings.current().room}**")


def views(group: str) -> None:
    """Draw the ways to what the projector and what a student sees, each in a tab of its own."""
    with st.container(horizontal=True):
        for label, view, icon in (
            ("Projector view", "projector", ":material/cast:"),
            ("What a student sees", "student", ":material/smartphone:"),
        ):
            st.link_button(label, f"?{urlencode(links.query(group=group, view=view))}", icon=icon)


def address(query: dict[str, str]) -> str | None:
    """The address of the Learn page as other machines reach it; None without a network."""
    seen = urlsplit(str(st.context.url or ""))
    host = seen.hostname or ""
    if seen.netloc and not is_loopback(host):
        origin = f"{seen.scheme}://{seen.netloc}"
    else:
        network = network_address()
        if network is None:
            return None
        shown = f"[{network}]" if ":" in network else network
        origin = f"http://{shown}:{st.get_option('server.port')}"
    return f"{origin}/learn?{urlencode(query)}"


def network_address() -> str | None:
    """This machine's address in its network: that of ``--host``, else its first private IPv4
    address; None without one."""
    host = settings.current().host
    if not is_loopback(host) and host not in ("0.0.0.0", "::"):
        return host
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    found = [
        ipaddress.ip_address(one.address)
        for name, addresses in psutil.net_if_addrs().items()
        if name in up
        for one in addresses
        if one.family.name == "AF_INET"
    ]
    usable = [one for one in found if not one.is_loopback and not one.is_link_local]
    chosen = next((one for one in usable if one.is_private), next(iter(usable), None))
    return None if chosen is None else str(chosen)


def _code(link: str, scale: int) -> None:
    """Draw the QR code, or how to have one."""
    try:
        source = segno.make(link, micro=False).png_data_uri(scale=scale, border=3)
    except ImportError:
        st.caption("With `pip install 'ssl-workbench[class]'` a QR code stands here.")
        return
    # Streamlit takes SVG out of HTML, and lets pictures stand.
    st.html(f'<img alt="QR code of the link" src="{source}">')
