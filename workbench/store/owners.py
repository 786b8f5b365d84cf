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
from workbench.store.rows import RunRow
from workbench.store.settings import SettingsPart

_NAME = re.compile(r"^[\w][\w .\-]{0,29}$")


# No name may contain it: what begins with it is a browser without a name.
_VISITOR = "~"


@dataclass(frozen=True)
class Viewer:
    """Who uses the app. name: empty until one is given. admin: holds the token that the terminal
    printed. local: sits at this machine. visitor: the browser itself, see ``visitor_of``; empty
    where only this machine reaches the app."""

    name: str = ""
    admin: bool = False
    local: bool = False
    visitor: str = ""

    @property
    def owner(self) -> str:
        """The owner of what this viewer makes: the name, else the browser; empty at this machine
        without a name."""
        return self.name or self.visitor

    @property
    def trusted(self) -> bool:
        """Whether limits and privacy do not hold for this viewer."""
        return self.admin or self.local

    def is_owner(self, owner: str) -> bool:
        """Whether what belongs to ``owner`` is this viewer's: by name, or from before there was
        one."""
        return bool(owner) and owner in (self.name, self.visitor)


def claim(store: SettingsPart, name: str, secret: str) -> str:
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


def owns_name(store: SettingsPart, name: str, secret: str) -> bool:
    """Whether the browser with ``secret`` has claimed ``name``."""
    digest = store.setting(_key(name)) if name else None
    return digest is not None and hmac.compare_digest(digest, _digest(secret))


def visitor_of(secret: str) -> str:
    """The public name of the browser that holds ``secret``, which it does not give away."""
    return f"{_VISITOR}{_digest(secret)[:16]}"


def is_visitor(owner: str) -> bool:
    """Whether ``owner`` is a browser without a name."""
    return owner.startswith(_VISITOR)


def in_words(owner: str) -> str:
    """An owner as pages show it: a name, or 'visitor 3f2a' for a browser without one."""
    return f"visitor {owner[1:5]}" if is_visitor(owner) else owner


def may_change(viewer: Viewer, run: RunRow) -> bool:
    """Whether this viewer may stop, resume, rename, tag or delete the run."""
    return viewer.trusted or viewer.is_owner(run.owner)


def check_may_change(viewer: Viewer | None, run: RunRow) -> None:
    """Raise RequestError for somebody else's run. viewer: None for who sits at this machine."""
    if viewer is not None and not may_change(viewer, run):
        raise RequestError(
            f"'{run.id}' is {in_words(run.owner) or 'somebody else'}'s run.",
            field="RUN",
            remedy="Only its owner changes it; run it again to have one of your own.",
        )


def _key(name: str) -> str:
    return f"owner:{name.casefold()}"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
