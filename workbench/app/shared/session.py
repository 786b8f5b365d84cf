"""What every page needs: the home, its store and engine, who is looking, and runs by id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

import streamlit as st

from workbench import paths
from workbench.app import settings
from workbench.engine.client import EngineClient
from workbench.errors import StoreError
from workbench.store import owners
from workbench.store.store import RunRow, Store
from workbench.stored_runs import run_json

COOKIE = "workbench-owner"
_DRAFT = "viewer"
_DEMO = "demo"


def home() -> Path:
    return settings.current().home


def store() -> Store:
    return Store.open(home())


def engine() -> EngineClient:
    return EngineClient(home())


def go(page: str, query: Mapping[str, str] | None = None) -> NoReturn:
    """Leave for another page, by its file's name, with these parameters in the address."""
    st.switch_page(paths.pages_dir() / f"{page}.py", query_params=dict(query or {}))


def viewer() -> owners.Viewer:
    """Who looks at the page: by a cookie of this browser, or by being at this machine."""
    local = settings.current().loopback
    admin = bool(st.session_state.get("admin"))
    name, secret = st.session_state.get(_DRAFT) or _cookie()
    known = name if name and owners.verified(store(), name, secret) else ""
    return owners.Viewer(known, admin=admin, local=local)


def remember(name: str, secret: str) -> None:
    """Use this name for the rest of the visit; the cookie keeps it for the next."""
    st.session_state[_DRAFT] = (name, secret)


def _cookie() -> tuple[str, str]:
    name, _, secret = str(st.context.cookies.get(COOKIE, "")).rpartition("~")
    from urllib.parse import unquote

    return unquote(name), secret


@dataclass(frozen=True)
class Located:
    """A run with the home it lies in: the user's own, or the stored demo runs'."""

    home: Path
    row: RunRow

    @property
    def demo(self) -> bool:
        return self.home == demo_home()

    @property
    def folder(self) -> Path:
        return paths.run_dir(self.home, self.row.id)

    def json(self) -> dict[str, Any]:
        """The run as ``workbench show --json`` gives it."""
        return run_json.run_json(self.home, self.row, read_only=self.demo)


def demo_home() -> Path:
    """The read-only home of the demo runs."""
    return paths.demo_home()


@lru_cache(maxsize=1)
def stored_runs() -> tuple[RunRow, ...]:
    """All stored runs, the demo's and the lessons', in the order in which they were made; empty if
    they are not installed."""
    try:
        rows = Store.open(demo_home(), read_only=True).runs()
    except StoreError:
        return ()
    return tuple(sorted(rows, key=lambda row: row.created))


def demo_runs() -> tuple[RunRow, ...]:
    """The stored runs of the Start page, in the order they are shown."""
    return tuple(row for row in stored_runs() if row.experiment == _DEMO)


def locate(run_id: str) -> Located | None:
    """The run with this id, here or among the stored runs; None if there is none."""
    row = store().find(run_id)
    if row is not None:
        return Located(home(), row)
    demo = next((row for row in stored_runs() if row.id == run_id), None)
    return Located(demo_home(), demo) if demo is not None else None
