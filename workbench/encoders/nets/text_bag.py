"""A text encoder that adds up word vectors: a look-up and a mean, without any order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import nn

from workbench.data.dataset import PAD, DataInfo


class VectorMean(nn.Module):
    """h is the weighted mean of the vectors of a text's tokens. With ``residual``, the output of
    two layers is added to it, which is 0 at the start.

    weights: float (vocabulary,), a buffer: how much each token counts, 1 until ``weigh`` is called.
    """

    def __init__(self, info: DataInfo, *, dim: int, residual: bool):
        super().__init__()
        if info.vocabulary is None or info.length is None:
            raise ValueError("a text encoder is built for text data")
        self.dim, self.vocabulary, self.length = dim, info.vocabulary, info.length
        self.embedding = nn.Embedding(self.vocabulary, dim, padding_idx=PAD)
        nn.init.normal_(self.embedding.weight, std=0.02)
        with torch.no_grad():
            self.embedding.weight[PAD].zero_()
        self.register_buffer("weights", torch.ones(self.vocabulary))
        self.residual = _residual(dim) if residual else None

    @torch.no_grad()
    def weigh(self, weights: npt.NDArray[np.float64]) -> None:
        """Let each token count for its part of ``weights``, (vocabulary,)."""
        self.get_buffer("weights").copy_(torch.from_numpy(weights))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """float (B, dim) of int64 (B, L)."""
        weight = self.get_buffer("weights")[ids] * (ids != PAD)
        added = F.embedding_bag(
            ids,
            self.embedding.weight,
            mode="sum",
            per_sample_weights=weight.to(self.embedding.weight.dtype),
            padding_idx=PAD,
        )
        h: torch.Tensor = added / weight.sum(dim=1, keepdim=True).clamp_min(1e-12)
        return h if self.residual is None else h + self.residual(h)


def _residual(dim: int) -> nn.Module:
    last = nn.Linear(2 * dim, dim)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, 2 * dim), nn.GELU(), last)
