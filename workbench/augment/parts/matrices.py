"""Affine maps of the plane as matrices, one for each sample, in the coordinates of ``passes``."""

from __future__ import annotations

import math
from typing import TypeAlias

from workbench.augment.parts.draws import uniform
from workbench.lazy import torch

Entry: TypeAlias = "torch.Tensor | float"


def affine(a: Entry, b: Entry, c: Entry, d: Entry, x: Entry, y: Entry) -> torch.Tensor:
    """float (B, 3, 3): rows (a, b, x), (c, d, y), (0, 0, 1).

    Each entry is a number or float (B,), at least one of them the latter.
    """
    entries = (a, b, x, c, d, y, 0.0, 0.0, 1.0)
    like = next(e for e in entries if isinstance(e, torch.Tensor))
    columns = [e if isinstance(e, torch.Tensor) else torch.full_like(like, e) for e in entries]
    return torch.stack(columns, dim=1).view(-1, 3, 3)


def turn(cosine: torch.Tensor, sine: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """float (B, 3, 3): a turn by the angles with this cosine and sine, float (B,).

    size: (height, width) of the image in pixels. It turns pixels, so an image that is not square is
    not slanted although both its sides run from -1 to 1.
    """
    height, width = size
    return affine(cosine, -sine * (height / width), sine * (width / height), cosine, 0, 0)


def random_turn(
    batch: int, degrees: float, size: tuple[int, int], rng: torch.Generator
) -> torch.Tensor:
    """float (batch, 3, 3): turns by up to ``degrees`` to either side; size as in ``turn``."""
    angle = uniform(batch, -degrees, degrees, rng) * (math.pi / 180)
    return turn(angle.cos(), angle.sin(), size)


def random_shift(batch: int, share: float, rng: torch.Generator) -> torch.Tensor:
    """float (batch, 3, 3): shifts by up to ``share`` of width and height to either side."""
    x, y = uniform((2, batch), -2 * share, 2 * share, rng)
    return affine(1, 0, 0, 1, x, y)
