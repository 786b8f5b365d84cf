"""For tasks that predict tokens: a head over the vocabulary, and its loss."""

from __future__ import annotations

from typing import Any

from workbench.lazy import F, nn, torch
from workbench.tasks.parts.corruption import IGNORE
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.records import Output


def head(encoder: Any) -> dict[str, nn.Module | torch.Tensor]:
    """The parts of a task's module that ``logits`` uses besides the encoder, by name."""
    width = encoder.dim
    return {
        "transform": nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.LayerNorm(width)),
        "bias": nn.Parameter(torch.zeros(encoder.vocabulary)),
    }


def logits(module: Any, tokens: torch.Tensor, where: torch.Tensor) -> torch.Tensor:
    """float (places, vocabulary) at the places ``where``, bool (B, L), of tokens, int64 (B, L).

    The output weights are the input embeddings.
    """
    h = module.transform(module.encoder.tokens(tokens)[where])
    return F.linear(h, module.encoder.embedding.weight, module.bias)


def name_tokens(module: Any, tokens: torch.Tensor, target: torch.Tensor) -> Output:
    """Mean cross-entropy over the places where ``target``, int64 (B, L), is not IGNORE.

    About log V from an untrained encoder; 0 if there are none.
    """
    where = target != IGNORE
    scores, wanted = logits(module, tokens, where), target[where]
    loss = cross_entropy(scores, wanted)
    right = (scores.detach().argmax(dim=1) == wanted).sum() / max(1, len(wanted))
    return Output(loss, {"accuracy": right})


def cross_entropy(scores: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Scalar, float32: mean over rows of logits, float (n, vocabulary); 0 for none."""
    with full_precision(scores):
        total = F.cross_entropy(scores.float(), wanted, reduction="sum")
    return total / max(1, len(wanted))
