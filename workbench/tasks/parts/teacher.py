"""For tasks with a teacher: a slowly moving copy of the network that gives the targets."""

from __future__ import annotations

import copy
import math

from workbench.lazy import nn, torch


def teacher_of(**parts: nn.Module) -> nn.Module:
    """Copies of the parts, by the same names, that no gradient reaches.

    Put it into the task's module under the name ``teacher``, so that its weights are in the
    checkpoint and nowhere in the optimizer.
    """
    teacher = nn.Module()
    for name, part in parts.items():
        setattr(teacher, name, copy.deepcopy(part))
    return teacher.requires_grad_(False)


def move(teacher: nn.Module, student: nn.Module, momentum: float) -> None:
    """teacher <- momentum * teacher + (1 - momentum) * student, part by part, for all parts of the
    teacher. Running statistics of batch norms move alike; counters are copied.
    """
    with torch.no_grad():
        for name, part in teacher.named_children():
            given = getattr(student, name).state_dict()
            for key, value in part.state_dict().items():
                if value.is_floating_point():
                    value.lerp_(given[key].to(value.dtype), 1 - momentum)
                else:
                    value.copy_(given[key])


def momentum_at(base: float, progress: float) -> float:
    """Momentum from ``base`` to 1 along a half cosine over the run (BYOL, section 3.3).

    progress: 0 to 1.
    """
    return 1 - (1 - base) * (math.cos(math.pi * progress) + 1) / 2
