"""ELECTRA's generator: a small masked language model whose guesses are put into a text."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from workbench.data.dataset import PAD, SPECIAL_TOKENS
from workbench.encoders.nets.blocks import Block

# Dimensions of one attention head.
_HEAD = 16


class Generator(nn.Module):
    """One transformer block of about ``size`` times the encoder's width, on its token embeddings.

    Its positions are its own. The embeddings are passed to ``forward`` and are no part of it, so
    that a checkpoint holds them once.
    """

    def __init__(self, encoder: Any, size: float):
        super().__init__()
        width = encoder.dim
        inner = max(1, round(size * width / _HEAD)) * _HEAD
        self.reduce = nn.Linear(width, inner)
        self.position = nn.Embedding(encoder.length, inner)
        self.block = Block(inner, inner // _HEAD)
        self.grow = nn.Sequential(
            nn.LayerNorm(inner), nn.Linear(inner, width), nn.GELU(), nn.LayerNorm(width)
        )
        self.bias = nn.Parameter(torch.zeros(encoder.vocabulary))

    def forward(
        self, masked: torch.Tensor, chosen: torch.Tensor, embedding: nn.Embedding
    ) -> torch.Tensor:
        """float (chosen, vocabulary): logits at the chosen places, bool (B, L), of a masked text.

        masked: int64 (B, L). embedding: the encoder's, float (vocabulary, dim).
        """
        places = torch.arange(masked.shape[1], device=masked.device)
        x = self.reduce(embedding(masked)) + self.position(places)
        real = masked != PAD
        # A text of padding alone sees itself, for attention over nothing is not a number.
        real = real | ~real.any(dim=1, keepdim=True)
        x = self.block(x, real[:, None, None, :])
        return F.linear(self.grow(x[chosen]), embedding.weight, self.bias)


def sample(logits: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    """int64 (n,): a token for each row of logits, float (n, vocabulary), drawn from its softmax.

    Special tokens are never drawn. With Gumbel noise g, argmax(logits + g) is such a draw; -log of
    an exponential draw is Gumbel noise.
    """
    draw = torch.empty_like(logits, dtype=torch.float32).exponential_(generator=rng)
    noisy = logits.float() - draw.log()
    noisy[:, : len(SPECIAL_TOKENS)] = -torch.inf
    return noisy.argmax(dim=1)
