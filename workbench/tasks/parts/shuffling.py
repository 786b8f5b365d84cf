"""Texts with shuffled words: spans of neighbours, each shuffled in itself."""

from __future__ import annotations

from workbench.lazy import torch


def shuffle(
    count: torch.Tensor, width: int, span: int, share: float, rng: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """int64 (B, width): where the token at each place comes from; bool: places in shuffled spans.

    count: int64 (B,), real tokens of each text. The text is laid out in spans of ``span`` tokens
    from a random beginning on; ``share`` of its tokens, in whole spans, are drawn (rounded up or
    down at random, but at least one span where one fits). Each is shuffled, and never into the
    order it had.
    """
    device, texts = count.device, len(count)
    places = torch.arange(width, device=device).expand(texts, width)
    # The first span begins anywhere such that no span that fits is lost.
    slack = count % span
    draw = torch.rand(texts, 3, generator=rng, device=device)
    begin = (draw[:, 0] * (slack + 1)).long()
    fitting = count // span
    number = (share * count / span + draw[:, 1]).floor().clamp_min(1).minimum(fitting)
    spans = width // span + 1
    which = torch.arange(spans, device=device).expand(texts, spans)
    score = torch.rand(texts, spans, generator=rng, device=device)
    rank = score.masked_fill(which >= fitting[:, None], 2.0).argsort(dim=1).argsort(dim=1)
    drawn = rank < number[:, None]
    inner = torch.rand(texts, spans, span, generator=rng, device=device).argsort(dim=2)
    still = (inner == torch.arange(span, device=device)).all(dim=2, keepdim=True)
    inner = torch.where(still, inner.roll(1, dims=2), inner)
    at = places - begin[:, None]
    index = at.clamp_min(0).div(span, rounding_mode="floor").clamp(max=spans - 1)
    chosen = (at >= 0) & drawn.gather(1, index)
    within = inner.flatten(1).gather(1, index * span + at.clamp_min(0) % span)
    source = begin[:, None] + index * span + within
    return torch.where(chosen, source, places), chosen
