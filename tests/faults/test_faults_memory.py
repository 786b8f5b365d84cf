"""Too little memory: for a batch, for a container, for a worker that the system kills."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import torch
from run_making import request

from workbench.config import DataConfig
from workbench.data import prepare
from workbench.encoders.conv import SmallConv
from workbench.errors import RunError
from workbench.jobs import cgroup, hardware, worker
from workbench.jobs.endings import describe_error
from workbench.jobs.executor import LocalExecutor
from workbench.store.artifacts import FolderArtifacts
from workbench.tasks.rotation import Rotation
from workbench.training import checkpoint, checks, encode, finetune
from workbench.training.device import MemoryFullError, choose, memory_errors

DEFAULT = 128


def allocate_too_much() -> None:
    torch.empty(2**55)


def device_full() -> Any:
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB.")


def python_full() -> None:
    raise MemoryError


@pytest.fixture
def memory_for(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let steps fail whose batch is larger than ``largest``, from step ``first`` on."""
    whole = Rotation.loss

    def limit(largest: int, fail: Callable[[], None] = device_full, first: int = 0) -> None:
        def loss(self: Any, module: Any, views: Any, context: Any) -> Any:
            if len(views.inputs[0]) > largest and context.step >= first:
                fail()
            return whole(self, module, views, context)

        monkeypatch.setattr(Rotation, "loss", loss)

    return limit


@pytest.fixture
def train(
    digits_home: Path, tmp_path: Path, memory_events: Any, stop_after: Any
) -> Callable[..., Any]:
    """Carry out a few steps of a run without evaluation; returns what it reported."""

    def run(name: str = "run", batch_size: int | None = None, questions: float = 4) -> Any:
        events = type(memory_events)()
        config = request(
            digits_home, 50, train={} if batch_size is None else {"batch_size": batch_size}
        )
        ports = (events, FolderArtifacts(tmp_path / name), stop_after(questions))
        assert not worker.run(config, *ports, home=digits_home)
        return events

    return run


def batch_notes(events: Any) -> list[str]:
    return [note for note in events.notes if note.startswith("Batch: ")]


@pytest.mark.parametrize("fail", [allocate_too_much, device_full, python_full])
def test_a_batch_that_does_not_fit_is_halved_aloud(
    memory_for: Callable[..., None], train: Callable[..., Any], fail: Callable[[], None]
) -> None:
    memory_for(DEFAULT // 2, fail)
    events = train()
    first, second = batch_notes(events)
    assert first.startswith(f"Batch: {DEFAULT} ")
    assert second.startswith(f"Batch: {DEFAULT // 2} instead of {DEFAULT}, because ")
    assert "ran out of memory" in second
    assert events.told["training"]["batch_size"] == DEFAULT // 2
    asked_for = train("asked", batch_size=DEFAULT // 2)
    assert events.series("loss") == asked_for.series("loss")
    assert events.told["training"]["steps"] == asked_for.told["training"]["steps"] > 0


def test_the_halved_batch_is_that_of_the_resumed_run(
    memory_for: Callable[..., None], train: Callable[..., Any], tmp_path: Path
) -> None:
    memory_for(DEFAULT // 2)
    train()
    assert (
        checkpoint.choices(tmp_path / "run" / "checkpoint.safetensors").batch_size == DEFAULT // 2
    )
    memory_for(DEFAULT)
    events = train(questions=8)
    assert events.told["training"]["batch_size"] == DEFAULT // 2
    assert batch_notes(events) == [f"Batch: {DEFAULT // 2}, as before the run was interrupted."]


@pytest.mark.parametrize(
    ("batch_size", "largest", "first", "named"),
    [(DEFAULT, 64, 0, DEFAULT), (None, 32, 0, DEFAULT // 2), (None, 64, 2, DEFAULT)],
    ids=["set by the user", "half does not fit either", "in the middle of a run"],
)
def test_otherwise_a_full_memory_ends_the_run_with_its_remedy(
    memory_for: Callable[..., None],
    train: Callable[..., Any],
    batch_size: int | None,
    largest: int,
    first: int,
    named: int,
) -> None:
    memory_for(largest, allocate_too_much, first)
    with pytest.raises(RunError, match=f"at a batch of {named}") as failed:
        train(batch_size=batch_size, questions=10)
    assert failed.value.remedy is not None
    assert f"train.batch_size={named // 2}" in failed.value.remedy


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory."),
        MemoryError(),
        RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        # Seen with an address space of 150 MB above what the process had.
        RuntimeError("could not create a primitive"),
    ],
)
def test_a_full_memory_has_its_remedy_wherever_it_shows(error: Exception) -> None:
    with pytest.raises(MemoryFullError, match="at a batch of 64"), memory_errors(64):
        raise error
    assert "The memory is full.\nGive a smaller" in describe_error(error)


def test_a_check_that_does_not_fit_names_no_option_that_would_not_help(
    monkeypatch: pytest.MonkeyPatch, train: Callable[..., Any]
) -> None:
    built = []
    make = worker.make_trainer
    monkeypatch.setattr(worker, "make_trainer", lambda *a: built.append(a[3]) or make(*a))
    whole = encode.inputs

    def inputs(batch: Any, placement: Any) -> torch.Tensor:
        return whole(batch, placement) if batch.size < encode.ENCODE_BATCH else device_full()

    monkeypatch.setattr(checks, "inputs", inputs)
    with pytest.raises(RunError, match="while it encoded 256 samples at once") as failed:
        train()
    assert built == [DEFAULT], "another batch of training would change nothing"
    assert "batch_size" not in str(failed.value)
    assert "smaller encoder" in str(failed.value.remedy)


@pytest.mark.parametrize(
    ("part", "words", "remedy"),
    [
        ("_step", "fine-tuned with batches of 32", "Leave out --set eval.fine_tuning=true"),
        ("predict", "encoded", "smaller encoder"),
    ],
)
def test_fine_tuning_that_does_not_fit_names_what_it_uses(
    digits_home: Path, monkeypatch: pytest.MonkeyPatch, part: str, words: str, remedy: str
) -> None:
    data = prepare(DataConfig("sample:digits"), digits_home)
    placement = choose("cpu", "fp32", "conv", 8)
    encoder = SmallConv(width=8).build(data.info)
    monkeypatch.setattr(finetune, "STEPS", 1)
    if part == "_step":
        monkeypatch.setattr(finetune._Tuner, part, lambda *_: device_full())
    else:
        monkeypatch.setattr(encode, "inputs", lambda *_: device_full())
        monkeypatch.setattr(finetune, "calibrate", lambda *_: None)
    rows = np.arange(40)
    some = finetune.Labelled(rows, data.target("label")[rows])
    with pytest.raises(RunError, match=words) as failed:
        finetune.fine_tune(encoder, data, [some], some, rows, 10, placement)
    assert "batch_size" not in str(failed.value)
    assert remedy in str(failed.value.remedy)


def test_other_errors_are_not_taken_for_a_full_memory(
    memory_for: Callable[..., None], train: Callable[..., Any]
) -> None:
    def wrong() -> None:
        torch.zeros(2) @ torch.zeros(3)

    memory_for(64, wrong)
    with pytest.raises(RuntimeError, match="size"):
        train()


# Made-up control groups: (the process's own groups, files by path below the mount, limit, kills).
GROUPS = {
    "version 2": (
        "0::/pod/app\n",
        {
            "pod/memory.max": "3000000000\n",
            "pod/app/memory.max": "max\n",
            "pod/app/memory.events": "low 0\nhigh 0\nmax 9\noom 2\noom_kill 2\n",
        },
        3_000_000_000,
        2,
    ),
    "version 2, seen from inside": (
        "0::/\n",
        {"memory.max": "2000000000\n", "memory.events": "oom_kill 0\n"},
        2_000_000_000,
        0,
    ),
    "version 1": (
        "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n0::/\n",
        {
            "memory/memory.limit_in_bytes": "9223372036854771712\n",
            "memory/docker/abc/memory.limit_in_bytes": "1000000000\n",
            "memory/docker/abc/memory.oom_control": "oom_kill_disable 0\noom_kill 1\n",
            "unified/nothing": "",
        },
        1_000_000_000,
        1,
    ),
    "version 1, seen from inside": (
        "4:memory:/docker/abc\n",
        {
            "memory/memory.limit_in_bytes": "1500000000\n",
            "memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\n",
        },
        1_500_000_000,
        None,
    ),
    "without a limit": ("0::/user\n", {"user/memory.max": "max\n"}, None, None),
    "a path out of sight": ("0::/../other\n", {"memory.max": "7000000\n"}, 7_000_000, None),
}


def groups(folder: Path, name: str) -> tuple[Path, Path]:
    own, files, *_ = GROUPS[name]
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (folder / "own").write_text(own)
    return folder, folder / "own"


@pytest.mark.parametrize("name", GROUPS)
def test_the_limit_of_a_container_is_read(tmp_path: Path, name: str) -> None:
    *_, limit, kills = GROUPS[name]
    assert cgroup.memory(*groups(tmp_path, name)) == cgroup.Memory(limit, kills)


def test_memory_is_what_the_container_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = psutil.virtual_memory().total
    for limit, allowed in ((None, whole), (2**29, 2**29), (2**60, whole)):
        monkeypatch.setattr(cgroup, "memory", lambda limit=limit: cgroup.Memory(limit, 0))
        assert hardware.facts()["memory_bytes"] == allowed
        assert hardware.facts()["memory_limit_bytes"] == limit


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("kills", "limit", "reason"),
    [
        (1, 2 * 10**9, "memory limit of this container (2.0 GB) was reached"),
        (1, None, "memory of this machine was full"),
        (0, 2 * 10**9, "not for lack of memory"),
        (None, None, "Often the system ran out of memory"),
    ],
)
def test_a_killed_worker_is_explained_by_its_container(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kills: int | None,
    limit: int | None,
    reason: str,
) -> None:
    """The worker is a real process that is really killed; only the group's counter is made up."""
    before = cgroup.Memory(limit, None if kills is None else 0)
    monkeypatch.setattr(cgroup, "memory", lambda: before)
    executor = LocalExecutor(tmp_path)
    process = executor.submit("simclr-abcdef", "cpu")
    executor.stop(process)
    monkeypatch.setattr(cgroup, "memory", lambda: cgroup.Memory(limit, kills))
    deadline = time.monotonic() + 60
    while (ending := executor.poll(process)) is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert ending is not None
    assert "SIGKILL" in ending
    assert reason in ending
