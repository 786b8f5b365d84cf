"""A vision transformer over patches (Dosovitskiy et al., 2010.11929), with fixed positions."""

from __future__ import annotations

import torch
from torch import nn

from workbench.data.dataset import DataInfo
from workbench.encoders.nets.blocks import TransformerBlock
from workbench.encoders.nets.pixels import Normalise, patchify, unpatchify


class VisionTransformer(nn.Module):
    """Patches become tokens, then pass the blocks. h is the mean over the patch tokens.

    It is no class token: short runs train every patch token, but a class token only where a task
    uses it, and masked tasks do not.
    """

    def __init__(self, info: DataInfo, *, patch: int, dim: int, depth: int, heads: int):
        super().__init__()
        height, width = info.size or (32, 32)
        self.channels = info.channels or 3
        self.patch, self.dim = patch, dim
        self.grid = (height // patch, width // patch)
        self.patch_dim = self.channels * patch * patch
        self.normalise = Normalise(info)
        self.embed = nn.Linear(self.patch_dim, dim)
        self.mask_token = nn.Parameter(torch.zeros(dim))
        self.blocks = nn.ModuleList(TransformerBlock(dim, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(dim)
        nn.init.xavier_uniform_(self.embed.weight)
        nn.init.normal_(self.mask_token, std=0.02)

    def patchify(self, x: torch.Tensor) -> torch.Tensor:
        """float (B, P, C * patch * patch) of images (B, C, H, W); patches row by row."""
        return patchify(x, self.patch)

    def unpatchify(self, patches: torch.Tensor) -> torch.Tensor:
        """The inverse of ``patchify`` for images of the encoder's own size."""
        return unpatchify(patches, self.patch, self.grid)

    def tokens(
        self,
        x: torch.Tensor,
        keep: torch.Tensor | None = None,
        masked: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """float (B, P, dim), or (B, K, dim) of the patches ``keep``, int64 (B, K).

        masked: bool (B, P), patches that the mask token replaces.
        """
        rows, columns = x.shape[2] // self.patch, x.shape[3] // self.patch
        tokens = self.embed(self.patchify(self.normalise(x)))
        if masked is not None:
            tokens = torch.where(masked[:, :, None], self.mask_token.to(tokens.dtype), tokens)
        tokens = tokens + positions(rows, columns, self.dim, tokens.device).to(tokens.dtype)
        if keep is not None:
            tokens = tokens.gather(1, keep[:, :, None].expand(-1, -1, self.dim))
        for block in self.blocks:
            tokens = block(tokens)
        out: torch.Tensor = self.norm(tokens)
        return out

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.tokens(x).mean(dim=1)


def positions(rows: int, columns: int, dim: int, device: torch.device) -> torch.Tensor:
    """float (rows * columns, dim): sine and cosine of row and column (1706.03762, section 3.5).

    dim is a multiple of 4. Fixed, so that any grid can be encoded. Their mean over the grid is
    subtracted: the slow waves are nearly constant there, and the mean token would depend more on
    the grid than on the image.
    """
    quarter = dim // 4
    rates = 10_000.0 ** -(torch.arange(quarter, device=device) / quarter)
    row = torch.arange(rows, device=device).repeat_interleave(columns)[:, None] * rates
    column = torch.arange(columns, device=device).repeat(rows)[:, None] * rates
    waves = torch.cat([row.sin(), row.cos(), column.sin(), column.cos()], dim=1)
    return waves - waves.mean(dim=0)
