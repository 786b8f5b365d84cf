"""Threads by capability: cores, affinity, the share of a container, and what the user sets."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from workbench.jobs import processor
from workbench.jobs.executor import environment


@pytest.fixture
def cores(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Nobody has set a number of threads."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    return monkeypatch


@pytest.mark.parametrize(("usable", "threads"), [(1, 1), (2, 2), (3, 3), (4, 3), (64, 63)])
def test_a_run_takes_all_cores_and_leaves_one_of_many(
    cores: pytest.MonkeyPatch, usable: int, threads: int
) -> None:
    cores.setattr(processor, "usable_cores", lambda: usable)
    assert processor.threads() == threads
    why = "all cores that it may use" if usable < 4 else "one core is left free"
    assert processor.thread_note(threads, None, None) == f"Threads: {threads} ({why})."


def test_half_a_processor_is_one_thread(cores: pytest.MonkeyPatch) -> None:
    cores.setattr(processor, "_quota", lambda root: 0.5)
    assert processor.usable_cores() == processor.threads() == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux alone has affinities")
def test_affinity_limits_the_cores() -> None:
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert processor.usable_cores() == 1
    finally:
        os.sched_setaffinity(0, before)


def test_two_threads_of_one_core_count_once(tmp_path: Path) -> None:
    for number, siblings in enumerate(["0,2", "1,3", "0,2", "1,3"]):
        topology = tmp_path / f"cpu{number}" / "topology"
        topology.mkdir(parents=True)
        (topology / "thread_siblings_list").write_text(f"{siblings}\n")
    assert processor._distinct_cores({0, 1, 2, 3}, tmp_path) == 2
    assert processor._distinct_cores({0, 2}, tmp_path) == 1
    assert processor._distinct_cores({7, 8}, tmp_path) == 2, "a system that does not tell"


@pytest.mark.parametrize(
    ("files", "quota"),
    [
        ({"cpu.max": "150000 100000\n"}, 1.5),
        ({"cpu.max": "max 100000\n"}, None),
        ({"cpu/cpu.cfs_quota_us": "200000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 2.0),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, None),
        ({"cpu.max": "what\n"}, None),
        ({}, None),
    ],
)
def test_the_share_of_a_container_is_known(
    tmp_path: Path, files: dict[str, str], quota: float | None
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert processor._quota(tmp_path) == quota


def test_the_users_number_goes_before_all(cores: pytest.MonkeyPatch) -> None:
    cores.setenv("OMP_NUM_THREADS", "5")
    assert processor.threads() == 5
    assert processor.thread_note(5, None, None) == "Threads: 5 (set by OMP_NUM_THREADS)."
    assert environment("cpu")["OMP_NUM_THREADS"] == "5"
    cores.setenv("OMP_NUM_THREADS", "many")
    assert processor.threads() == processor.threads() >= 1


def test_a_worker_knows_that_nobody_chose_its_threads(cores: pytest.MonkeyPatch) -> None:
    of_worker = environment("cpu")
    number = processor.threads()
    assert of_worker["OMP_NUM_THREADS"] == str(number)
    for name in ("OMP_NUM_THREADS", "WORKBENCH_AUTOMATIC_THREADS"):
        cores.setenv(name, of_worker[name])
    assert "OMP_NUM_THREADS" not in processor.thread_note(number, None, None)


def test_the_note_says_what_was_requested_and_what_was_resumed() -> None:
    assert processor.thread_note(3, 3, None) == "Threads: 3 (as requested)."
    resumed = processor.thread_note(3, None, 3)
    assert resumed == "Threads: 3 (as before the run was interrupted)."


def test_the_processor_has_a_name(tmp_path: Path) -> None:
    assert processor.name()
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nmodel name\t: AMD EPYC 9B14\n")
    assert processor._linux_name(tmp_path / "cpuinfo") == "AMD EPYC 9B14"
    assert processor._linux_name(tmp_path / "none") == ""
