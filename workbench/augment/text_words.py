"""Texts: words put in, or hidden together.

As in ``workbench.augment.text``, a word is a token of the vocabulary, which may be a piece of a
word, and special tokens are never chosen. No text gets wider than the batch: what does not fit
falls off at its end.
"""

from __future__ import annotations

from dataclasses import dataclass

from workbench.augment.parts.draws import uniform
from workbench.augment.parts.tokens import expand, is_word, random_span
from workbench.augment.text import TextAugmentation
from workbench.data.dataset import MASK, PAD
from workbench.lazy import torch
from workbench.options import option


@dataclass(frozen=True)
class TokenInsertion(TextAugmentation):
    """Puts words in."""

    name = "token_insertion"
    title = "Put words in"
    summary = "Put words from elsewhere in the text, or from other texts, in."
    reference = "Wei & Zou 2019, arXiv 1901.11196, with words drawn instead of synonyms"
    domains = "texts whose topic matters rather than their wording"
    invariance_rank = 40

    rate: float = option(
        0.1,
        label="Share of words",
        help="How likely a word is put in after each word.",
        low=0.0,
        high=1.0,
    )
    others: bool = option(
        False,
        label="From other texts",
        help="Take the words from all texts of the batch rather than from the text itself: a "
        "stronger change, as they speak of something else.",
    )

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        words = is_word(x)
        inserted = words & (uniform(tuple(x.shape), 0, 1, rng) < self.rate)
        draw = uniform(tuple(x.shape), 0, 1, rng)
        if self.others:
            pool = x[words]
            if not len(pool):
                return x
            new = pool[(draw * len(pool)).long().clamp(max=len(pool) - 1)]
        else:
            count = words.sum(dim=1, keepdim=True)
            rank = (draw * count).long().minimum((count - 1).clamp_min(0))
            order = (~words).long().argsort(dim=1, stable=True)
            new = x.gather(1, order.gather(1, rank))
        return expand(x, torch.stack([x, new.masked_fill(~inserted, PAD)], dim=2))


@dataclass(frozen=True)
class Cutoff(TextAugmentation):
    """Hides a fixed share of the words."""

    name = "cutoff"
    title = "Cut words off"
    summary = "Hide a fixed share of the words of every text, or one run of them."
    reference = "Shen et al. 2020, arXiv 2009.13818; Yan et al. 2021 (ConSERT), 2105.11741"
    domains = "all texts; not for tasks that hide words themselves"
    invariance_rank = 70

    share: float = option(
        0.15,
        label="Share of words",
        help="Share of each text that is hidden behind [MASK]; one word at least stays.",
        low=0.0,
        high=0.95,
    )
    span: bool = option(
        True,
        label="One run",
        help="Hide one run of neighbouring words, else words here and there. Token ids have no "
        "features to cut off; the papers set embeddings to zero, here [MASK] stands for them.",
    )

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        if self.span:
            return x.masked_fill(random_span(x, (self.share, self.share), rng, least=0), MASK)
        words = is_word(x)
        count = words.sum(dim=1, keepdim=True)
        number = (self.share * count + uniform((len(x), 1), 0, 1, rng)).floor()
        number = number.minimum((count - 1).clamp_min(0))
        draw = uniform(tuple(x.shape), 0, 1, rng).masked_fill(~words, 2.0)
        return x.masked_fill(words & (draw.argsort(dim=1).argsort(dim=1) < number), MASK)
