"""One supervisor a home: runs one after the other, deaths noticed, stops obeyed.

Real processes, killed for real; where several devices or a failing start are needed, an executor
that this file makes up, for the executor is a port.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from process_ending import end_processes
from run_making import ended, processes, request, step_of, until

from workbench.config import DataConfig, RunConfig
from workbench.data import prepare
from workbench.errors import StoreError
from workbench.jobs import launch, supervisor, worker
from workbench.jobs.executor import LocalExecutor
from workbench.jobs.processes import Process, alive, identify, kill
from workbench.jobs.supervisor import Supervisor
from workbench.run_folder import CHECKPOINT, ENCODER, LOG
from workbench.store.store import RunRow, Store

WINDOWS = sys.platform == "win32"

# Few samples, scored shortly: what is looked at is who runs, and when.
DATA = DataConfig("sample:digits", samples=200)
STEPS = 400

PACED = '''
import time
from pathlib import Path
from workbench.tasks.rotation import Rotation

class Paced(Rotation):
    """Rotation whose steps take their time, and no processor, until a file is there."""
    name = "paced"

    def views(self, module, batch, augment, rng):
        if not Path({gate!r}).exists():
            time.sleep(0.05)
        return super().views(module, batch, augment, rng)
'''

CALLERS = """
import json, multiprocessing, sys
from pathlib import Path
from workbench.config import RunConfig
from workbench.jobs import launch, supervisor

def call(home, config, all_ready):
    all_ready.wait()
    if config:
        print(launch.launch(home, RunConfig.from_json(json.loads(config))).run_id, flush=True)
    supervisor.ensure(home)

if __name__ == "__main__":
    home, configs = Path(sys.argv[1]), sys.argv[2:]
    forks = "fork" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if forks else "spawn")
    all_ready = context.Barrier(len(configs))
    callers = [context.Process(target=call, args=(home, text, all_ready)) for text in configs]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    sys.exit(any(caller.exitcode for caller in callers))
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the data lie, and nothing else."""
    home = tmp_path_factory.mktemp("prepared") / "home"
    prepare(DATA, home)
    return home


@pytest.fixture
def home(prepared: Path, tmp_path: Path) -> Iterator[Path]:
    """A home of this test's own; its processes end with the test."""
    yield Path(shutil.copytree(prepared, tmp_path / "home"))
    end_processes(tmp_path / "home")


def short(home: Path, steps: int = 3, **changes: Any) -> RunConfig:
    """A request on the few samples."""
    quick = {"label_efficiency": False, "nuisances": False}
    return request(home, steps, data=DATA, eval=quick, **changes)


def paced(home: Path, steps: int, gate: Path, **changes: Any) -> RunConfig:
    """A request that takes 0.05 s a step until ``gate`` is there."""
    plugin = gate.with_suffix(".py")
    plugin.write_text(PACED.format(gate=str(gate)))
    config = short(home, steps, **changes).to_json()
    return RunConfig.from_json({**config, "task": "paced", "plugins": [str(plugin)]})


def test_ten_callers_leave_one_supervisor_and_runs_go_one_by_one(
    home: Path, tmp_path: Path
) -> None:
    texts = [json.dumps(short(home, seed=seed).to_json()) for seed in (1, 2)]
    script = tmp_path / "callers.py"
    script.write_text(CALLERS)
    called = subprocess.run(
        [sys.executable, str(script), str(home), *texts, *[""] * 8],
        capture_output=True,
        text=True,
        check=False,
    )
    assert called.returncode == 0, called.stderr
    ids = called.stdout.split()
    assert len(ids) == 2

    store = Store.open(home)
    (keeper,) = until(lambda: alone(home), "one supervisor is left")
    most_workers = 0
    while not all(store.run(run_id).ended for run_id in ids):
        most_workers = max(most_workers, len(processes(home, "jobs.worker")))
        time.sleep(0.1)
    rows = sorted((ended(store, run_id) for run_id in ids), key=lambda row: row.started or 0)
    assert [row.state for row in rows] == ["finished", "finished"]
    assert most_workers == 1
    assert alone(home) == [keeper], "the others have gone, and none was replaced"
    assert (rows[1].started or 0) >= (rows[0].ended or 0)


def alone(home: Path) -> list[psutil.Process]:
    """The supervisor of the home; empty while there are several, or none."""
    found = processes(home, "jobs.supervisor")
    return found if len(found) == 1 else []


@dataclass
class Shell:
    """A shell that waited for a run and was told to leave it: its exit status and output."""

    status: int
    out: str
    err: str


WAIT = """
import sys
from pathlib import Path
from workbench.jobs import follow
from workbench.stored_runs import run_text
home = Path(sys.argv[1])
rows = follow.wait(home, [sys.argv[2]])
print(rows[0].state)
sys.exit(run_text.exit_status(rows))
"""


@dataclass
class Story:
    """What happened to one run that was stopped, signalled, killed, and went on each time."""

    row: RunRow
    curve: list[tuple[int, float]]
    shell: Shell
    stopped: RunRow
    files_after_stop: list[str]
    signalled: RunRow
    killed: RunRow
    killed_at_step: int
    noticed_after: float
    checks: list[int] = field(default_factory=list)


@pytest.fixture(scope="module")
def story(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    home = tmp_path_factory.mktemp("story") / "home"
    shutil.copytree(prepared, home)
    store, gate = Store.open(home), home.parent / "hurry"
    run_id = launch.launch(home, paced(home, STEPS, gate)).run_id
    try:
        shell = wait_and_interrupt(home, run_id)
        stopped = ended(store, run_id)
        files = sorted(path.name for path in (home / "runs" / run_id).iterdir())
        first = step_of(store, run_id)

        launch.resume(home, run_id)
        until(lambda: step_of(store, run_id) >= first + 5, "the resumed run makes steps")
        psutil.Process(store.run(run_id).pid).terminate()
        signalled = ended(store, run_id)
        second = step_of(store, run_id)

        launch.resume(home, run_id)
        until(lambda: step_of(store, run_id) >= second + 5, "it makes steps again")
        psutil.Process(store.run(run_id).pid).kill()
        at = time.monotonic()
        killed = ended(store, run_id)
        noticed = time.monotonic() - at
        third = step_of(store, run_id)

        gate.touch()
        launch.resume(home, run_id)
        row = ended(store, run_id)
        curve = store.metrics(run_id, ["loss"], max_points=10**6)["loss"]
        names = (path.stem for path in (home / "runs" / run_id).glob("check_*.safetensors"))
        yield Story(
            row,
            curve,
            shell,
            stopped,
            files,
            signalled,
            killed,
            third,
            noticed,
            sorted(int(name.removeprefix("check_")) for name in names),
        )
    finally:
        end_processes(home)


def wait_and_interrupt(home: Path, run_id: str) -> Shell:
    """Wait for a run in a shell, and press Ctrl-C there when training has begun."""
    store = Store.open(home)
    shell = subprocess.Popen(
        [sys.executable, "-c", WAIT, str(home), run_id],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background job ignores it, and hands that down to the tests and from them.
        preexec_fn=None if WINDOWS else lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    until(lambda: step_of(store, run_id) >= 10, "training has begun")
    if WINDOWS:
        # Ctrl-C is sent in another way there.
        launch.stop(home, run_id)
    else:
        shell.send_signal(signal.SIGINT)
    out, err = shell.communicate(timeout=240)
    return Shell(shell.returncode, out, err)


def test_a_stopped_run_leaves_a_checkpoint_and_an_encoder(story: Story) -> None:
    assert story.stopped.state == "stopped"
    assert {CHECKPOINT, ENCODER, LOG} <= set(story.files_after_stop)
    assert story.stopped.summary["training"]["steps"] < STEPS


@pytest.mark.skipif(WINDOWS, reason="Ctrl-C is sent in another way there")
def test_ctrl_c_asks_the_run_to_stop_and_waits_for_it(story: Story) -> None:
    assert story.shell.out.strip() == "stopped"
    assert story.shell.status == 1
    assert "Asking the runs to stop" in story.shell.err
    assert "Traceback" not in story.shell.err
    assert f"{story.row.id} running" in story.shell.err


def test_sigterm_to_a_worker_is_a_wish_to_stop(story: Story) -> None:
    assert story.signalled.state == "stopped"
    assert f"workbench resume {story.row.id}" in str(story.signalled.reason)


def test_a_killed_worker_is_noticed_with_its_reason(story: Story) -> None:
    print(f"noticed {story.noticed_after:.1f} s after SIGKILL")
    assert story.killed.state == "failed"
    assert story.noticed_after < 40
    assert "SIGKILL" in str(story.killed.reason)
    assert f"workbench resume {story.row.id}" in str(story.killed.reason)


def test_a_resumed_run_goes_on_from_its_checkpoint_and_doubles_nothing(story: Story) -> None:
    assert story.row.state == "finished", story.row.reason
    assert story.row.reason is None
    assert story.row.summary["training"]["steps"] == STEPS
    assert [step for step, _ in story.curve] == list(range(1, STEPS + 1))
    assert story.checks == sorted(set(story.checks))
    assert story.checks[-1] == STEPS
    resumed = [note for note in story.row.summary["notes"] if note.startswith("Resumed at step")]
    at = [int(note.split()[3]) for note in resumed]
    assert at == sorted(at)
    assert 0 < at[0] < at[-1] <= story.killed_at_step


def test_a_run_outlives_its_supervisor_and_the_next_one_takes_over(
    home: Path, tmp_path: Path
) -> None:
    store, hurry, never = Store.open(home), tmp_path / "hurry", tmp_path / "never"
    first = launch.launch(home, paced(home, STEPS, hurry)).run_id
    second = launch.launch(home, paced(home, 100_000, never, seed=1)).run_id
    third = launch.launch(home, paced(home, 100_000, never, seed=2)).run_id
    until(lambda: step_of(store, first) >= 5, "training has begun")
    kill_supervisor(home)
    at = step_of(store, first)
    until(lambda: step_of(store, first) > at + 5, "the orphan goes on")
    assert store.run(second).state == "queued"

    hurry.touch()
    until(lambda: ensured(home), "the next supervisor is there")
    until(lambda: step_of(store, second) >= 5, "the next run was started")
    before = store.run(first)
    assert before.state == "finished"
    assert (store.run(second).started or 0) >= (before.ended or 0)

    kill_supervisor(home)
    orphan, at = store.run(second).pid, step_of(store, second)
    until(lambda: ensured(home), "a third supervisor is there")
    until(lambda: step_of(store, second) > at + 30, "the orphan goes on")
    assert len(processes(home, "jobs.worker")) == 1, "the orphan keeps its slot"
    assert store.run(third).state == "queued"
    psutil.Process(orphan).kill()
    row = ended(store, second)
    assert row.state == "failed"
    assert f"workbench resume {second}" in str(row.reason)
    until(lambda: step_of(store, third) >= 1, "the next one has its slot")

    worker = process_of(store, third)
    assert alive(worker)
    with sqlite3.connect(home / "store.db", timeout=20) as db:
        db.execute("DELETE FROM runs")
    db.close()
    until(lambda: not alive(worker), "a worker whose row is gone ends")
    assert "was deleted" in (home / "runs" / third / "log.txt").read_text()


def kill_supervisor(home: Path) -> None:
    (found,) = processes(home, "jobs.supervisor")
    found.kill()
    until(lambda: not supervisor.running(home), "the supervisor is dead")


def ensured(home: Path) -> bool:
    supervisor.ensure(home)
    return supervisor.running(home)


HANGS = '''
import time
from workbench.tasks.rotation import Rotation

class Hangs(Rotation):
    """It never comes to its next step."""
    name = "hangs"

    def views(self, module, batch, augment, rng):
        while True:
            time.sleep(0.05)
'''


def test_a_worker_that_does_not_react_is_ended_by_force(unattended: Path, tmp_path: Path) -> None:
    from workbench import registry

    plugin = tmp_path / "hangs.py"
    plugin.write_text(HANGS)
    store = Store.open(unattended)
    config = {**short(unattended).to_json(), "task": "hangs", "plugins": [str(plugin)]}
    run_id = store.add_run(config, digest="d")
    keeper = Supervisor(unattended, patience=2.0)

    def warming_up() -> bool:
        keeper.tick()
        beat = store.last_heartbeat(run_id)
        return beat is not None and beat.phase == "warming up"

    until(warming_up, "the worker hangs")
    process = Process(store.run(run_id).pid or 0, store.run(run_id).pid_created or 0.0)
    store.request_stop(run_id)
    assert store.run(run_id).state == "stopping"
    until(lambda: not keeper.tick(), "there is nothing to wait for")
    assert store.run(run_id).state == "stopped"
    assert "by force" in str(store.run(run_id).reason)
    assert not alive(process)
    assert "hangs" not in registry.tasks()


# What follows needs no process of a run -----------------------------------------------------------


@dataclass
class FakeExecutor:
    """Workers that live until the test says otherwise."""

    ended: dict[Process, str] = field(default_factory=dict)
    submitted: list[tuple[str, str]] = field(default_factory=list)
    stopped: list[Process] = field(default_factory=list)
    fails: OSError | None = None

    def submit(self, run_id: str, slot: str) -> Process:
        if self.fails is not None:
            raise self.fails
        self.submitted.append((run_id, slot))
        return Process(10_000_000 + len(self.submitted), float(len(self.submitted)))

    def poll(self, process: Process) -> str | None:
        return self.ended.get(process)

    def stop(self, process: Process) -> None:
        self.stopped.append(process)
        self.ended[process] = "The worker was killed (SIGKILL)."


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor.hardware, "slots", lambda: ("cuda:0", "cuda:1", "cpu"))


def add(store: Store, device: str = "auto") -> str:
    return store.add_run({"task": "t", "device": device}, digest="d")


def process_of(store: Store, run_id: str) -> Process:
    row = store.run(run_id)
    return Process(row.pid or 0, row.pid_created or 0.0)


@pytest.mark.usefixtures("gpus")
def test_one_run_a_device_also_for_the_next_supervisor(tmp_path: Path) -> None:
    store, workers = Store.open(tmp_path), FakeExecutor()
    first, second, third = (add(store) for _ in range(3))
    on_cpu = add(store, "cpu")
    keeper = Supervisor(tmp_path, workers)
    for _ in range(6):
        assert keeper.tick()
    assert workers.submitted == [(first, "cuda:0"), (second, "cuda:1"), (on_cpu, "cpu")]

    # The first run ends and the supervisor dies: what is left runs on cuda:1.
    workers.ended[process_of(store, first)] = "The worker ended with exit status 0."
    store.end(first, "finished")
    heir = Supervisor(tmp_path, workers)
    for _ in range(4):
        heir.tick()
    assert workers.submitted[3:] == [(third, "cuda:0")]


def test_a_slot_is_free_when_the_process_has_gone_and_not_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, workers = Store.open(tmp_path), FakeExecutor()
    first, second = add(store), add(store)
    keeper = Supervisor(tmp_path, workers)
    keeper.tick()
    store.end(first, "finished")
    for _ in range(3):
        assert keeper.tick()
    assert store.run(second).state == "queued"
    monkeypatch.setattr(supervisor, "_LINGER_SECONDS", 0.0)
    keeper.tick()
    assert workers.stopped == [process_of(store, first)], "it had its time to leave"
    keeper.tick()
    assert store.run(second).state == "running"
    assert store.run(first).state == "finished"


class SleepingWorkers(LocalExecutor):
    """Workers that do nothing and never end by themselves."""

    def submit(self, run_id: str, slot: str) -> Process:
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        process = identify(child.pid)
        self._children[process] = child
        return process


def test_a_worker_that_lingers_keeps_its_slot_from_the_next_supervisor(tmp_path: Path) -> None:
    store, workers = Store.open(tmp_path), SleepingWorkers(tmp_path)
    first, second = add(store), add(store)
    assert Supervisor(tmp_path, workers).tick()
    lingering = process_of(store, first)
    # It has written its end and is not gone when its supervisor is replaced.
    assert store.end(first, "finished")
    heir = Supervisor(tmp_path, SleepingWorkers(tmp_path))
    try:
        for _ in range(3):
            assert heir.tick()
        assert alive(lingering)
        assert store.run(second).state == "queued"
        kill(lingering)
        until(lambda: heir.tick() and store.run(second).state == "running", "the slot is free")
        assert not alive(lingering)
    finally:
        kill(lingering)
        kill(process_of(store, second))


def test_the_slot_of_a_deleted_run_is_free_when_its_worker_has_gone(tmp_path: Path) -> None:
    store, workers = Store.open(tmp_path), FakeExecutor()
    first, second = add(store), add(store)
    keeper = Supervisor(tmp_path, workers)
    keeper.tick()
    worker = process_of(store, first)
    with sqlite3.connect(tmp_path / "store.db", timeout=20) as db:
        db.execute("DELETE FROM runs WHERE id = ?", (first,))
    db.close()
    assert keeper.tick()
    assert store.run(second).state == "queued"
    workers.ended[worker] = "The worker ended with exit status 1."
    keeper.tick()
    store.end(second, "finished")
    workers.ended[process_of(store, second)] = "The worker ended with exit status 0."
    assert not keeper.tick(), "there is nothing to wait for"


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_claim_without_a_worker_is_queued_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """days: by how many the time of day was set since the claim. That ends no claim."""
    store, workers = Store.open(tmp_path), FakeExecutor()
    run_id = add(store)
    assert store.claim_next() is not None
    store.update(run_id, started=time.time() - days * 86_400)
    keeper = Supervisor(tmp_path, workers)
    keeper.tick()
    keeper.tick()
    assert store.run(run_id).state == "running", "its worker may be about to start"
    assert workers.submitted == []
    monkeypatch.setattr(supervisor, "_CLAIM_SECONDS", 0.0)
    keeper.tick()
    assert [name for name, _ in workers.submitted] == [run_id]
    known = process_of(store, run_id)
    # The worker of the first claim comes late and is not let in.
    assert not store.adopt(run_id, os.getpid(), 1.0)
    assert process_of(store, run_id) == known


def test_a_claim_that_was_to_stop_is_stopped(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    run_id = add(store)
    store.claim_next()
    store.request_stop(run_id)
    Supervisor(tmp_path, FakeExecutor()).tick()
    assert store.run(run_id).state == "stopped"


@pytest.mark.parametrize("config", [[], {"task": "simclr"}])
def test_a_damaged_row_in_the_queue_fails_and_its_supervisor_goes_on(
    tmp_path: Path, config: Any
) -> None:
    store = Store.open(tmp_path)
    run_id = add(store)
    store.update(run_id, config=config)
    Supervisor(tmp_path, executor := FakeExecutor()).tick()
    assert [one for one, _ in executor.submitted] == [run_id]
    store.update(run_id, pid=None)
    (tmp_path / "runs" / run_id).mkdir(parents=True)
    assert worker.main([str(tmp_path), run_id]) == 1
    assert store.run(run_id).state == "failed"
    assert "doctor --repair" in str(store.run(run_id).reason)


def test_a_worker_that_cannot_be_started_fails_its_run(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    run_id = add(store)
    keeper = Supervisor(tmp_path, FakeExecutor(fails=OSError(28, "No space left on device")))
    keeper.tick()
    row = store.run(run_id)
    assert row.state == "failed"
    assert "No space left on device" in str(row.reason)


def test_a_store_that_fails_for_a_moment_ends_no_supervisor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rounds: list[bool] = []

    def tick(_: Any) -> bool:
        rounds.append(True)
        if len(rounds) == 1:
            raise StoreError("the run store cannot be written: database or disk is full.")
        return False

    monkeypatch.setattr(Supervisor, "tick", tick)
    monkeypatch.setattr(supervisor, "_RETRY_SECONDS", 0.01)
    supervisor.supervise(tmp_path, idle=1.0)
    assert len(rounds) > 1
    assert "disk is full" in capsys.readouterr().err


def test_a_run_launched_in_the_last_moment_is_not_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(tmp_path)
    rounds: list[str] = []

    def supervise(home: Path, idle: float) -> None:
        if not rounds:
            rounds.append(add(store))
        else:
            rounds.append("again")
            store.request_stop(rounds[0])

    monkeypatch.setattr(supervisor, "supervise", supervise)
    assert supervisor.main([str(tmp_path), "0"]) == 0
    assert rounds[1:] == ["again"]
    assert not supervisor.running(tmp_path)


def test_a_supervisor_without_work_leaves(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "workbench.jobs.supervisor", str(tmp_path)]
    with supervisor._lock(tmp_path).acquire(timeout=0):
        second = subprocess.run([*command, "600"], timeout=120, check=False)
    assert second.returncode == 0, "there is one already"
    first = subprocess.Popen([*command, "2"])
    until(lambda: supervisor.running(tmp_path), "it is there")
    assert first.wait(120) == 0
    assert not supervisor.running(tmp_path)
