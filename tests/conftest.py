"""What many tests need: prepared sample data, finished runs, ports that keep what they get."""

from __future__ import annotations

import os
import runpy
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

# Tests are imported by path, which leaves out the helpers beside them.
sys.path.insert(0, str(Path(__file__).parent))
from process_ending import end_processes
from session_folders import made_once, shared_folder

# This process and those that tests start compile umap-learn once between them.
KEPT_COMPILATION = Path(__file__).with_name("kept_compilation")
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(KEPT_COMPILATION), *filter(None, [os.environ.get("PYTHONPATH")])]
)
runpy.run_path(str(KEPT_COMPILATION / "sitecustomize.py"))
# Before torch is imported: tests share the machine with each other and with what they start, and
# threads that wait for one another by spinning cost more than they bring.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Each engine would compile UMAP when it starts, and few tests want a map.
os.environ.setdefault("WORKBENCH_WARM_UP", "0")


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test touches the home of whoever runs the tests."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path_factory.getbasetemp() / "default-home"))
    monkeypatch.delenv("WORKBENCH_STORE", raising=False)


@pytest.fixture(autouse=True)
def _same_main() -> Iterator[None]:
    """Give `__main__` back: AppTest leaves its script there, and spawned processes run it."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


DEBIAN = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, or Playwright's own. One for the session: Playwright allows one."""
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as player:
        try:
            launched = player.chromium.launch(
                executable_path=str(DEBIAN) if DEBIAN.exists() else None, args=list(FLAGS)
            )
        except Error as error:
            if os.environ.get("CI") == "true":
                raise
            pytest.skip(f"there is no Chromium: {str(error).splitlines()[0]}")
        yield launched
        launched.close()


@dataclass
class MemoryEvents:
    """Events kept in lists."""

    points: list[tuple[int, dict[str, float]]] = field(default_factory=list)
    phases: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        self.points.append((step, dict(values)))

    def phase(self, phase: str, *, progress: float = 0.0, eta_seconds: float | None = None) -> None:
        if not self.phases or self.phases[-1] != phase:
            self.phases.append(phase)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def summary(self, values: Mapping[str, Any]) -> None:
        self.told |= values

    def series(self, name: str) -> list[tuple[int, float]]:
        return [(step, values[name]) for step, values in self.points if name in values]


@dataclass
class StopAfter:
    """Control that asks for a stop at the ``steps``-th question."""

    steps: float = float("inf")
    asked: int = 0

    def should_stop(self) -> bool:
        self.asked += 1
        return self.asked > self.steps

    def exclusive(self) -> Callable[[], None]:
        return lambda: None


@pytest.fixture
def memory_events() -> MemoryEvents:
    return MemoryEvents()


@pytest.fixture
def stop_after() -> type[StopAfter]:
    return StopAfter


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the processes on shared homes, when the last process that used them is done."""
    factory = getattr(session.config, "_tmp_path_factory", None)
    if factory is not None and not hasattr(session.config, "workerinput"):
        end_processes(shared_folder(factory))


@pytest.fixture(scope="session")
def digits_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the digits are prepared. Copy it before writing into it."""
    from workbench.config import DataConfig
    from workbench.data import prepare

    return made_once(
        tmp_path_factory, "digits-home", lambda home: prepare(DataConfig("sample:digits"), home)
    )


@pytest.fixture(scope="session")
def finished_home(digits_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two finished runs, ``simclr`` and ``rotation``, of a few steps, and their maps.
    Only read it."""

    def make(own: Path) -> None:
        from run_making import carry_out

        import workbench as wb
        from workbench.engine.map_fitting import Mapper
        from workbench.jobs import supervisor

        shutil.copytree(digits_home, own)
        data = wb.load("sample:digits", home=own)
        with supervisor._lock(own).acquire(timeout=5):
            for task in ("simclr", "rotation"):
                run = wb.pretrain(
                    data,
                    task=task,
                    steps=12,
                    encoder="small_conv",
                    train={"batch_size": 64},
                    wait=False,
                )
                row = carry_out(own)
                assert (row.id, row.state) == (run.id, "finished"), row.reason
                assert Mapper(own).fit_next()
                assert run.row.map_state == "ready"
        for left in own.glob("*.lock"):
            left.unlink()

    return made_once(tmp_path_factory, "finished-home", make)


@pytest.fixture
def home(digits_home: Path, tmp_path: Path) -> Iterator[Path]:
    """A home of this test's own, with the digits prepared; its processes end with the test."""
    own = tmp_path / "home"
    # Some tests score in the home that all share; who counts baselines starts without any.
    shutil.copytree(digits_home, own, ignore=shutil.ignore_patterns("baselines", "*.lock", ".*"))
    yield own
    end_processes(own)
