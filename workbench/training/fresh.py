"""A task's module before its first step."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import nn

from workbench.data.dataset import Dataset
from workbench.encoders.base import Encoder
from workbench.tasks.base import Task


class Fresh(NamedTuple):
    """module: of the task. seconds: of its encoder's start, which count as training time."""

    module: nn.Module
    seconds: float


def fresh_module(task: Task, encoder: Encoder, data: Dataset, seed: int) -> Fresh:
    """The task's module on a fresh encoder, its weights drawn by ``seed``; then the encoder starts
    from the training samples, if it is declared to. Sets torch's global seed."""
    torch.manual_seed(seed)
    net = encoder.build(data.info)
    # Before the task copies it for a teacher.
    seconds = encoder.start(net, data)
    return Fresh(task.build(net, data.info), seconds)
