"""What every page needs: the home, its store and engine, the person who looks, and runs by id."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NoReturn
from urllib.parse import unquote

import streamlit as st

from workbench import paths
from workbench.app import settings
from workbench.app.shared import browser
from workbench.engine.client import EngineClient
from workbench.errors import StoreError
from workbench.store import owners
from workbench.store.store import Store
from workbench.stored_runs import stored_run
from workbench.stored_runs.stored_run import StoredRun

COOKIE = "workbench-owner"
_VIEWER = "viewer"
# The experiment of the packaged runs that the Start page shows.
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
    local = not settings.current().shared and browser.address() == browser.HERE
    visitor = "" if local else owners.visitor_of(browser.secret())
    admin = bool(st.session_state.get("admin"))
    name, secret = st.session_state.get(_VIEWER) or _cookie()
    verified = name if name and owners.owns_name(store(), name, secret) else ""
    return owners.Viewer(verified, admin=admin, local=local, visitor=visitor)


def remember(name: str, secret: str) -> None:
    """Use this name for the rest of the visit; the cookie keeps it for the next."""
    st.session_state[_VIEWER] = (name, secret)


def _cookie() -> tuple[str, str]:
    name, _, secret = str(st.context.cookies.get(COOKIE, "")).rpartition("~")
    return unquote(name), secret


def find_run(run_id: str) -> StoredRun | None:
    """The run with this id, here or among the packaged runs; None if there is none."""
    return stored_run.find(home(), run_id)


def newest_runs(limit: int) -> list[StoredRun]:
    """The newest runs of this home, in any state, without their summaries: for lists."""
    rows = store().runs(limit=limit, summaries=False)
    return [StoredRun(home(), row) for row in rows]


@lru_cache(maxsize=1)
def packaged_runs() -> tuple[StoredRun, ...]:
    """The runs that come with the workbench, for Start and for lessons, in the order in which they
    were made; empty if they are not installed."""
    demo = paths.demo_home()
    try:
        rows = Store.open(demo, read_only=True).runs()
    except StoreError:
        return ()
    return tuple(
        StoredRun(demo, row, demo=True) for row in sorted(rows, key=lambda row: row.created)
    )


def demo_runs() -> tuple[StoredRun, ...]:
    """The packaged runs of the Start page, in the order in which they are shown."""
    return tuple(run for run in packaged_runs() if run.row.experiment == _DEMO)
