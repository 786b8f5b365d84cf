"""How well a model repairs texts that it has never seen: BLEU of its answers, and of copying.

At most 200 texts, each cut to 64 tokens, are repaired, so that it takes seconds on one core. 30 %
of their tokens are hidden in Poisson(3) spans. The seed is fixed and the settings do not depend on
the run, so that all runs of one data set repair the same texts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from workbench.data.dataset import MASK, PAD
from workbench.lazy import nn, torch
from workbench.tasks.parts import decoder, spans
from workbench.tasks.parts.held_out import bleu
from workbench.tasks.records import Batch, HeldOut

_SHARE, _MEAN = 0.3, 3.0
_MOST_TEXTS, _MOST_TOKENS, _SEED = 200, 64, 0


def scores(
    module: nn.Module, untrained: nn.Module, batches: Iterable[Batch]
) -> tuple[HeldOut, ...]:
    """Corpus BLEU-4, over word pieces, of the trained and the untrained module, and of the broken
    text itself, without its marks, taken as the answer. Nothing without texts."""
    said: dict[Literal["trained", "random init", "raw input"], list[list[int]]]
    said = {"trained": [], "random init": [], "raw input": []}
    wanted: list[list[int]] = []
    rng = torch.Generator().manual_seed(_SEED)
    for batch in batches:
        left = _MOST_TEXTS - len(wanted)
        if left <= 0:
            break
        texts = batch.clean()[:left, :_MOST_TOKENS]
        # Drawn on the processor, so that every device is asked the same.
        broken = spans.infill(texts.cpu(), _SHARE, _MEAN, rng)
        wanted += words(texts)
        said["raw input"] += [[t for t in row if t != MASK] for row in words(broken)]
        given = broken.to(texts.device)
        said["trained"] += words(repair(module, given, _MOST_TOKENS))
        said["random init"] += words(repair(untrained, given, _MOST_TOKENS))
    if not wanted:
        return ()
    return tuple(
        HeldOut("reconstruction", "bleu", name, *bleu.score(answers, wanted), n=len(wanted))
        for name, answers in said.items()
    )


def repair(module: Any, broken: torch.Tensor, longest: int) -> torch.Tensor:
    """int64 (B, at most longest): the text that the module writes, greedily, for each broken one.

    The module has an ``encoder`` and a ``decoder`` (see ``workbench.tasks.parts.decoder``).
    """
    with torch.no_grad():
        memory, seen = read(module, broken)
        return decoder.greedy(module.decoder, module.encoder.embedding, memory, seen, longest)


def read(module: Any, broken: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The encoder's tokens, float (B, W, dim), and which of them are real, bool (B, W)."""
    broken = broken[:, : module.encoder.length]
    return module.encoder.tokens(broken), decoder.real(broken)


def words(texts: torch.Tensor) -> list[list[int]]:
    """The tokens of each text, without padding."""
    return [[token for token in row if token != PAD] for row in texts.tolist()]
