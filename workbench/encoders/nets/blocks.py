"""The pre-norm transformer block, for patches and words alike."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    """Attention and MLP, each after a layer norm and added to its input."""

    def __init__(self, dim: int, heads: int, expand: int = 4, dropout: float = 0.0):
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(dim)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.join = nn.Linear(dim, dim)
        self.mlp_norm = nn.LayerNorm(dim)
        self.mlp = nn.Sequential(
            nn.Linear(dim, expand * dim), nn.GELU(), nn.Linear(expand * dim, dim)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, allowed: torch.Tensor | None = None) -> torch.Tensor:
        """x: float (B, L, dim). allowed: bool, broadcast to (B, heads, L, L), who may be seen."""
        batch, length, dim = x.shape
        qkv = self.qkv(self.attention_norm(x)).view(batch, length, 3, self.heads, -1)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=allowed)
        mixed = mixed.transpose(1, 2).reshape(batch, length, dim)
        x = x + self.dropout(self.join(mixed))
        out: torch.Tensor = x + self.dropout(self.mlp(self.mlp_norm(x)))
        return out
