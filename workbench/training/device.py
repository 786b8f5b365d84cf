"""The device and precision of a run, and the notes about them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch

from workbench.encoders.base import EncoderKind
from workbench.errors import RequestError, RunError
from workbench.training.full_memory import is_memory_error

_LESS_MEMORY = "Close what else uses that memory, or take a smaller encoder or a smaller --size."


@dataclass(frozen=True)
class Placement:
    """Where and how tensors are computed. precision: ``fp32`` or ``bf16``. channels_last: whether
    images have that memory format. notes: for the user."""

    device: torch.device
    precision: str
    channels_last: bool
    notes: tuple[str, ...]

    def autocast(self) -> AbstractContextManager[Any]:
        """The context in which forward passes run."""
        if self.precision == "bf16":
            return torch.autocast(self.device.type, dtype=torch.bfloat16)
        return nullcontext()

    def synchronize(self) -> None:
        """Wait for the device, so that the clock counts finished steps and not queued ones."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        elif self.device.type == "mps":
            torch.mps.synchronize()


def choose(device: str, precision: str, kind: EncoderKind, side: int | None) -> Placement:
    """Choose device and precision. Raises RequestError if ``device`` is not available.

    kind: of the encoder; side: the shorter side of the images in pixels, None for texts. bf16 is
    faster where the processor has instructions for it: CUDA from compute capability 8 on, CPUs with
    AMX for convolutions on images that are not tiny (benchmarks/precision.py measures it). The
    choice is by capability and not by a stopwatch, so that equal requests give equal runs.
    """
    chosen = _device(device)
    notes = [f"Device: {_name(chosen)}" + ("" if device != "auto" else " (chosen automatically)")]
    pays = _bf16_pays(chosen, kind, side)
    used = ("bf16" if pays else "fp32") if precision == "auto" else precision
    if precision == "auto":
        why = "the device multiplies bf16 natively" if pays else "bf16 does not pay here"
        notes.append(f"Precision: {used} ({why}).")
    channels_last = kind == "conv" and used == "bf16"
    return Placement(chosen, used, channels_last, tuple(notes))


class MemoryFullError(RunError):
    """The device, or the machine, has no memory for a batch. step: how many steps were made; None
    if it was not the batch of a training step."""

    def __init__(
        self,
        error: BaseException,
        work: str,
        remedy: str,
        *,
        field: str | None = None,
        step: int | None = None,
    ):
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        message = f"the device ran out of memory {work}: {reason}"
        super().__init__(message, field=field, remedy=remedy)
        self.step = step


def memory_errors(batch_size: int, step: int = 0) -> AbstractContextManager[None]:
    """Turns what torch and Python raise where memory is full in a training step into
    MemoryFullError."""
    smaller = max(2, batch_size // 2)
    return _memory_errors(
        f"at a batch of {batch_size}",
        f"Give --set train.batch_size={smaller}, a smaller encoder or a smaller --size.",
        field="--set train.batch_size",
        step=step,
    )


def memory_errors_outside_training(
    work: str, remedy: str = _LESS_MEMORY
) -> AbstractContextManager[None]:
    """As ``memory_errors``, for work in batches whose size no option sets.

    work: it ends the sentence "the device ran out of memory ...".
    """
    return _memory_errors(work, remedy)


@contextmanager
def _memory_errors(
    work: str, remedy: str, *, field: str | None = None, step: int | None = None
) -> Iterator[None]:
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not isinstance(error, torch.OutOfMemoryError) and not is_memory_error(error):
            raise
        raise MemoryFullError(error, work, remedy, field=field, step=step) from error


def _device(name: str) -> torch.device:
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    missing = (name == "cuda" and not torch.cuda.is_available()) or (
        name == "mps" and not torch.backends.mps.is_available()
    )
    if missing:
        raise RequestError(
            f"'{name}' is not available to this torch ({torch.__version__}).",
            field="--device",
            remedy="Give --device cpu, or install a torch built for that device.",
        )
    return torch.device(name)


def _name(device: torch.device) -> str:
    if device.type == "cuda":
        return f"cuda, {torch.cuda.get_device_name(device)}"
    return f"{device.type}, {torch.get_num_threads()} threads" if device.type == "cpu" else "mps"


def _bf16_pays(device: torch.device, kind: EncoderKind, side: int | None) -> bool:
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device)[0] >= 8
    if device.type == "cpu":
        has_amx = bool(torch.cpu._is_amx_tile_supported())
        return has_amx and kind == "conv" and (side or 0) >= 16
    return False
