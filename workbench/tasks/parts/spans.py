"""Runs of tokens hidden from a text: where they lie, and the text that is left.

Spans are drawn for all texts of a batch at once. Within a text they never touch, so that each of
them is seen as one gap; where they lie is uniform over all such arrangements.
"""

from __future__ import annotations

from dataclasses import dataclass

from workbench.data.dataset import MASK, PAD, SEP
from workbench.lazy import F, torch


@dataclass(frozen=True)
class Spans:
    """hidden: bool (B, L), tokens in spans. begins: bool (B, L + 1), a span begins before that
    token; a span of no tokens begins there and hides nothing."""

    hidden: torch.Tensor
    begins: torch.Tensor


def budget(count: torch.Tensor, rate: float, rng: torch.Generator) -> torch.Tensor:
    """int64 (B,): how many of ``count`` tokens are hidden: ``rate``, rounded up or down at random.

    At least one is hidden and one seen; texts of fewer than two tokens keep all.
    """
    draw = torch.rand(count.shape, generator=rng, device=count.device)
    number = (rate * count + draw).floor().long()
    return number.clamp_min(1).minimum((count - 1).clamp_min(0))


def even_lengths(
    total: torch.Tensor, mean: float, room: torch.Tensor, width: int, rng: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """int64 (B, width) lengths and int64 (B,) number of spans: ``total`` tokens cut at random.

    The number is total / mean, rounded at random, at least 1 and at most ``room``; every span has
    at least one token (Raffel et al., arXiv 1910.10683, section 3.1.4, and their code).
    """
    draw = torch.rand(total.shape, generator=rng, device=total.device)
    number = (total / mean + draw).floor().long().clamp_min(1).minimum(total).minimum(room)
    places = torch.arange(width, device=total.device)
    # Of the total - 1 places between hidden tokens, number - 1 are cuts.
    cuts = _first_ranks(places < total[:, None] - 1, number - 1, rng)
    span = F.pad(cuts[:, :-1], (1, 0)).long().cumsum(dim=1)
    inside = (places < total[:, None]).long()
    return torch.zeros_like(span).scatter_add_(1, span, inside), number


def poisson_lengths(
    total: torch.Tensor, mean: float, room: torch.Tensor, width: int, rng: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """As ``even_lengths``, with lengths from a Poisson distribution until ``total`` is reached.

    Length 0 is possible; the last span is cut to fit (Lewis et al., arXiv 1910.13461, section 2.2).
    """
    means = torch.full((len(total), width), mean, device=total.device)
    drawn = torch.poisson(means, generator=rng).long()
    before = drawn.cumsum(dim=1) - drawn
    lengths = drawn.minimum((total[:, None] - before).clamp_min(0))
    needed = before < total[:, None]
    # Shuffled, so that the one that was cut does not always come last.
    scores = torch.rand(lengths.shape, generator=rng, device=total.device)
    order = scores.masked_fill(~needed, 2.0).argsort(dim=1)
    return lengths.gather(1, order), needed.sum(dim=1).minimum(room)


def lay(
    lengths: torch.Tensor, number: torch.Tensor, count: torch.Tensor, rng: torch.Generator
) -> Spans:
    """Spans of these ``lengths``, int64 (B, L), the first ``number`` of each row, in texts of
    ``count`` tokens. They lie in gaps between tokens that stay seen, at most one a gap."""
    width = lengths.shape[1]
    places = torch.arange(width + 1, device=lengths.device)
    used = places[:-1] < number[:, None]
    lengths = lengths * used
    seen = count - lengths.sum(dim=1)
    gaps = _first_ranks(places <= seen[:, None], number, rng)
    # Chosen gaps in order, then the others: the k-th span lies in the k-th chosen gap.
    gap = gaps.long().argsort(dim=1, descending=True, stable=True)[:, :-1]
    start = (gap + lengths.cumsum(dim=1) - lengths).clamp(max=width)
    stop = (start + lengths).clamp(max=width)
    edges = torch.zeros_like(gaps, dtype=torch.long)
    edges.scatter_add_(1, start, used.long()).scatter_add_(1, stop, -used.long())
    begins = torch.zeros_like(edges).scatter_add_(1, start, used.long()) > 0
    return Spans(edges.cumsum(dim=1)[:, :-1] > 0, begins)


def without(tokens: torch.Tensor, spans: Spans) -> torch.Tensor:
    """int64 (B, W): the text with one MASK in the place of every span."""
    return _woven(tokens, spans.begins, (tokens != PAD) & ~spans.hidden)


def answers(tokens: torch.Tensor, spans: Spans) -> tuple[torch.Tensor, torch.Tensor]:
    """MASK, the first span, MASK, the second, ... SEP, int64 (B, W); empty without spans.

    And int64 (B, W): for each of these tokens where its span's MASK stands in ``without``, 0 for
    SEP.
    """
    kept = ((tokens != PAD) & ~spans.hidden).long()
    before = (kept + spans.begins[:, :-1].long()).cumsum(dim=1)
    mark = F.pad(before, (1, 0)).masked_fill(~spans.begins, 0).cummax(dim=1).values
    chosen = torch.stack([spans.begins[:, :-1], spans.hidden], dim=2).flatten(1)
    where = pack(mark[:, :-1].repeat_interleave(2, dim=1), chosen)
    return end(_woven(tokens, spans.begins, spans.hidden)), F.pad(where, (0, 1))


def infill(tokens: torch.Tensor, share: float, mean: float, rng: torch.Generator) -> torch.Tensor:
    """int64 (B, W): ``share`` of the tokens of int64 (B, L) behind marks, one a Poisson span."""
    count = (tokens != PAD).sum(dim=1)
    total = budget(count, share, rng)
    room = count - total + 1
    lengths, number = poisson_lengths(total, mean, room, tokens.shape[1], rng)
    return without(tokens, lay(lengths, number, count, rng))


def permute(tokens: torch.Tensor, sentences: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    """int64 (B, L): the sentences of each text in random order.

    sentences: int64 (B, S), where they begin, padded with -1 (see Batch).
    """
    begins = torch.zeros_like(tokens)
    begins.scatter_add_(1, sentences.clamp_min(0), (sentences > 0).long())
    sentence = begins.cumsum(dim=1)
    key = torch.rand(tokens.shape, generator=rng, device=tokens.device).gather(1, sentence)
    order = key.masked_fill(tokens == PAD, 2.0).argsort(dim=1, stable=True)
    return tokens.gather(1, order)


def pack(values: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    """int64 (B, W): ``values``, int64 (B, L), where ``kept``, in their order, PAD after them.

    W is the longest row that results, at least 1.
    """
    width = max(1, int(kept.sum(dim=1).max()))
    place = (kept.long().cumsum(dim=1) - 1).masked_fill(~kept, width)
    out = torch.full((len(values), width + 1), PAD, device=values.device)
    return out.scatter_(1, place, values)[:, :-1]


def end(texts: torch.Tensor) -> torch.Tensor:
    """int64 (B, W + 1): SEP after the last token of each text; none after an empty one."""
    length = (texts != PAD).sum(dim=1, keepdim=True)
    longer = F.pad(texts, (0, 1), value=PAD)
    return longer.scatter(1, length, torch.where(length > 0, SEP, PAD))


def _woven(tokens: torch.Tensor, marks: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    """The kept tokens, with MASK before each place where ``marks``, bool (B, L + 1), holds."""
    values = torch.stack([torch.full_like(tokens, MASK), tokens], dim=2).flatten(1)
    chosen = torch.stack([marks[:, :-1], kept], dim=2).flatten(1)
    last = torch.full_like(tokens[:, :1], MASK)
    return pack(torch.cat([values, last], dim=1), torch.cat([chosen, marks[:, -1:]], dim=1))


def _first_ranks(
    candidates: torch.Tensor, number: torch.Tensor, rng: torch.Generator
) -> torch.Tensor:
    """bool (B, L): ``number`` of the candidates of each row, drawn at random."""
    scores = torch.rand(candidates.shape, generator=rng, device=candidates.device)
    rank = scores.masked_fill(~candidates, 2.0).argsort(dim=1).argsort(dim=1)
    return (rank < number[:, None]) & candidates
