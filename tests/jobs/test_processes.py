"""Processes: told apart, ended, and no second one started while the first is alive."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from run_making import until

from workbench.jobs import processes
from workbench.jobs.processes import Process, Starter, alive, identify, kill


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="signals of POSIX")
def test_a_sleeping_process_is_alive_and_a_zombie_is_not() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    process = identify(child.pid)
    child.send_signal(signal.SIGSTOP)
    assert alive(process)
    assert not alive(Process(process.pid, process.created + 5.0)), "another one had this pid"
    kill(process)
    until(lambda: not alive(process), "it is a zombie")
    assert psutil.pid_exists(child.pid)
    child.wait()
    assert not alive(process)
    assert not alive(identify(child.pid))


def test_a_program_that_is_slow_to_begin_is_started_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "slow_to_begin.py").write_text("import time\ntime.sleep(600)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(processes, "_AGAIN_SECONDS", 0.0)
    starter, home = Starter("slow_to_begin", "log"), tmp_path / "home"
    starter.start(home)
    (_, first), *_ = starter._children.values()
    try:
        starter.start(home)
        assert [child for _, child in starter._children.values()] == [first]
        first.kill()
        first.wait()
        starter.start(home)
        assert starter._children[home][1].pid != first.pid
    finally:
        for _, child in starter._children.values():
            child.kill()
            child.wait()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="an option of glibc")
@pytest.mark.parametrize("keeps", [False, True])
def test_a_process_that_keeps_memory_does_not_give_back_what_it_frees(keeps: bool) -> None:
    code = (
        "import sys, psutil, torch\n"
        "from workbench.jobs.processes import keep_memory\n"
        "print(keep_memory() if sys.argv[1] == 'True' else True)\n"
        "size = 200 * 2**20\n"
        "held = torch.ones(size, dtype=torch.uint8)\n"
        "whole = psutil.Process().memory_info().rss\n"
        "del held\n"
        "print((whole - psutil.Process().memory_info().rss) / size)"
    )
    command = [sys.executable, "-c", code, str(keeps)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    could, given_back = done.stdout.split()
    assert could == "True"
    assert float(given_back) < 0.1 if keeps else float(given_back) > 0.9
