"""The optimizer of a run: the task's own recipe scaled to the batch, or the user's values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from workbench.config import TrainOptions
from workbench.encoders.nets.blocks import DecoderBlock, TransformerBlock
from workbench.tasks.base import Optimum, Task
from workbench.training.muon import Muon


@dataclass(frozen=True)
class Recipe:
    """The optimizer of a run by name, with its peak learning rate and weight decay."""

    optimizer: str
    learning_rate: float
    weight_decay: float


def recipe(optimum: Optimum, train: TrainOptions, batch_size: int) -> Recipe:
    """The task's optimum, with the user's values in place of its own.

    SGD's learning rate grows linearly with the batch (Goyal et al., 1706.02677), AdamW's with its
    square root (Malladi et al., 2205.10287).
    """
    name = train.optimizer or optimum.optimizer
    share = batch_size / optimum.base_batch
    scaled = optimum.learning_rate * (share if name == "sgd" else share**0.5)
    return Recipe(
        optimizer=name,
        learning_rate=scaled if train.learning_rate is None else train.learning_rate,
        weight_decay=optimum.weight_decay if train.weight_decay is None else train.weight_decay,
    )


def build(recipe: Recipe, task: Task, module: nn.Module) -> torch.optim.Optimizer:
    """The optimizer over the task's parameter groups, each with its peak rate in ``peak_lr``."""
    groups: list[dict[str, Any]] = []
    for given in task.parameter_groups(module):
        group = {"fixed_lr": False, **given}
        if not group["params"]:
            continue
        group["peak_lr"] = recipe.learning_rate * group.pop("lr_scale", 1.0)
        groups.append(group)
    # Fused: one kernel updates a weight, on a GPU all weights. Other devices have no such kernel.
    fused = next(module.parameters()).device.type in ("cpu", "cuda")
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(
            groups,
            lr=recipe.learning_rate,
            momentum=0.9,
            weight_decay=recipe.weight_decay,
            fused=fused,
        )
    if recipe.optimizer == "muon":
        return Muon(
            groups,
            recipe.learning_rate,
            recipe.weight_decay,
            task.optimum.betas,
            matrices=_block_matrices(module),
        )
    return torch.optim.AdamW(
        groups,
        lr=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
        betas=task.optimum.betas,
        fused=fused,
    )


def _block_matrices(module: nn.Module) -> list[nn.Parameter]:
    """The weights of transformer blocks that have two dimensions."""
    blocks = [m for m in module.modules() if isinstance(m, TransformerBlock | DecoderBlock)]
    return [weight for block in blocks for weight in block.parameters() if weight.ndim == 2]


def set_learning_rate(optimizer: torch.optim.Optimizer, factor: float) -> None:
    """Set every group to ``factor`` of its peak rate, except groups with a fixed rate."""
    for group in optimizer.param_groups:
        group["lr"] = group["peak_lr"] * (1.0 if group["fixed_lr"] else factor)
