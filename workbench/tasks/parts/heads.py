"""What pretext tasks put on top of an encoder: functions that build modules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.lazy import lazy, nn, torch

if TYPE_CHECKING:
    from workbench.encoders.nets import blocks
else:
    blocks = lazy("workbench.encoders.nets.blocks")


def assemble(**parts: nn.Module | torch.Tensor) -> nn.Module:
    """A module of named parts: submodules, parameters, and plain tensors as buffers."""
    module = nn.Module()
    for name, part in parts.items():
        if isinstance(part, nn.Module | nn.Parameter):
            setattr(module, name, part)
        else:
            module.register_buffer(name, part)
    return module


def projector(widths: Sequence[int]) -> nn.Sequential:
    """An MLP with batch norm and ReLU between its layers: widths[0] -> ... -> widths[-1].

    Layers before a batch norm carry no bias, which the norm would subtract again.
    """
    *hidden, last = range(len(widths) - 1)
    layers: list[nn.Module] = []
    for index in hidden:
        layers.append(nn.Linear(widths[index], widths[index + 1], bias=False))
        layers += [nn.BatchNorm1d(widths[index + 1]), nn.ReLU()]
    layers.append(nn.Linear(widths[last], widths[-1]))
    return nn.Sequential(*layers)


def transformer(width: int, depth: int, heads: int) -> nn.Sequential:
    """``depth`` pre-norm transformer blocks and a last layer norm: (B, P, width) to the same."""
    layers = [blocks.TransformerBlock(width, heads) for _ in range(depth)]
    return nn.Sequential(*layers, nn.LayerNorm(width))


def grid_positions(rows: int, columns: int, width: int) -> torch.Tensor:
    """float (rows * columns, width): fixed sine-cosine positions of a grid, row by row.

    Half of the width tells the row, half the column, at wavelengths from 2 pi to 10,000 * 2 pi
    (Vaswani et al., 1706.03762, section 3.5, for each axis). width is a multiple of 4.
    """
    quarter = width // 4
    frequency = 10_000.0 ** -(torch.arange(quarter) / quarter)
    row, column = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    angles = [axis.reshape(-1, 1) * frequency for axis in (row, column)]
    return torch.cat([wave for angle in angles for wave in (angle.sin(), angle.cos())], dim=1)
