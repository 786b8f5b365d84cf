"""Random draws for each sample, from the run's own generator and on its device."""

from __future__ import annotations

import math

from workbench.lazy import torch


def uniform(
    shape: int | tuple[int, ...], low: float, high: float, rng: torch.Generator
) -> torch.Tensor:
    """float of this shape, uniform from ``low`` to ``high``."""
    sizes = (shape,) if isinstance(shape, int) else shape
    return low + (high - low) * torch.rand(sizes, generator=rng, device=rng.device)


def log_uniform(
    shape: int | tuple[int, ...], low: float, high: float, rng: torch.Generator
) -> torch.Tensor:
    """float of this shape, uniform in its logarithm from ``low`` to ``high``, both above 0."""
    return uniform(shape, math.log(low), math.log(high), rng).exp()


def happens(batch: int, p: float, rng: torch.Generator) -> torch.Tensor:
    """bool (batch,): true with probability ``p``; never for 0, always for 1."""
    return torch.rand(batch, generator=rng, device=rng.device) < p


def gate(mask: torch.Tensor, changed: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """``changed`` for the samples where ``mask``, bool (B,), holds, ``x`` for the others."""
    return torch.where(mask.view(-1, *[1] * (x.ndim - 1)), changed, x)
