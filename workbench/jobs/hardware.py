"""What this machine can train on, without importing torch."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TypedDict

import psutil

from workbench.jobs import cgroup, processor

_ASK_SECONDS = 10
REMEDY = (
    "Install a torch built for CUDA: pip install torch --index-url "
    "https://download.pytorch.org/whl/cu128"
)


@cache
def nvidia_gpus() -> tuple[str, ...]:
    """Names of the NVIDIA GPUs that the driver shows, empty without one."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ()
    try:
        answer = subprocess.run(
            [tool, "--query-gpu=name", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=_ASK_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    if answer.returncode != 0:
        return ()
    return tuple(line.strip() for line in answer.stdout.splitlines() if line.strip())


@cache
def torch_has_cuda() -> bool:
    """Whether the installed torch was built with CUDA (read from its version file)."""
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return False
    text = (Path(spec.origin).parent / "version.py").read_text("utf-8")
    cuda = re.search(r"^cuda\b[^=]*=\s*(.+)$", text, flags=re.MULTILINE)
    return cuda is not None and cuda.group(1).strip() != "None"


def gpu_without_cuda() -> str | None:
    """The sentence for a visible NVIDIA GPU that the installed torch cannot use, or None."""
    gpus = nvidia_gpus()
    if not gpus or torch_has_cuda():
        return None
    return (
        f"This machine has an NVIDIA GPU ({gpus[0]}), but the installed torch has no CUDA, so runs "
        f"train on the CPU. {REMEDY}"
    )


def slots() -> tuple[str, ...]:
    """Where runs may train at the same time: one a GPU, and one for the CPU."""
    if not torch_has_cuda():
        return ("cpu",)
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        names = [str(i) for i in range(len(nvidia_gpus()))]
    else:
        names = [name.strip() for name in visible.split(",") if name.strip() not in ("", "-1")]
    return (*(f"cuda:{name}" for name in names), "cpu")


def device_name() -> str:
    """The GPU, or the processor: equal requests must share it."""
    if torch_has_cuda() and nvidia_gpus():
        return nvidia_gpus()[0]
    return f"{platform.machine()} {processor.name()}"


class HardwareRecord(TypedDict):
    """``hardware`` in ``workbench doctor --json``. memory_bytes: what processes here may use, which
    a container can limit to less than the machine has. memory_limit_bytes: that limit. gpus: their
    names. torch_cuda: whether torch was built with CUDA."""

    system: str
    cores: int
    memory_bytes: int
    memory_limit_bytes: int | None
    gpus: list[str]
    torch_cuda: bool


def memory_bytes() -> int:
    """Bytes of memory that processes here may use: the machine's, or less in a container."""
    return min(psutil.virtual_memory().total, cgroup.memory().limit or sys.maxsize)


def facts() -> HardwareRecord:
    """Processor, memory and GPUs, for ``workbench doctor`` and the Start page."""
    return {
        "system": platform.platform(),
        "cores": psutil.cpu_count(logical=True) or 1,
        "memory_bytes": memory_bytes(),
        "memory_limit_bytes": cgroup.memory().limit,
        "gpus": list(nvidia_gpus()),
        "torch_cuda": torch_has_cuda(),
    }
