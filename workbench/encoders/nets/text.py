"""A text transformer over token ids, PAD at the end."""

from __future__ import annotations

import torch
from torch import nn

from workbench.data.dataset import PAD, DataInfo
from workbench.encoders.nets.blocks import TransformerBlock

# Places for tokens that tasks put around a text.
_EXTRA = 8


class TextTransformer(nn.Module):
    """Embedding with learned positions, then blocks. h is the mean over real tokens.

    causal: no token sees a later one, in ``forward`` too, so that a language model is scored as it
    was trained. dropout: share of a token's values set to 0 after the embedding and after each
    half of a block, in training mode only. first_too: h is averaged with the mean over the tokens
    that enter the first block, in training too (J. Huang et al., "WhiteningBERT", arXiv 2104.01767,
    section 3.2).
    """

    def __init__(
        self,
        info: DataInfo,
        *,
        dim: int,
        depth: int,
        heads: int,
        causal: bool = False,
        dropout: float = 0.0,
        first_too: bool = False,
    ):
        super().__init__()
        if info.vocabulary is None or info.length is None:
            raise ValueError("a text encoder is built for text data")
        self.dim, self.vocabulary, self.length = dim, info.vocabulary, info.length + _EXTRA
        self.causal, self.first_too = causal, first_too
        self.dropout = nn.Dropout(dropout)
        self.embedding = nn.Embedding(self.vocabulary, dim, padding_idx=PAD)
        self.position = nn.Embedding(self.length, dim)
        self.blocks = nn.ModuleList(
            TransformerBlock(dim, heads, dropout=dropout) for _ in range(depth)
        )
        self.norm = nn.LayerNorm(dim)
        nn.init.normal_(self.embedding.weight, std=0.02)
        nn.init.normal_(self.position.weight, std=0.02)
        with torch.no_grad():
            self.embedding.weight[PAD].zero_()

    def tokens(self, ids: torch.Tensor) -> torch.Tensor:
        """float (B, L, dim) of int64 (B, L), L at most ``length``; what is longer is cut off."""
        return self._layers(ids[:, : self.length])[1]

    def _layers(self, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The tokens that enter the first block, and those that leave the last."""
        places = torch.arange(ids.shape[1], device=ids.device)
        first = x = self.dropout(self.embedding(ids) + self.position(places))
        real = ids != PAD
        # A text of padding alone sees itself: attention over nothing gives NaN.
        real = real | (~real.any(dim=1, keepdim=True))
        allowed = real[:, None, None, :]
        if self.causal:
            ones = torch.ones(ids.shape[1], ids.shape[1], dtype=torch.bool, device=ids.device)
            allowed = allowed & ones.tril() | torch.eye(
                ids.shape[1], dtype=torch.bool, device=ids.device
            )
        for block in self.blocks:
            x = block(x, allowed)
        return first, self.norm(x)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """float (B, dim) of int64 (B, L)."""
        ids = ids[:, : self.length]
        real = (ids != PAD).float()[:, :, None]
        first, tokens = self._layers(ids)
        if self.first_too:
            tokens = (first + tokens) / 2
        return (tokens * real).sum(dim=1) / real.sum(dim=1).clamp_min(1.0)
