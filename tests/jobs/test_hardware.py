"""What this machine can train on: GPUs as the driver names them, slots, threads; without torch."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.jobs import hardware


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    asked = (hardware.nvidia_gpus, hardware.torch_has_cuda)
    for question in asked:
        question.cache_clear()
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    yield
    for question in asked:
        question.cache_clear()


def driver(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A stand-in for nvidia-smi on the path."""
    tool = folder / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


posix = pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for the driver")


@posix
def test_a_gpu_that_torch_cannot_use_is_said_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver(tmp_path, monkeypatch, "echo NVIDIA L4; echo NVIDIA L4")
    monkeypatch.setattr(hardware, "torch_has_cuda", lambda: False)
    assert hardware.nvidia_gpus() == ("NVIDIA L4", "NVIDIA L4")
    said = hardware.gpu_without_cuda() or ""
    assert "NVIDIA L4" in said
    assert "pip install torch" in said
    assert hardware.slots() == ("cpu",)


@posix
@pytest.mark.parametrize(
    ("visible", "slots"),
    [
        (None, ("cuda:0", "cuda:1", "cpu")),
        ("1", ("cuda:1", "cpu")),
        ("GPU-8f2a, 0", ("cuda:GPU-8f2a", "cuda:0", "cpu")),
        ("", ("cpu",)),
        ("-1", ("cpu",)),
    ],
)
def test_one_slot_a_gpu_that_may_be_used_and_one_for_the_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visible: str | None, slots: tuple[str, ...]
) -> None:
    driver(tmp_path, monkeypatch, "echo NVIDIA L4; echo NVIDIA L4")
    monkeypatch.setattr(hardware, "torch_has_cuda", lambda: True)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert hardware.slots() == slots
    assert hardware.device_name() == "NVIDIA L4"
    assert hardware.gpu_without_cuda() is None


@posix
@pytest.mark.parametrize("script", ["exit 9", "echo broken driver; exit 1", "true"])
def test_a_driver_that_does_not_answer_means_no_gpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    driver(tmp_path, monkeypatch, script)
    assert hardware.nvidia_gpus() == ()


def test_the_installed_torch_is_read_and_not_imported() -> None:
    code = (
        "import sys; from workbench.jobs import hardware; print(hardware.torch_has_cuda());"
        "assert 'torch' not in sys.modules"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    import torch

    assert said.stdout.strip() == str(torch.version.cuda is not None)


def test_a_worker_sees_its_gpu_only() -> None:
    from workbench.jobs.executor import environment

    assert environment("cuda:1")["CUDA_VISIBLE_DEVICES"] == "1"
    assert "CUDA_VISIBLE_DEVICES" not in environment("cpu")
