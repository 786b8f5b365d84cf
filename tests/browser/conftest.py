"""A real app, and pages of a real Chromium."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from app_process import App
from playwright.sync_api import Browser, BrowserContext, Page, expect
from process_ending import end_processes
from session_folders import made_once

# Tests are imported by path, which leaves out the helpers beside them.
sys.path.insert(0, str(Path(__file__).parent))
# A page on a busy machine may take longer than Playwright's five seconds.
expect.set_options(timeout=60_000)


@dataclass(frozen=True)
class SharedApp:
    """An app that another process of this test session may have started."""

    home: Path
    url: str
    pid: int


def copy_finished(finished_home: Path, home: Path) -> Path:
    shutil.copytree(finished_home, home, ignore=shutil.ignore_patterns("*.lock", "engine.json"))
    return home


@pytest.fixture
def app(home: Path) -> Iterator[App]:
    """An app of this test's own, on a home without runs."""
    started = App(home)
    yield started
    started.end()


@pytest.fixture(scope="module")
def own_app(finished_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One app for the tests of a module that add or remove runs, on a home with two of them."""
    started = App(copy_finished(finished_home, tmp_path_factory.mktemp("own-app") / "home"))
    yield started
    started.end()
    end_processes(started.home)


@pytest.fixture(scope="session")
def shared_app(finished_home: Path, tmp_path_factory: pytest.TempPathFactory) -> SharedApp:
    """One app, on a home with two finished runs, for all tests that add or remove no run there."""

    def start(folder: Path) -> None:
        started = App(copy_finished(finished_home, folder / "home"))
        (folder / "app.json").write_text(json.dumps({"url": started.url, "pid": started.pid}))

    folder = made_once(tmp_path_factory, "shared-app", start)
    return SharedApp(folder / "home", **json.loads((folder / "app.json").read_text()))


SCREEN = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that keeps what it has loaded from page to page, and from test to test."""
    made = browser.new_context(viewport=SCREEN)
    yield made
    made.close()


@pytest.fixture
def open_page(browser: Browser, context: BrowserContext) -> Iterator[Callable[..., Page]]:
    """Opens pages. stranger: in a browser of its own, which has been nowhere before; ``more`` are
    properties of such a browser. ``requests`` collects every address that the page asks for."""
    opened: list[Page | BrowserContext] = []

    def make(
        url: str, requests: list[str] | None = None, *, stranger: bool = False, **more: Any
    ) -> Page:
        if stranger or more:
            own = browser.new_context(viewport=SCREEN, **more)
            page = own.new_page()
            opened.append(own)
        else:
            page = context.new_page()
            opened.append(page)
        page.set_default_timeout(60_000)
        if requests is not None:
            page.on("request", lambda request: requests.append(request.url))
        page.goto(url)
        return page

    yield make
    for one in opened:
        one.close()
