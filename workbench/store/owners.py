"""Whose run it is: names claimed once by a browser, and who may stop or delete what.

A name is no login. It keeps thirty students on one server from stopping each other's runs by
mistake; the secret beside it keeps a name from being taken over from the address bar.
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
    """Who looks at the app. name is empty until one is given; admin holds the start token; local
    is whoever sits at this machine."""

    name: str = ""
    admin: bool = False
    local: bool = False


def claim(store: Store, name: str, secret: str) -> str:
    """Take a name for the browser that holds ``secret``; returns the name as stored.

    Raises RequestError for a name of another browser, or one that cannot be shown.
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


def verified(store: Store, name: str, secret: str) -> bool:
    """Whether the browser with ``secret`` holds ``name``."""
    known = store.setting(_key(name)) if name else None
    return known is not None and hmac.compare_digest(known, _digest(secret))


def may_change(viewer: Viewer, run: RunRow) -> bool:
    """Whether this viewer may stop, resume or delete the run."""
    return viewer.admin or viewer.local or (bool(viewer.name) and viewer.name == run.owner)


def _key(name: str) -> str:
    return f"owner:{name.casefold()}"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
