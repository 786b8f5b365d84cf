"""ELECTRA's generator, a small masked language model, its guesses, and the loss of finding them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.data.dataset import PAD, SPECIAL_TOKENS
from workbench.lazy import F, lazy, nn, torch
from workbench.tasks.parts import heads
from workbench.tasks.parts.numerics import full_precision

if TYPE_CHECKING:
    from workbench.encoders.nets import blocks
else:
    blocks = lazy("workbench.encoders.nets.blocks")

# Dimensions of one attention head.
_HEAD = 16


def generator(encoder: Any, size: float) -> nn.Module:
    """One transformer block of about ``size`` times the encoder's width, on its token embeddings.

    Its positions are its own. The embeddings are passed to ``guess`` and are no part of it, so
    that a checkpoint holds them once.
    """
    width = encoder.dim
    inner = max(1, round(size * width / _HEAD)) * _HEAD
    return heads.assemble(
        reduce=nn.Linear(width, inner),
        position=nn.Embedding(encoder.length, inner),
        block=blocks.TransformerBlock(inner, inner // _HEAD),
        grow=nn.Sequential(
            nn.LayerNorm(inner), nn.Linear(inner, width), nn.GELU(), nn.LayerNorm(width)
        ),
        bias=nn.Parameter(torch.zeros(encoder.vocabulary)),
    )


def guess(
    model: Any, embedding: nn.Embedding, masked: torch.Tensor, chosen: torch.Tensor
) -> torch.Tensor:
    """float (chosen, vocabulary): logits at the chosen places, bool (B, L), of a masked text.

    model: as ``generator`` makes it. masked: int64 (B, L). embedding: the encoder's.
    """
    places = torch.arange(masked.shape[1], device=masked.device)
    x = model.reduce(embedding(masked)) + model.position(places)
    real = masked != PAD
    # A text of padding alone sees itself, for attention over nothing is not a number.
    real = real | ~real.any(dim=1, keepdim=True)
    x = model.block(x, real[:, None, None, :])
    return F.linear(model.grow(x[chosen]), embedding.weight, model.bias)


def sample(logits: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    """int64 (n,): a token for each row of logits, float (n, vocabulary), drawn from its softmax.

    Special tokens are never drawn. With Gumbel noise g, argmax(logits + g) is such a draw; -log of
    an exponential draw is Gumbel noise.
    """
    draw = torch.empty_like(logits, dtype=torch.float32).exponential_(generator=rng)
    noisy = logits.float() - draw.log()
    noisy[:, : len(SPECIAL_TOKENS)] = -torch.inf
    return noisy.argmax(dim=1)


def detection_loss(suspicion: torch.Tensor, replaced: torch.Tensor) -> torch.Tensor:
    """Scalar, float32: mean binary cross-entropy of "replaced", bool (n,), from logits, float (n,).

    The paper's L_Disc, section 2. log 2 for logits of 0; 0 if there are no tokens.
    """
    truth = replaced.float()
    with full_precision(suspicion):
        total = F.binary_cross_entropy_with_logits(suspicion.float(), truth, reduction="sum")
    return total / max(1, len(replaced))
