"""A text encoder that adds up word vectors: a look-up and a mean, without any order."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import nn

from workbench.data.dataset import PAD, DataInfo


class VectorMean(nn.Module):
    """h is the weighted mean of the vectors of a text's tokens. With ``residual``, the output of
    two layers is added to it, which is 0 at the start.

    With ``keep_start``, h has a second half, the mean of the vectors as they were when
    ``remember_start`` was called; both halves have length 1.

    weights: float (vocabulary,), a buffer: how much each token counts, 1 until ``weigh`` is called.
    """

    start: torch.Tensor | None

    def __init__(self, info: DataInfo, *, dim: int, residual: bool, keep_start: bool = False):
        super().__init__()
        if info.vocabulary is None or info.length is None:
            raise ValueError("a text encoder is built for text data")
        self.dim = 2 * dim if keep_start else dim
        self.vocabulary, self.length = info.vocabulary, info.length
        self.embedding = nn.Embedding(self.vocabulary, dim, padding_idx=PAD)
        nn.init.normal_(self.embedding.weight, std=0.02)
        with torch.no_grad():
            self.embedding.weight[PAD].zero_()
        self.register_buffer("weights", torch.ones(self.vocabulary))
        self.residual = _residual(dim) if residual else None
        kept = torch.zeros(self.vocabulary, dim) if keep_start else None
        self.register_buffer("start", kept)

    @torch.no_grad()
    def weigh(self, weights: npt.NDArray[np.float64]) -> None:
        """Let each token count for its part of ``weights``, (vocabulary,)."""
        self.get_buffer("weights").copy_(torch.from_numpy(weights))

    def remember_start(self) -> None:
        """Take the vectors as they are now for the second half of h."""
        self.get_buffer("start").copy_(self.embedding.weight.detach())

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *more: Any) -> None:
        if self.start is not None and f"{prefix}start" not in state_dict:
            # Weights of an older version, which kept no start.
            self.start, self.dim = None, self.dim // 2
        super()._load_from_state_dict(state_dict, prefix, *more)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """float (B, dim) of int64 (B, L)."""
        h = self._mean(self.embedding.weight, ids)
        h = h if self.residual is None else h + self.residual(h)
        if self.start is None:
            return h
        before = self._mean(self.start, ids)
        return torch.cat([F.normalize(h, dim=1), F.normalize(before, dim=1)], dim=1)

    def _mean(self, vectors: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """float (B, d), the weighted mean of ``vectors``, float (vocabulary, d), of each text."""
        weight = self.get_buffer("weights")[ids] * (ids != PAD)
        added = F.embedding_bag(
            ids,
            vectors,
            mode="sum",
            per_sample_weights=weight.to(vectors.dtype),
            padding_idx=PAD,
        )
        mean: torch.Tensor = added / weight.sum(dim=1, keepdim=True).clamp_min(1e-12)
        return mean


def _residual(dim: int) -> nn.Module:
    last = nn.Linear(2 * dim, dim)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, 2 * dim), nn.GELU(), last)
