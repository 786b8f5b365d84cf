"""What tasks that name tokens share: a head over the vocabulary, and the loss of its answers."""

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


def logits(module: Any, tokens: torch.Tensor, asked: torch.Tensor) -> torch.Tensor:
    """float (asked, vocabulary) at the places asked, bool (B, L), of tokens, int64 (B, L).

    The output weights are the input embeddings.
    """
    h = module.transform(module.encoder.tokens(tokens)[asked])
    return F.linear(h, module.encoder.embedding.weight, module.bias)


def name_tokens(module: Any, tokens: torch.Tensor, target: torch.Tensor) -> Output:
    """Mean cross-entropy over the places where ``target``, int64 (B, L), is not IGNORE.

    About log V from an untrained encoder; 0 if nothing is asked.
    """
    asked = target != IGNORE
    found, wanted = logits(module, tokens, asked), target[asked]
    loss = cross_entropy(found, wanted)
    right = (found.detach().argmax(dim=1) == wanted).sum() / max(1, len(wanted))
    return Output(loss, {"accuracy": right})


def cross_entropy(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Scalar, float32: mean over rows of logits, float (n, vocabulary); 0 for none."""
    with full_precision(found):
        total = F.cross_entropy(found.float(), wanted, reduction="sum")
    return total / max(1, len(wanted))
