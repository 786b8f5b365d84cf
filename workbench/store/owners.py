"""Owners of runs: a browser claims a name once, and only an owner may stop or delete a run.

A name is no login. It keeps thirty students on one server from stopping each other's runs by
mistake. The browser's secret keeps others from taking over a name through the address bar.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from workbench.errors import RequestError
from workbench.store.store import RunRow, Store

_NAME = re.compile(r"^[\w][\w .\-]{0,29}$")


@dataclass(frozen=True)
class Viewer:
    """Who uses the app. name: empty until one is given. admin: holds the token that the terminal
    printed. local: sits at this machine."""

    name: str = ""
    admin: bool = False
    local: bool = False


def claim(store: Store, name: str, secret: str) -> str:
    """Take a name for the browser that holds ``secret``; returns the name as it is stored.

    Raises RequestError for a name of another browser, and for one that is not allowed.
    """
    name = " ".join(name.split())
    if not _NAME.match(name):
        raise RequestError(
            "this name cannot be used.",
            field="Name",
            remedy="Give 1 to 30 letters, digits, spaces, dots or hyphens.",
        )
    if not hmac.compare_digest(store.claim_setting(_key(name), _digest(secret)), _digest(secret)):
        raise RequestError(
            f"'{name}' is taken by another browser.", field="Name", remedy="Choose another name."
        )
    return name


def owns_name(store: Store, name: str, secret: str) -> bool:
    """Whether the browser with ``secret`` has claimed ``name``."""
    digest = store.setting(_key(name)) if name else None
    return digest is not None and hmac.compare_digest(digest, _digest(secret))


def may_change(viewer: Viewer, run: RunRow) -> bool:
    """Whether this viewer may stop, resume or delete the run."""
    return viewer.admin or viewer.local or (bool(viewer.name) and viewer.name == run.owner)


def _key(name: str) -> str:
    return f"owner:{name.casefold()}"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
