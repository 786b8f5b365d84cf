"""Checkpoints without pickle: tensors as safetensors, counters as JSON in its metadata."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

from workbench import damage
from workbench.run_folder import CHECKPOINT
from workbench.training.history import HistoryRecord
from workbench.training.ports import Artifacts


@dataclass
class Counters:
    """How far a run is. seconds: of training. history: checks and losses (``History.to_json``)."""

    step: int = 0
    seconds: float = 0.0
    samples: int = 0
    views: int = 0
    check_seconds: float = 0.0
    warmup_seconds: float = 0.0
    history: HistoryRecord = field(default_factory=lambda: HistoryRecord(checks=[], losses=[]))


@dataclass(frozen=True)
class Choices:
    """What was decided for a run, and stays as it is when the run is resumed. None: the checkpoint
    is of an older workbench, or there is none.

    batch_size: samples a step. threads: of the processor. precision: ``fp32`` or ``bf16``.
    """

    batch_size: int | None = None
    threads: int | None = None
    precision: str | None = None


def save(
    artifacts: Artifacts,
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    generators: dict[str, torch.Tensor],
    counters: Counters,
    choices: Choices,
) -> None:
    """Write all that a resumed run needs, in one file that appears whole or not at all.

    generators: states of the random generators, by name.
    """
    tensors = {f"module.{k}": v.detach() for k, v in module.state_dict().items()}
    steps: dict[str, dict[str, Any]] = {}
    for index, state in optimizer.state_dict()["state"].items():
        for name, value in state.items():
            if isinstance(value, torch.Tensor):
                tensors[f"optimizer.{index}.{name}"] = value.detach()
            else:
                steps.setdefault(str(index), {})[name] = value
    tensors |= {f"generator.{name}": state for name, state in generators.items()}
    # Tied weights share memory, which safetensors refuses: each tensor is written apart.
    whole = {k: v.cpu().contiguous().clone() for k, v in tensors.items()}
    metadata = {"counters": json.dumps(asdict(counters)), "optimizer": json.dumps(steps)}
    metadata["choices"] = json.dumps(asdict(choices))
    metadata["sum"] = _sum_of(whole)
    size = sum(tensor.nbytes for tensor in whole.values()) + sum(map(len, metadata.values()))
    artifacts.put(CHECKPOINT, lambda path: save_file(whole, str(path), metadata=metadata), size)


def choices(path: Path) -> Choices:
    """The choices of the run of a checkpoint. Raises DamageError if it is damaged."""
    if not path.exists():
        return Choices()
    with _reading(path), safe_open(str(path), framework="pt") as file:
        metadata = file.metadata()
        if "choices" in metadata:
            return Choices(**json.loads(metadata["choices"]))
        # Earlier checkpoints have the batch size alone.
        size = metadata.get("batch_size")
        return Choices(None if size is None else int(size))


def step_of(path: Path) -> int:
    """The step of a checkpoint; -1 if there is none. Raises DamageError if it is damaged."""
    if not path.exists():
        return -1
    with _reading(path), safe_open(str(path), framework="pt") as file:
        return int(json.loads(file.metadata()["counters"])["step"])


def load(
    path: Path, module: nn.Module, optimizer: torch.optim.Optimizer
) -> tuple[Counters, dict[str, torch.Tensor]]:
    """Restore module and optimizer from ``path``; returns counters and generator states.

    Raises DamageError if the file is damaged, also by a single changed byte.
    """
    groups: dict[str, dict[str, torch.Tensor]] = {"module": {}, "optimizer": {}, "generator": {}}
    with _reading(path), safe_open(str(path), framework="pt") as file:
        metadata = file.metadata()
        stored = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118  no mapping
        # A checkpoint of an older workbench has no sum.
        if metadata.get("sum") not in (None, _sum_of(stored)):
            raise damage.ContentError("its numbers were changed since they were written")
        for key, tensor in stored.items():
            kind, _, rest = key.partition(".")
            groups[kind][rest] = tensor
        steps = json.loads(metadata["optimizer"])
        counters = Counters(**json.loads(metadata["counters"]))
    module.load_state_dict(groups["module"])
    state: dict[int, dict[str, Any]] = {int(index): dict(values) for index, values in steps.items()}
    for key, tensor in groups["optimizer"].items():
        index, _, name = key.partition(".")
        state.setdefault(int(index), {})[name] = tensor
    whole = optimizer.state_dict()
    whole["state"] = state
    optimizer.load_state_dict(whole)
    _lay_out(optimizer)
    return counters, groups["generator"]


def _lay_out(optimizer: torch.optim.Optimizer) -> None:
    """Give each state the memory layout of its weight, which a file does not keep. A fused
    optimizer takes both as they lie in memory, and would pair numbers that do not belong
    together."""
    for weight, state in optimizer.state.items():
        for name, value in state.items():
            if isinstance(value, torch.Tensor) and value.shape == weight.shape:
                state[name] = torch.empty_like(weight, dtype=value.dtype).copy_(value)


def _sum_of(tensors: Mapping[str, torch.Tensor]) -> str:
    """A checksum of named tensors on the CPU: CRC-32 over names and bytes, in hex."""
    total = 0
    for name in sorted(tensors):
        total = zlib.crc32(name.encode(), total)
        flat = tensors[name].contiguous().reshape(-1).view(torch.uint8)
        total = zlib.crc32(flat.numpy().data, total)
    return f"{total:08x}"


def _reading(path: Path) -> AbstractContextManager[None]:
    """As ``damage.reading``, with the way on for a run whose checkpoint is damaged."""
    run = path.parent
    again = damage.command(run.parent.parent, f"resume {run.name} --from-start")
    return damage.reading(path, remedy=f"Train it from the start: {again}")
