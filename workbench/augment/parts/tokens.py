"""Batches of token ids: which tokens may be changed, and texts put together again.

x is int64 (B, L) with PAD at the end of each text.
"""

from __future__ import annotations

from workbench.augment.parts.draws import uniform
from workbench.data.dataset import PAD, SPECIAL_TOKENS, UNK
from workbench.lazy import torch


def is_word(x: torch.Tensor) -> torch.Tensor:
    """bool (B, L): tokens that may be chosen: all but padding and [CLS], [SEP], [MASK]."""
    return (x >= len(SPECIAL_TOKENS)) | (x == UNK)


def close_up(x: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    """The tokens where ``kept``, bool (B, L), holds, in their order; PAD after them."""
    kept = kept & (x != PAD)
    order = (~kept).long().argsort(dim=1, stable=True)
    return x.masked_fill(~kept, PAD).gather(1, order)


def random_span(
    x: torch.Tensor, share: tuple[float, float], rng: torch.Generator, *, least: int
) -> torch.Tensor:
    """bool (B, L): a run of words at a random place, of a random share of the text's words.

    share: smallest and largest. The run has at least ``least`` words, and never all of them unless
    the largest share is 1.
    """
    words = is_word(x)
    count = words.sum(dim=1, keepdim=True)
    exact = uniform((len(x), 1), *share, rng) * count
    length = (exact + uniform((len(x), 1), 0, 1, rng)).floor().long().clamp_min(least)
    length = length.minimum(count if share[1] >= 1 else (count - 1).clamp_min(least))
    start = (uniform((len(x), 1), 0, 1, rng) * (count - length + 1)).floor()
    rank = words.long().cumsum(dim=1) - 1
    return words & (rank >= start) & (rank < start + length)


def expand(x: torch.Tensor, pieces: torch.Tensor) -> torch.Tensor:
    """int64 (B, L): the pieces of each token one after another, cut to L.

    pieces: int64 (B, L, P), PAD where there are fewer than P.
    """
    flat = pieces.flatten(1)
    return close_up(flat, flat != PAD)[:, : x.shape[1]]
