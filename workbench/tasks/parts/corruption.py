"""For tasks on corrupted texts: choose tokens, and corrupt them."""

from __future__ import annotations

from workbench.data.dataset import MASK, SPECIAL_TOKENS
from workbench.lazy import torch

# The target of tokens that need not be predicted.
IGNORE = -100
# Of the chosen tokens (Devlin et al., arXiv 1810.04805, section 3.1); the rest stays.
_MASKED, _RANDOM = 0.8, 0.1


def words(tokens: torch.Tensor, continues: torch.Tensor) -> torch.Tensor:
    """int64 (B, L): number of the word, within its text, that each token belongs to.

    tokens: int64 (B, L). continues: bool (vocabulary,). Special tokens are words of their own.
    """
    special = tokens < len(SPECIAL_TOKENS)
    begins = ~continues[tokens] | special
    begins[:, 1:] |= special[:, :-1]
    begins[:, 0] = True
    return begins.long().cumsum(dim=1) - 1


def choose(
    tokens: torch.Tensor, units: torch.Tensor, rate: float | torch.Tensor, rng: torch.Generator
) -> torch.Tensor:
    """bool (B, L): the tokens to predict: ``rate`` of the units of each text, drawn at random.

    units: int64 (B, L), the token or word each token belongs to, below L. Special tokens are never
    chosen. The number is rounded up or down at random, so that its mean is right for short texts
    too, but every text with ordinary tokens has at least one unit chosen.
    """
    ordinary = tokens >= len(SPECIAL_TOKENS)
    candidates = torch.zeros_like(tokens).scatter_add_(1, units, ordinary.long()) > 0
    available = candidates.sum(dim=1, keepdim=True)
    draw = torch.rand(available.shape, generator=rng, device=tokens.device)
    number = (rate * available + draw).floor().clamp_min(1)
    scores = torch.rand(tokens.shape, generator=rng, device=tokens.device)
    rank = scores.masked_fill(~candidates, 2.0).argsort(dim=1).argsort(dim=1)
    return (rank < number).gather(1, units) & ordinary


def corrupt(
    tokens: torch.Tensor, chosen: torch.Tensor, vocabulary: int, rng: torch.Generator
) -> torch.Tensor:
    """int64 (B, L): of the chosen tokens, 80 % become MASK, 10 % random ones, 10 % stay."""
    action = torch.rand(tokens.shape, generator=rng, device=tokens.device)
    random = torch.randint(
        len(SPECIAL_TOKENS), vocabulary, tokens.shape, generator=rng, device=tokens.device
    )
    masked = tokens.masked_fill(chosen & (action < _MASKED), MASK)
    replaced = chosen & (action >= _MASKED) & (action < _MASKED + _RANDOM)
    return torch.where(replaced, random, masked)


def mark(shown: int, target: int) -> str:
    """What happened to a token: "" if it need not be predicted, else masked, replaced or kept."""
    if target == IGNORE:
        return ""
    return "masked" if shown == MASK else "kept" if shown == target else "replaced"
