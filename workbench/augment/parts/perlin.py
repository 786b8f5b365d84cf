"""Perlin noise: soft random blots of a given size."""

from __future__ import annotations

import math

from workbench.augment.parts.draws import log_uniform, uniform
from workbench.lazy import torch


def perlin(
    batch: int, size: tuple[int, int], cells: tuple[float, float], rng: torch.Generator
) -> torch.Tensor:
    """float (batch, H, W): smooth noise around 0, from -1 to 1 (Perlin 2002, "Improving Noise").

    size: (H, W) in pixels. cells: fewest and most cells a side, drawn on a logarithmic scale for
    each axis; a cell is at least two pixels. Each corner of a cell has a random direction. The
    value of a pixel is interpolated between four scalar products: of each corner's direction with
    the vector from that corner to the pixel.
    """
    places = []
    for side in size:
        low, high = (min(count, max(1.0, side / 2)) for count in cells)
        count = log_uniform((batch, 1), low, high, rng)
        places.append((torch.arange(side, device=rng.device) + 0.5) / side * count)
    y, x = places[0][:, :, None], places[1][:, None, :]
    row, column = y.floor(), x.floor()
    corners = (batch, math.ceil(cells[1]) + 1, math.ceil(cells[1]) + 1)
    direction = uniform(corners, 0, 2 * math.pi, rng)
    upward, sideward = direction.sin(), direction.cos()
    sample = torch.arange(batch, device=rng.device)[:, None, None]

    def product(down: int, right: int) -> torch.Tensor:
        corner = (sample, row.long() + down, column.long() + right)
        return (y - row - down) * upward[corner] + (x - column - right) * sideward[corner]

    across, along = _fade(x - column), _fade(y - row)
    top = torch.lerp(product(0, 0), product(0, 1), across)
    bottom = torch.lerp(product(1, 0), product(1, 1), across)
    return math.sqrt(2) * torch.lerp(top, bottom, along)


def _fade(t: torch.Tensor) -> torch.Tensor:
    """6 t^5 - 15 t^4 + 10 t^3: from 0 to 1, flat at both ends."""
    return t**3 * (t * (6 * t - 15) + 10)
