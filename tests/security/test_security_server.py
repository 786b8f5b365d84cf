"""The server and foreign names: a real server, and requests as no browser would send them."""

from __future__ import annotations

import base64
import http.client
import os
import socket
from collections.abc import Iterator

import pytest
from app_process import App

from workbench.app.hosts import AllowedHosts
from workbench.errors import RequestError

ALLOWED = "lab.example"
HEADERS = (
    "content-security-policy",
    "x-frame-options",
    "x-content-type-options",
    "referrer-policy",
    "cross-origin-opener-policy",
)
# Every kind of thing that the server sends.
ADDRESSES = (
    "/",
    "/runs",
    "/workbench/health",
    "/_stcore/health",
    "/_stcore/host-config",
    "/static/none.js",
    "/media/none.png",
    "/favicon.png",
    "/_stcore/upload_file/session/file",
    "/_stcore/agent/openapi.json",
    "/..%2f..%2fetc/passwd",
)
FOREIGN = (
    "evil.example",
    "evil.example:PORT",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "127.0.0.1@evil.example",
    "10.0.0.1",
    "0.0.0.0",
    "2130706433",
    "localhost, evil.example",
    "localhost/evil",
    "[::2]",
    "",
)
OWN = (
    "127.0.0.1:PORT",
    "127.0.0.1",
    "localhost:1",
    "LOCALHOST",
    "localhost.",
    "[::1]:PORT",
    "::1",
    ALLOWED,
    f"{ALLOWED}:443",
)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an app that listens on loopback and has been given one more name."""
    home = tmp_path_factory.mktemp("app") / "home"
    # The variable must not open what is closed.
    app = App(home, "--allow-host", ALLOWED, STREAMLIT_SERVER_ENABLE_CORS="false")
    yield app.port
    app.end()


def ask(
    port: int, address: str = "/", *, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], str]:
    """Status, headers (their names in small letters) and text of one answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.putrequest(method, address, skip_host="Host" in named)
    for name, value in named.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    text = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, text


def shake_hands(port: int, host: str, origin: str | None) -> str:
    """The first line of the answer to a WebSocket's request."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        "GET /_stcore/stream HTTP/1.1",
        f"Host: {host}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
        *([f"Origin: {origin}"] if origin else []),
    ]
    return raw(port, "\r\n".join(lines) + "\r\n\r\n").partition("\r\n")[0]


def raw(port: int, request: str) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request.encode("latin-1"))
        return connection.recv(8192).decode("latin-1")


@pytest.mark.parametrize("host", FOREIGN)
def test_a_foreign_host_gets_403_and_nothing_else(port: int, host: str) -> None:
    for address in ("/", "/workbench/health"):
        status, headers, text = ask(port, address, Host=host.replace("PORT", str(port)))
        assert status == 403, address
        assert "Streamlit" not in text
        assert len(text) < 300
        assert set(HEADERS) <= set(headers)


@pytest.mark.parametrize("host", OWN)
def test_its_own_names_are_answered(port: int, host: str) -> None:
    if host == "::1":
        host = "[::1]"
    assert ask(port, "/workbench/health", Host=host.replace("PORT", str(port)))[0] == 200


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_answers_a_foreign_host(port: int, address: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"):
        assert ask(port, address, method=method, Host="evil.example")[0] == 403, method


@pytest.mark.parametrize("address", ADDRESSES)
def test_everything_has_the_headers(port: int, address: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        _status, headers, _text = ask(port, address, method=method)
        assert set(HEADERS) <= set(headers), method
        assert headers["x-content-type-options"] == "nosniff"
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        # Nothing may come from, or go to, another host.
        assert not any(part in policy for part in ("http:", "https:", "*", "ws:", "unsafe-eval"))
        assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("lines", ["", "Host: localhost\r\nHost: evil.example\r\n"])
def test_no_host_or_two_of_them_are_refused(port: int, lines: str) -> None:
    answer = raw(port, f"GET / HTTP/1.0\r\n{lines}\r\n")
    assert answer.split()[1] in ("400", "403"), answer
    assert "<html" not in answer


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("localhost:PORT", "http://localhost:PORT", "101"),
        ("127.0.0.1:PORT", None, "101"),  # no browser
        (ALLOWED, f"https://{ALLOWED}", "101"),
        (f"{ALLOWED}:443", f"https://{ALLOWED}", "101"),
        ("127.0.0.1:PORT", f"https://{ALLOWED}", "101"),  # a proxy that sends its own Host
        ("evil.example:PORT", "http://evil.example:PORT", "403"),  # DNS rebinding
        ("evil.example", None, "403"),
        ("localhost:PORT", "http://evil.example", "403"),
        ("localhost:PORT", "http://localhost:1", "403"),  # another program of this machine
        ("localhost:PORT", "http://127.0.0.1:PORT", "403"),
        ("localhost:PORT", "null", "403"),
        ("localhost:PORT", "file://", "403"),
    ],
)
def test_a_websocket_is_for_pages_of_the_app(
    port: int, host: str, origin: str | None, status: str
) -> None:
    named = origin.replace("PORT", str(port)) if origin else None
    line = shake_hands(port, host.replace("PORT", str(port)), named)
    assert line.split()[1] == status, line


def test_a_page_of_another_site_can_send_nothing(port: int) -> None:
    for method in ("GET", "POST", "PUT", "DELETE"):
        upload = "/_stcore/upload_file/session/file"
        status, _headers, text = ask(port, upload, method=method, Origin="http://evil.example")
        assert (status, "another site" in text) == (403, True)


def test_the_other_names_of_a_server_that_others_reach() -> None:
    hosts = AllowedHosts.of("0.0.0.0")
    own = socket.gethostname().lower()
    for name in (own, own.partition(".")[0] + ".local", "192.168.7.9:80", "[fe80::1]", "localhost"):
        assert hosts.refusal([(b"host", name.encode())]) is None, name
    assert hosts.refusal([(b"host", b"evil.example")]) is not None
    named = AllowedHosts.of("lab.example")
    assert named.refusal([(b"host", b"LAB.example.:8501")]) is None
    assert named.refusal([(b"host", b"lab.example.evil")]) is not None
    here = AllowedHosts.of("127.0.0.1")
    assert here.refusal([(b"host", b"127.8.0.1")]) is None
    assert here.refusal([(b"host", own.encode() + b".evil")]) is not None


@pytest.mark.parametrize("name", ["", "*", "http://lab.example", "lab.example:80", "a b", "a/b"])
def test_a_name_to_allow_is_a_name(name: str) -> None:
    with pytest.raises(RequestError, match="--allow-host"):
        AllowedHosts.of("127.0.0.1", [name])
