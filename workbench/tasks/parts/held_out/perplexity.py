"""Perplexity: how well a language model predicts texts that it has never seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.lazy import nn, torch
from workbench.tasks.records import Batch, HeldOut

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
# From a model and token ids, int64 (B, L): the loss of every token, float (B, L), 0 where none is
# predicted, and which are predicted, bool (B, L).
Losses = Callable[[Any, "torch.Tensor"], "tuple[torch.Tensor, torch.Tensor]"]

_RESAMPLES = 1000
# Texts whose scores over the whole vocabulary are in memory at once.
_AT_ONCE = 32


def perplexities(
    module: nn.Module, untrained: nn.Module, batches: Iterable[Batch], losses: Losses
) -> tuple[HeldOut, ...]:
    """Perplexity of both models on the same texts; nothing if no token is predicted."""
    trained: list[Floats] = []
    fresh: list[Floats] = []
    counts: list[Counts] = []
    with torch.no_grad():
        for batch in batches:
            for tokens in torch.split(batch.clean(), _AT_ONCE):
                each, predicted = losses(module, tokens)
                trained.append(_sums(each))
                fresh.append(_sums(losses(untrained, tokens)[0]))
                counts.append(predicted.sum(dim=1).cpu().numpy())
    count = np.concatenate(counts or [np.empty(0, np.int64)])
    kept, n = count > 0, int((count > 0).sum())
    if not n:
        return ()
    both = (perplexity(np.concatenate(part)[kept], count[kept]) for part in (trained, fresh))
    (value, low, high), (chance, least, most) = both
    protocol, metric = "language modelling", "perplexity"
    return (
        HeldOut(protocol, metric, "trained", value, low, high, n),
        HeldOut(protocol, metric, "random init", chance, least, most, n),
    )


def perplexity(losses: Floats, counts: Counts) -> tuple[float, float, float]:
    """exp of the mean loss a token, and its 95 % interval (percentile bootstrap over texts).

    losses: sum over each text's tokens, (n,). counts: tokens of each, (n,), above 0. The draws are
    seeded, so that the same losses get the same interval; it always holds the value.
    """
    rng = np.random.default_rng(0)
    means = np.empty(_RESAMPLES)
    for at in range(_RESAMPLES):
        drawn = rng.integers(0, len(losses), len(losses))
        means[at] = losses[drawn].sum() / counts[drawn].sum()
    low, high = np.quantile(means, (0.025, 0.975))
    mean = losses.sum() / counts.sum()
    value, low, high = np.exp([mean, min(low, mean), max(high, mean)]).tolist()
    return value, low, high


def _sums(each: torch.Tensor) -> Floats:
    return each.double().sum(dim=1).cpu().numpy()
