"""The device and precision of a run, and the notes about them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from workbench.encoders.base import EncoderKind
from workbench.errors import RequestError, RunError
from workbench.training import precision as precisions
from workbench.training.full_memory import is_memory_error

_LESS_MEMORY = "Close what else uses that memory, or take a smaller encoder or a smaller --size."


@dataclass(frozen=True)
class Placement:
    """Where and how tensors are computed. precision: ``fp32`` or ``bf16``. channels_last: whether
    images have that memory format. threads: of the processor. notes: for the user."""

    device: torch.device
    precision: str
    channels_last: bool
    threads: int
    notes: tuple[str, ...]

    def autocast(self) -> AbstractContextManager[Any]:
        """The context in which forward passes run."""
        if self.precision == "bf16":
            return torch.autocast(self.device.type, dtype=torch.bfloat16)
        return nullcontext()

    def arrange(self, x: torch.Tensor) -> torch.Tensor:
        """``x`` in the memory format of this placement: images are 4-D, token ids are not."""
        if self.channels_last and x.ndim == 4:
            return x.contiguous(memory_format=torch.channels_last)
        return x

    def place(self, module: nn.Module) -> nn.Module:
        """``module`` itself, moved to the device and into the memory format."""
        module = module.to(self.device)
        if self.channels_last:
            module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return module

    def synchronize(self) -> None:
        """Wait for the device, so that the clock counts finished steps and not queued ones."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        elif self.device.type == "mps":
            torch.mps.synchronize()


def choose(
    device: str, precision: str, kind: EncoderKind, side: int | None, width: int | None = None
) -> Placement:
    """Choose device and precision. Raises RequestError if ``device`` is not available.

    precision: ``auto``, ``fp32`` or ``bf16``. kind: of the encoder; side: the shorter side of the
    images in pixels, None for texts; width: numbers of a token. See ``precision.choose``. Threads
    are those that torch has.
    """
    chosen = _device(device)
    threads = torch.get_num_threads()
    where = f"{chosen.type}, {threads} threads" if chosen.type == "cpu" else _name(chosen)
    note = f"Device: {where}" + ("" if device != "auto" else " (chosen automatically)")
    used = precisions.choose(precision, chosen, kind, side, width)
    return Placement(chosen, used.name, used.channels_last, threads, (note, used.note))


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
    return device.type
