"""Homes whose processes are killed and whose disks are filled, for `faults.py` and its tests."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType

import psutil

from workbench import paths, registry
from workbench.config import Budget, DataConfig, RunConfig
from workbench.data import prepare
from workbench.data.dataset import Dataset
from workbench.errors import RequestError, StoreError
from workbench.jobs import launch
from workbench.requests import validation
from workbench.store.rows import ENDED, RunRow
from workbench.store.store import Store

# A run of some seconds writes several checkpoints with it.
PLUGIN = """
import sys
if "workbench.jobs.worker" in sys.argv[0] or "jobs/worker" in sys.argv[0]:
    from workbench.training import trainer
    trainer._CHECKPOINT_SECONDS, trainer._CHECKPOINT_PAUSE = 0.4, 0.0
"""
PATIENCE = 180.0
# Small images, larger ones for tasks that cut them up, texts.
SOURCES = ("sample:digits", "sample:shapes", "sample:intents")
_COMMAND = [sys.executable, "-c", "from workbench.cli.main import main; main()"]


@dataclass(frozen=True)
class TaskOnData:
    """A task and the sample data that it is run on."""

    name: str
    data: str


def all_tasks() -> list[TaskOnData]:
    """Every pretext task, on the first of the sample sets that it can learn from."""
    return [TaskOnData(name, _data_for(name)) for name in sorted(registry.tasks())]


@cache
def _data_for(task: str) -> str:
    for source in SOURCES:
        info = prepare(data_config(source), _spare_home()).info
        with suppress(RequestError):
            validation.validate(RunConfig(data_config(source), task, budget=Budget(steps=1)), info)
            return source
    raise SystemExit(f"no sample set fits {task}")


def data_config(source: str) -> DataConfig:
    """The data of all rounds: few samples, because no round looks at the scores."""
    return DataConfig(source, samples=200)


class Home:
    """A home with its processes, which end with the context. temporary: TMPDIR of its workers."""

    def __init__(self, path: Path, temporary: Path | None = None):
        self.path = path
        self._env = {**os.environ, "WORKBENCH_WARM_UP": "0", "OMP_NUM_THREADS": "1"}
        if temporary is not None:
            self._env["TMPDIR"] = str(temporary)
        self._app: subprocess.Popen[bytes] | None = None
        self.port = 0
        self._environment = dict(os.environ)

    def __enter__(self) -> Home:
        self.path.mkdir(parents=True, exist_ok=True)
        os.environ.update(self._env)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.environ.clear()
        os.environ.update(self._environment)
        for _ in range(3):
            for process in self.processes(""):
                _end(process)
        if kind is None:
            shutil.rmtree(self.path, ignore_errors=True)

    @property
    def store(self) -> Store:
        return Store.open(self.path)

    def prepare(self, source: str) -> Dataset:
        return prepare(data_config(source), self.path)

    def launch(self, task: TaskOnData, steps: int, seed: int = 0) -> str:
        """Enqueue a small run, with its data prepared by the worker where they are not yet."""
        plugin = self.path.parent / "often.py"
        plugin.write_text(PLUGIN)
        config = RunConfig(
            data=data_config(task.data),
            task=task.name,
            budget=Budget(steps=steps),
            train={"batch_size": 32},
            eval={"label_efficiency": False, "nuisances": False},
            seed=seed,
            device="cpu",
        )
        info = prepare(config.data, _spare_home()).info
        valid = validation.validate(config, info).to_json()
        config = RunConfig.from_json({**valid, "plugins": [str(plugin)]})
        return launch.launch(self.path, config, again=True).run_id

    def row(self, run_id: str) -> RunRow:
        return self.store.run(run_id)

    def folder(self, run_id: str) -> Path:
        return paths.run_dir(self.path, run_id)

    def phase(self, run_id: str) -> str:
        beat = self.store.last_heartbeat(run_id)
        return "starting" if beat is None else beat.phase

    def steps(self, run_id: str) -> list[int]:
        """The steps whose loss is in the store."""
        curves = self.store.metrics(run_id, ["loss"], max_points=10**6)
        return [step for step, _ in curves.get("loss", [])]

    def worker_lives(self, run_id: str) -> float:
        """Wait until a worker has the run; returns the moment (monotonic)."""
        _until(lambda: self.row(run_id).pid or self.row(run_id).state in ENDED)
        return time.monotonic()

    def reaches(self, run_id: str, moment: str) -> None:
        """Wait until the run is at ``moment``: a phase, or "map", or it is over."""
        if moment == "map":
            _until(lambda: self.row(run_id).state in ENDED)
            return
        _until(lambda: self.phase(run_id) == moment or self.row(run_id).state in ENDED)

    def ended(self, run_id: str) -> RunRow:
        """The run when it has ended; as it is after ``PATIENCE``. People look at it meanwhile."""

        def over() -> bool:
            with suppress(StoreError, OSError):
                launch.attend(self.path)
                return self.row(run_id).state in ENDED
            return False

        _until(over)
        return self.row(run_id)

    def is_over(self, run_id: str) -> bool:
        """Whether the run has ended, and its map with it."""
        with suppress(StoreError):
            row = self.row(run_id)
            return row.state in ENDED and (
                row.state != "finished" or row.map_state in ("ready", "failed")
            )
        return False

    def map_ended(self, run_id: str) -> str:
        """The state of the run's map when it is ready or failed; as it is after ``PATIENCE``."""

        def over() -> bool:
            launch.attend(self.path)
            return self.row(run_id).map_state in ("ready", "failed")

        _until(over)
        return self.row(run_id).map_state

    def resume(self, run_id: str) -> None:
        with suppress(RequestError):
            launch.resume(self.path, run_id)

    def kill_worker(self, run_id: str) -> bool:
        """Kill the run's worker; whether there was one and the run was live."""
        row = self.row(run_id)
        if row.state in ENDED or row.pid is None:
            return False
        with suppress(psutil.NoSuchProcess):
            psutil.Process(row.pid).kill()
            return True
        return False

    def kill(self, role: str) -> bool:
        """Kill the process of this role, "jobs.supervisor", "engine.server" or "app"."""
        victims = self.processes(f"workbench.{role}" if "." in role else role)
        for victim in victims:
            _end(victim)
        return bool(victims)

    def start_app(self) -> None:
        """Start the app's server, unless it lives, and wait for its first answer."""
        if self._app is not None and self._app.poll() is None:
            return
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._app = subprocess.Popen(
            [*_COMMAND, "app", "--no-browser", "--port", str(self.port), "--home", str(self.path)],
            env=self._env | {"PYTHONPATH": str(Path(paths.__file__).parents[1])},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _until(self.app_answers)

    def app_answers(self) -> bool:
        with suppress(OSError, urllib.error.URLError):
            address = f"http://127.0.0.1:{self.port}/workbench/health"
            return bool(json.load(urllib.request.urlopen(address, timeout=5))["status"] == "ok")
        return False

    def page_words(self, run_id: str) -> str:
        """What a script run of the Runs page ends in: "drawn", or its exception."""
        script = (
            "import sys; from pathlib import Path; from streamlit.testing.v1 import AppTest\n"
            "from workbench import paths; from workbench.app import settings\n"
            "settings.use(settings.AppSettings(Path(sys.argv[1]), host='127.0.0.1'))\n"
            "app = AppTest.from_file(settings.__file__.replace('settings.py', 'entry.py'), "
            "default_timeout=100)\n"
            "app.query_params['run'] = sys.argv[2]\n"
            "app.switch_page(str(paths.pages_dir() / 'runs.py')); app.run()\n"
            "print('|'.join(e.message for e in app.exception) or 'drawn')"
        )
        done = subprocess.run(
            [sys.executable, "-c", script, str(self.path), run_id],
            env=self._env | {"PYTHONPATH": str(Path(paths.__file__).parents[1])},
            capture_output=True,
            text=True,
            check=False,
        )
        return (done.stdout.strip() or done.stderr.strip()).splitlines()[-1]

    def processes(self, word: str) -> list[psutil.Process]:
        """The processes that name this home and, unless it is empty, ``word`` as arguments."""
        processes = []
        for process in psutil.process_iter(["cmdline"]):
            words = process.info["cmdline"] or []
            if str(self.path) in words and (not word or word in words):
                processes.append(process)
        return processes

    def family(self) -> set[int]:
        """The ids of all processes of this home and of their children, ended ones too that nobody
        has waited for."""
        found = set()
        for process in self.processes(""):
            with suppress(psutil.NoSuchProcess):
                found |= {process.pid, *(one.pid for one in process.children(recursive=True))}
        return found


class Volume:
    """A small file system of memory. place: what lies on it, "home", "cache" or "temporary"."""

    def __init__(self, path: Path, place: str, megabytes: int = 300):
        self.path, self.place, self._megabytes = path, place, megabytes
        self.home = path / ("volume/home" if place == "home" else "home")
        self.tmp = path / "volume/tmp" if place == "temporary" else None
        self._mount = self.home / "data" if place == "cache" else path / "volume"

    def __enter__(self) -> Volume:
        self._mount.mkdir(parents=True, exist_ok=True)
        size = f"size={self._megabytes}m"
        subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", self._mount], check=True)
        if self.tmp is not None:
            self.tmp.mkdir()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        subprocess.run(["umount", "-l", self._mount], check=True)
        shutil.rmtree(self.path, ignore_errors=True)

    def fill(self, leave: int = 0) -> None:
        """Leave about ``leave`` bytes free."""
        with (self._mount / "ballast").open("wb", buffering=0) as file, suppress(OSError):
            while (free := shutil.disk_usage(self._mount).free) > leave:
                file.write(b"\0" * min(2**20, max(4096, free - leave)))

    def free(self) -> None:
        (self._mount / "ballast").unlink()


def _spare_home() -> Path:
    """A home on another disk: to validate a run, its data are prepared, but not on the full one."""
    return Path(tempfile.gettempdir()) / f"faults-data-{os.getuid()}"


def _until(what: Callable[[], object], seconds: float = PATIENCE) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(StoreError):
            if what():
                return True
        time.sleep(0.1)
    return False


def _end(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
        process.kill()
        process.wait(5)
