"""A real app, and pages of a real Chromium."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

# Tests are imported by path, which leaves out the helpers beside them.
sys.path.insert(0, str(Path(__file__).parent))
# A page on a busy machine may take longer than Playwright's five seconds.
expect.set_options(timeout=20_000)


class App:
    """A ``workbench app`` process; ``restart`` ends it and starts it on the same port and home."""

    def __init__(self, home: Path):
        self.home = home
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.process = self._start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def restart(self) -> None:
        self.end()
        self.process = self._start()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        command = ["-c", "from workbench.cli.main import main; main()", "app", "--no-browser"]
        process = subprocess.Popen(
            [sys.executable, *command, "--port", str(self.port), "--home", str(self.home)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/workbench/health", timeout=1):
                    return process
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("the app did not answer")


@pytest.fixture
def app(home: Path) -> Iterator[App]:
    started = App(home)
    yield started
    started.end()


@pytest.fixture(scope="module")
def shared_app(finished_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One app for a module's tests, on a copy of the home with two finished runs."""
    home = tmp_path_factory.mktemp("shared") / "home"
    shutil.copytree(finished_home, home, ignore=shutil.ignore_patterns("*.lock", "engine.json"))
    started = App(home)
    yield started
    started.end()
    for process in psutil.process_iter(["cmdline"]):
        if any(str(home) in part for part in process.info["cmdline"] or ()):
            process.kill()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages in a context of their own; ``requests`` collects every address they ask for."""
    contexts = []

    def make(url: str, requests: list[str] | None = None, **more: Any) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, **more)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        if requests is not None:
            page.on("request", lambda request: requests.append(request.url))
        page.goto(url)
        return page

    yield make
    for context in contexts:
        context.close()
