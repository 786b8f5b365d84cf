"""Check every request to the app, and add security headers to every answer.

A request with a foreign ``Host`` or ``Origin`` is answered with 403. So is an upload of a visitor
who has not entered the room code (``upload_gate.py``). Streamlit's own ``server.allowedHosts``
holds for its WebSocket only. The headers forbid a page to load anything from other sites, and other
sites to load a page.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from workbench.app import upload_gate
from workbench.app.hosts import AllowedHosts, Headers

_STARTS = ("http.response.start", "websocket.http.response.start", "websocket.accept")
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
# Linked maps and plotly make scripts and workers from text (blob:). Styles are inline.
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self' blob:",
    "worker-src": "'self' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' data: blob:",
    "manifest-src": "'self'",
    "frame-src": "'none'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


class GuardedApp(st.App):
    """Streamlit's app behind the checks and headers of this module.

    Starlette's ``middleware=`` would not do: an answer 500 to an exception bypasses it.
    """

    def __init__(self, script: Path, hosts: AllowedHosts, **more: Any) -> None:
        super().__init__(script, **more)
        self._hosts, self._answer_headers = hosts, answer_headers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await super().__call__(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] in _STARTS:
                MutableHeaders(scope=message).update(self._answer_headers)
            await send(message)

        refusal = self._hosts.refusal(scope["headers"]) or upload_gate.refusal(scope["path"])
        if refusal is None:
            named = {**scope, "headers": _under_one_name(scope["headers"])}
            await super().__call__(named, receive, send_with_headers)
        else:
            for message in _refusal_messages(scope, refusal):
                await send_with_headers(message)


def answer_headers() -> dict[str, str]:
    """The headers of every answer, by name."""
    policy = dict(_POLICY)
    policy["script-src"] = " ".join([policy["script-src"], *_inline_scripts()])
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def _inline_scripts() -> Iterator[str]:
    """The hashes of the inline scripts of Streamlit's own page."""
    page = Path(st.__file__).parent / "static" / "index.html"
    for script in _INLINE_SCRIPT.findall(page.read_text("utf-8")):
        digest = hashlib.sha256(script.encode()).digest()
        yield f"'sha256-{base64.b64encode(digest).decode()}'"


def _under_one_name(headers: Headers) -> Headers:
    """``headers`` with the host of ``Origin``, which was checked, as ``Host``.

    A proxy may have changed ``Host``. Streamlit compares the two as texts; if they differ, it asks
    a server on the internet for the address of this machine.
    """
    origins = [value for name, value in headers if name == b"origin"]
    if not origins:
        return headers
    host = origins[0].partition(b"://")[2]
    return [(name, host if name == b"host" else value) for name, value in headers]


def _refusal_messages(scope: Scope, sentence: str) -> Iterator[Message]:
    """The answer 403 with ``sentence``. A WebSocket is refused without being accepted first."""
    prefix = "http"
    if scope["type"] == "websocket":
        if "websocket.http.response" not in scope.get("extensions", {}):
            yield {"type": "websocket.close", "code": 1008, "reason": sentence[:120]}
            return
        prefix = "websocket.http"
    body = f"{sentence}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    headers.append((b"content-length", str(len(body)).encode()))
    yield {"type": f"{prefix}.response.start", "status": 403, "headers": headers}
    yield {"type": f"{prefix}.response.body", "body": body}
