"""Normalisation of pixels, shared by all image encoders."""

from __future__ import annotations

import torch
from torch import nn

from workbench.data.dataset import DataInfo

# A channel that is constant over the training split is centred and not divided by almost nothing.
_SMALLEST_STD = 1e-3


class Normalise(nn.Module):
    """(x - mean) / std, per channel, of the training split; both are saved with the weights."""

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, info: DataInfo):
        super().__init__()
        if info.mean is None or info.std is None:
            raise ValueError("an image encoder is built for image data")
        std = torch.tensor(info.std).clamp_min(_SMALLEST_STD)
        self.register_buffer("mean", torch.tensor(info.mean).view(1, -1, 1, 1))
        self.register_buffer("std", std.view(1, -1, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x - self.mean) / self.std


def patchify(x: torch.Tensor, patch: int) -> torch.Tensor:
    """float (B, P, C * patch * patch) of images (B, C, H, W); patches row by row."""
    # A copy of views: several times as fast as ``F.unfold``.
    rows, columns = x.shape[2] // patch, x.shape[3] // patch
    whole = x[:, :, : rows * patch, : columns * patch]
    blocks = whole.reshape(*x.shape[:2], rows, patch, columns, patch)
    return blocks.permute(0, 2, 4, 1, 3, 5).reshape(len(x), rows * columns, -1)


def unpatchify(patches: torch.Tensor, patch: int, grid: tuple[int, int]) -> torch.Tensor:
    """The inverse of ``patchify`` for images of ``grid`` (rows, columns) patches."""
    (rows, columns), batch = grid, len(patches)
    blocks = patches.reshape(batch, rows, columns, -1, patch, patch).permute(0, 3, 1, 4, 2, 5)
    return blocks.reshape(batch, -1, rows * patch, columns * patch)
