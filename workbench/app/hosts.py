"""The host names that this server answers to: the defence against DNS rebinding.

The owner of a foreign site can point its name to 127.0.0.1. Requests of its pages then reach this
server, but name the foreign host in ``Host`` and ``Origin``. So both are compared with the server's
own names.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.errors import RequestError

Headers = Sequence[tuple[bytes, bytes]]

_LOCALHOST = "localhost"
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::(?P<port>[0-9]{1,5}))?")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class AllowedHosts:
    """names: lower case, without port and final dot. public: other machines reach the server.
    trusted: names whose pages may use the server even if a proxy has changed ``Host``."""

    names: frozenset[str]
    public: bool
    trusted: frozenset[str] = frozenset()

    @classmethod
    def of(cls, host: str, given: Sequence[str] = ()) -> AllowedHosts:
        """The names of a server that listens on ``host``; ``given``: those of ``--allow-host``.

        Raises RequestError for one that is no host name or address.
        """
        trusted = frozenset(_given(name) for name in given)
        bound = _canonical(host)
        public = not is_loopback(host)
        own = _own_names() if public else ()
        return cls(frozenset((_LOCALHOST, bound, *own)) | trusted, public, trusted)

    def refusal(self, headers: Headers) -> str | None:
        """Why a request with these headers is refused, in one sentence; None if it is not."""
        hosts, origins = _values(headers, b"host"), _values(headers, b"origin")
        host = _split(hosts[0]) if len(hosts) == 1 else None
        if host is None:
            return "A request must have exactly one valid Host header."
        if not self._has(host[0]):
            return (
                f"This app is not known as '{host[0]}'. "
                f"If that is its name, start it with --allow-host {host[0]}."
            )
        if origins and not (len(origins) == 1 and self._may_call(origins[0], *host)):
            return "This request comes from a page of another site, which may not use this app."
        return None

    def _has(self, name: str) -> bool:
        # DNS can lead a name to any address. An address needs no DNS, so it cannot be rebound.
        return name in self.names or is_loopback(name) or (self.public and _is_address(name))

    def _may_call(self, origin: str, name: str, port: int | None) -> bool:
        """Whether ``origin`` is the host of the request or a trusted one.

        The scheme of the request does not count: a proxy may take https and pass on http.
        """
        scheme, _, rest = origin.partition("://")
        page = _split(rest) if scheme in _PORTS else None
        if page is None:
            return False
        usual = _PORTS[scheme]
        return page[0] in self.trusted or (page[0], page[1] or usual) == (name, port or usual)


def _values(headers: Headers, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in headers if key.lower() == name]


def _split(text: str) -> tuple[str, int | None] | None:
    """Name and port of ``NAME[:PORT]``; None for something else."""
    match = _HOST.fullmatch(text.lower())
    if match is None:
        return None
    return _canonical(match["name"]), int(match["port"]) if match["port"] else None


def _canonical(name: str) -> str:
    """``name`` in lower case, without brackets and final dot; an address in its usual form."""
    text = name.lower().removeprefix("[").removesuffix("]").removesuffix(".")
    return str(ipaddress.ip_address(text)) if _is_address(text) else text


def _given(name: str) -> str:
    host = _split(f"[{name}]" if _is_address(name) and ":" in name else name)
    if host is None or host[1] is not None:
        raise RequestError(
            f"'{name}' is no host name.",
            field="--allow-host",
            remedy="Give a name as a browser shows it, without http:// and port: lab.example.",
        )
    return host[0]


def _own_names() -> tuple[str, ...]:
    """The name of this machine: whole, its first part, and its name in the local network."""
    whole = _canonical(socket.gethostname())
    first = whole.partition(".")[0]
    return (whole, first, f"{first}.local")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(name: str) -> bool:
    """Whether only this machine can reach a server that listens on ``name``."""
    return name == _LOCALHOST or (_is_address(name) and ipaddress.ip_address(name).is_loopback)
