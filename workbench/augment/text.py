"""Texts: words left out, moved, repeated or hidden. Token ids are all that is needed.

A word here is a token of the vocabulary, which may be a piece of a word. Padding and the special
tokens [CLS], [SEP] and [MASK] are never chosen, and every text keeps at least one word.
"""

from __future__ import annotations

from dataclasses import dataclass

from workbench.augment.base import Augmentation
from workbench.augment.parts.draws import uniform
from workbench.augment.parts.tokens import close_up, is_word, random_span
from workbench.data.dataset import MASK, PAD, DataInfo
from workbench.lazy import torch
from workbench.options import option

# Shorter texts have no word to spare.
_SHORT = 4


@dataclass(frozen=True)
class TextAugmentation(Augmentation):
    """Base of the family."""

    family = "text"
    modalities = ("text",)

    def warning(self, info: DataInfo) -> str | None:
        if info.length is None or info.length >= _SHORT:
            return None
        return f"its longest text has {info.length} words, so there are none to spare"


@dataclass(frozen=True)
class TokenDeletion(TextAugmentation):
    """Leaves words out, each drawn by itself."""

    name = "token_deletion"
    title = "Leave words out"
    summary = "Leave out a share of the words, each drawn by itself."
    reference = "Wei & Zou 2019, arXiv 1901.11196; Wu et al. 2020, arXiv 2012.15466"
    domains = "texts whose topic matters rather than their wording"
    invariance_rank = 10

    rate: float = option(
        0.2, label="Share of words", help="How likely each is left out.", low=0.0, high=0.95
    )

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        draw = uniform(tuple(x.shape), 0, 1, rng)
        # The word with the highest draw stays, so that no text becomes empty.
        highest = draw.masked_fill(~is_word(x), -1.0).argmax(dim=1, keepdim=True)
        dropped = (is_word(x) & (draw < self.rate)).scatter(1, highest, False)
        return close_up(x, ~dropped)


@dataclass(frozen=True)
class SpanDeletion(TextAugmentation):
    """Leaves a run of words out."""

    name = "span_deletion"
    title = "Leave a passage out"
    summary = "Leave out one run of neighbouring words."
    reference = "Wu et al. 2020 (CLEAR), arXiv 2012.15466"
    domains = "texts of several sentences"
    invariance_rank = 50

    share: tuple[float, float] = option(
        (0.1, 0.3),
        label="Share of the text",
        help="Shortest and longest run, as a share of the text's words.",
        low=0.0,
        high=0.95,
    )

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        return close_up(x, ~random_span(x, self.share, rng, least=0))


@dataclass(frozen=True)
class SpanCrop(TextAugmentation):
    """Keeps a run of words."""

    name = "span_crop"
    title = "Keep a passage"
    summary = "Keep one run of neighbouring words and leave out the rest."
    reference = "Giorgi et al. 2020 (DeCLUTR), arXiv 2006.03659"
    domains = "texts of several sentences on one topic"

    share: tuple[float, float] = option(
        (0.5, 0.9),
        label="Share of the text",
        help="Shortest and longest run, as a share of the text's words.",
        low=0.05,
        high=1.0,
    )

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        return close_up(x, ~is_word(x) | random_span(x, self.share, rng, least=1))


@dataclass(frozen=True)
class TokenMask(TextAugmentation):
    """Hides words behind [MASK]."""

    name = "token_mask"
    title = "Hide words"
    summary = "Put [MASK] in the place of a share of the words."
    reference = "Meng et al. 2021 (COCO-LM), arXiv 2102.08473"
    domains = "all texts; not for tasks that hide words themselves"

    rate: float = option(
        0.15, label="Share of words", help="How likely each is hidden.", low=0.0, high=0.95
    )

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        return x.masked_fill(is_word(x) & (uniform(tuple(x.shape), 0, 1, rng) < self.rate), MASK)


@dataclass(frozen=True)
class TokenSwap(TextAugmentation):
    """Swaps pairs of words."""

    name = "token_swap"
    title = "Swap words"
    summary = "Let pairs of words change places, near or far."
    reference = "Wei & Zou 2019, arXiv 1901.11196"
    domains = "texts whose word order matters little"
    invariance_rank = 20

    rate: float = option(
        0.1, label="Swaps", help="Swaps a text, as a share of its words.", low=0.0, high=0.5
    )

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        count = is_word(x).sum(dim=1)
        swaps = (self.rate * count + uniform(len(x), 0, 1, rng)).floor().minimum(count // 2)
        order = uniform(tuple(x.shape), 0, 1, rng).masked_fill(~is_word(x), 2.0).argsort(dim=1)
        rank = torch.arange(x.shape[1], device=x.device)
        # Neighbours in a random order are pairs. The first ``swaps`` pairs change places.
        partner = torch.where(rank < 2 * swaps[:, None], rank ^ 1, rank)
        partner = partner.clamp(max=x.shape[1] - 1)
        return x.scatter(1, order, x.gather(1, order.gather(1, partner)))


@dataclass(frozen=True)
class TokenShuffle(TextAugmentation):
    """Moves words by a few places."""

    name = "token_shuffle"
    title = "Shuffle neighbours"
    summary = "Mix the order of words, so that none moves by more than a few places."
    reference = "Lample et al. 2017, arXiv 1711.00043, section 2.3"
    domains = "texts whose word order matters little"
    invariance_rank = 30

    window: int = option(3, label="Places", help="Most places a word moves.", low=1, high=64)

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        words = is_word(x)
        places = torch.arange(x.shape[1], device=x.device)
        # Ranks of words among words, so that what may not move keeps its place.
        rank = words.long().cumsum(dim=1) - 1
        moved = rank + uniform(tuple(x.shape), 0, self.window + 1, rng)
        order = moved.masked_fill(~words, torch.inf).argsort(dim=1, stable=True)
        places_of_words = places.expand_as(x).masked_fill(~words, x.shape[1])
        slots = places_of_words.sort(dim=1, stable=True).indices
        return x.scatter(1, slots, x.gather(1, order))


@dataclass(frozen=True)
class TokenRepeat(TextAugmentation):
    """Repeats words."""

    name = "token_repeat"
    title = "Repeat words"
    summary = "Say a share of the words twice, so that length alone does not tell."
    reference = "Wu et al. 2021 (ESimCSE), arXiv 2109.04380"
    domains = "all texts"

    rate: float = option(
        0.15, label="Share of words", help="How likely each is repeated.", low=0.0, high=1.0
    )

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        """Words beyond the width of the batch fall off at the end."""
        twice = is_word(x) & (uniform(tuple(x.shape), 0, 1, rng) < self.rate)
        copies = (x != PAD).long() + twice.long()
        ends = copies.cumsum(dim=1)
        places = torch.arange(x.shape[1], device=x.device).expand_as(x).contiguous()
        source = torch.searchsorted(ends, places, right=True)
        repeated = x.gather(1, source.clamp(max=x.shape[1] - 1))
        return repeated.masked_fill(places >= ends[:, -1:], PAD)
