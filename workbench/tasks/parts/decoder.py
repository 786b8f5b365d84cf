"""A small text decoder: it writes a text token by token from the encoded form of another.

Causal transformer blocks (Vaswani et al., arXiv 1706.03762, section 3.1, pre-norm) whose second
attention reads the encoder: all its tokens, or one vector. Its words are the encoder's own
embedding, which is passed to every function and is no part of the decoder, so that a checkpoint
holds it once. A text begins with CLS, is ended by SEP, and is padded with PAD.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from workbench.data.dataset import CLS, MASK, PAD, SEP
from workbench.lazy import F, lazy, nn, torch
from workbench.tasks.parts import heads
from workbench.tasks.parts.numerics import full_precision

if TYPE_CHECKING:
    from workbench.encoders.nets import blocks
else:
    blocks = lazy("workbench.encoders.nets.blocks")

_HEADS = 4
# Tokens that an answer never holds: SEP ends it, UNK may stand in it.
_NEVER = (PAD, CLS, MASK)


def decoder(width: int, vocabulary: int, length: int, depth: int) -> nn.Module:
    """``depth`` blocks of ``width`` for texts of up to ``length`` tokens, SEP included."""
    return heads.assemble(
        blocks=nn.ModuleList(
            blocks.DecoderBlock(width, math.gcd(_HEADS, width)) for _ in range(depth)
        ),
        norm=nn.LayerNorm(width),
        position=nn.Parameter(0.02 * torch.randn(length, width)),
        bias=nn.Parameter(torch.zeros(vocabulary)),
    )


def real(ids: torch.Tensor) -> torch.Tensor:
    """bool (B, L): tokens to read. An empty text reads its padding: attention needs something."""
    there = ids != PAD
    return there | ~there.any(dim=1, keepdim=True)


def states(
    decoder: Any,
    embedding: nn.Embedding,
    given: torch.Tensor,
    memory: torch.Tensor,
    seen: Any,
    beside: torch.Tensor | None = None,
) -> torch.Tensor:
    """float (B, T, width): what the decoder knows after each token of ``given``, int64 (B, T).

    memory: float (B, M, width), what the encoder gave; seen: bool (B, M), or None for all of it.
    beside: float (B, T, width), added to the embeddings of ``given``.
    The state at t depends on what is given up to t and on the memory alone.
    """
    x = embedding(given) + decoder.position[: given.shape[1]]
    x = x if beside is None else x + beside
    for block in decoder.blocks:
        x, _ = block(x, memory, seen)
    out: torch.Tensor = decoder.norm(x)
    return out


def hide_hints(target: torch.Tensor, share: float, rng: torch.Generator) -> torch.Tensor:
    """bool (B, T): target tokens that are hidden from the decoder when it predicts the next ones.

    Each is hidden with probability ``share`` (word dropout: Bowman et al., arXiv 1511.06349,
    section 3.1). A decoder that is given all of them need not read the encoder.
    """
    return torch.rand(target.shape, generator=rng, device=target.device) < share


def reconstruction(
    decoder: Any,
    embedding: nn.Embedding,
    target: torch.Tensor,
    memory: torch.Tensor,
    seen: Any,
    hidden: torch.Tensor | None = None,
    beside: torch.Tensor | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Cross-entropy of each token given the true ones before it, and the share named right.

    -1/N sum_n sum_t log p(y_nt | y_n<t, memory_n), N: tokens of all texts. target: int64 (B, T),
    PAD where nothing is predicted. hidden: bool (B, T), tokens that are given as MASK
    (``hide_hints``). beside: float (B, T, width), added to the embedding of each target token.
    Scalars, float32; 0 with a gradient graph if nothing is predicted. A target that is longer than
    the decoder's positions is cut off.
    """
    hints = target if hidden is None else target.masked_fill(hidden & (target != PAD), MASK)
    target = target[:, : len(decoder.position)]
    given = F.pad(hints[:, : target.shape[1] - 1], (1, 0), value=CLS)
    predicted = target != PAD
    wanted = target[predicted]
    # The decoder is given the tokens before; at the first place it is given nothing.
    if beside is not None:
        beside = F.pad(beside[:, : target.shape[1] - 1], (0, 0, 1, 0))
    h = states(decoder, embedding, given, memory, seen, beside)[predicted]
    logits = F.linear(h, embedding.weight, decoder.bias)
    count = max(1, len(wanted))
    with full_precision(logits):
        loss = F.cross_entropy(logits.float(), wanted, reduction="sum") / count
    right = (logits.detach().argmax(dim=1) == wanted).sum() / count
    return loss, right


def greedy(
    decoder: Any, embedding: nn.Embedding, memory: torch.Tensor, seen: Any, longest: int
) -> torch.Tensor:
    """int64 (B, at most longest): the likeliest next token, again and again, until SEP.

    Words only: SEP itself is left out, PAD follows. All texts of the batch go in step; of each
    block the normalised inputs so far are kept, so that every token passes through it once.
    To be called without gradients.
    """
    token = torch.full((len(memory), 1), CLS, device=memory.device)
    done = torch.zeros_like(token, dtype=torch.bool)
    past = [memory[:, :0] for _ in decoder.blocks]
    written = [token[:, :0]]
    for place in range(min(longest, len(decoder.position))):
        x = embedding(token) + decoder.position[place]
        for index, block in enumerate(decoder.blocks):
            x, past[index] = block(x, memory, seen, past[index])
        logits = F.linear(decoder.norm(x), embedding.weight, decoder.bias)
        logits[:, :, _NEVER] = -torch.inf
        token = logits.argmax(dim=2).masked_fill(done, SEP)
        done = token == SEP
        written.append(token.masked_fill(done, PAD))
        if bool(done.all()):
            break
    return torch.cat(written, dim=1)
