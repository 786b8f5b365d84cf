"""What tests of pages share: opening a page at an address, and a home with drawn runs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from process_ending import end_processes
from session_folders import made_once
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

# Makes the helpers in this folder importable: tests are imported by path.
sys.path.insert(0, str(Path(__file__).parent))

from workbench import paths
from workbench.app import settings

ENTRY = Path(settings.__file__).with_name("entry.py")
# Generous: the first script run of a process imports, and an engine may have to start.
_SECONDS = 120


class OpenPage(Protocol):
    """Opens ``page`` (its file's name; the default page without one) on ``home``. query: parameters
    of the address."""

    def __call__(
        self, home: Path, page: str = "", /, *, host: str = "127.0.0.1", **query: str
    ) -> AppTest: ...


@pytest.fixture
def open_page() -> Iterator[OpenPage]:
    """Opens a page as a deep link does: one script run of the entry with this page. The settings
    are those of the environment again after the test."""

    def make(home: Path, page: str = "", /, *, host: str = "127.0.0.1", **query: str) -> AppTest:
        settings.use(settings.AppSettings(home, host=host))
        app = AppTest.from_file(str(ENTRY), default_timeout=_SECONDS)
        for name, value in query.items():
            app.query_params[name] = value
        if page:
            app.switch_page(str(paths.pages_dir() / f"{page}.py"))
        app.run()
        assert not app.exception
        # Streamlit would silently fall back to the default page.
        assert app._finished_page_script_hash == calc_hash(page or "start"), "another page opened"
        return app

    yield make
    settings.use(None)


@pytest.fixture(scope="session")
def drawn_home(digits_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two finished runs, SimCLR and then Rotation, written without training; one engine
    answers all tests that read it. Only read it."""
    import drawn_runs

    def make(home: Path) -> None:
        shutil.copytree(digits_home, home, ignore=shutil.ignore_patterns("*.lock"))
        data = drawn_runs.dataset(home)
        for task in ("simclr", "rotation"):
            drawn_runs.draw(home, data, task)

    return made_once(tmp_path_factory, "drawn-home", make)


@pytest.fixture
def own(drawn_home: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of ``drawn_home`` to write to; its data are linked. What runs on it ends."""
    home = tmp_path / "own"
    shutil.copytree(
        drawn_home, home, ignore=shutil.ignore_patterns("data", "*.lock", "engine*", "*.log")
    )
    (home / "data").symlink_to(drawn_home / "data")
    yield home
    end_processes(home)
