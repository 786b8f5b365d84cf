"""For tasks on parts of a text: cut a text, join two segments, judge them.

All functions are on padded batches: int64 (B, L), PAD at the end, and without loops over texts.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from workbench.data.dataset import PAD, SEP
from workbench.lazy import F, nn, torch
from workbench.tasks.parts.corruption import IGNORE
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.render import original_panel, token_panel
from workbench.tasks.records import (
    Augmenter,
    Batch,
    Illustration,
    IllustrationData,
    Output,
    Panel,
    Role,
    Views,
)


def lengths(tokens: torch.Tensor) -> torch.Tensor:
    """int64 (B,): real tokens of each text, int64 (B, L)."""
    return (tokens != PAD).sum(dim=1)


def cut_at_sentence(batch: Batch, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """int64 (B,) and bool (B,): a place to cut each text, and whether there is one.

    The place is the beginning of a sentence, but not of the first: each is as likely. A text of one
    sentence has none and is cut after its end. Raises ValueError for a batch without sentences.
    """
    tokens, sentences = batch.clean(), batch.sentences
    if sentences is None:
        raise ValueError("a batch of texts holds the beginnings of their sentences")
    end = lengths(tokens)
    inside = (sentences > 0) & (sentences < end[:, None])
    draw = torch.rand(sentences.shape, generator=rng, device=tokens.device)
    picked = draw.masked_fill(~inside, -1.0).argmax(dim=1, keepdim=True)
    possible = inside.any(dim=1)
    return torch.where(possible, sentences.gather(1, picked)[:, 0], end), possible


def parts(tokens: torch.Tensor, cut: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Two int64 (B, L): what of each text lies before its cut, int64 (B,), and what from it on.

    Both begin at the left, with PAD after them.
    """
    start = torch.zeros_like(cut)
    return span(tokens, start, cut), span(tokens, cut, lengths(tokens))


def span(tokens: torch.Tensor, start: torch.Tensor, stop: torch.Tensor) -> torch.Tensor:
    """int64 (B, L): of each text the tokens from ``start`` up to ``stop``, int64 (B,), then PAD."""
    index = start[:, None] + torch.arange(tokens.shape[1], device=tokens.device)
    taken = tokens.gather(1, index.clamp(max=tokens.shape[1] - 1))
    return taken.masked_fill(index >= stop[:, None], PAD)


def augmented(
    batch: Batch, tokens: torch.Tensor, augment: Augmenter, rng: torch.Generator
) -> torch.Tensor:
    """The run's augmentations of ``tokens``, which stand in the place of the batch's."""
    return augment(dataclasses.replace(batch, tokens=tokens), rng)


def same_width(*views: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """The views, int64 (B, any), padded to the width of the widest."""
    width = max(view.shape[1] for view in views)
    return tuple(F.pad(view, (0, width - view.shape[1]), value=PAD) for view in views)


def join(first: torch.Tensor, second: torch.Tensor, length: int) -> torch.Tensor:
    """int64 (B, W), W at most ``length``: first, SEP, second, and PAD at the end.

    What is too long for ``length`` is cut: the longer segment first, and each where it does not
    touch the other.
    """
    ends, room = (lengths(first), lengths(second)), length - 1
    before = ends[0].minimum((room - ends[1]).clamp_min(room // 2))
    after = ends[1].minimum(room - before)
    left = span(first, ends[0] - before, ends[0])
    left, right = same_width(left, second)
    places = torch.arange(int((before + 1 + after).max()), device=first.device)
    past = places - before[:, None]
    fill = torch.full_like(past, PAD)
    joined = torch.where(past == 0, SEP, fill)
    widest = left.shape[1] - 1
    seen = left.gather(1, places.clamp(max=widest).expand_as(past))
    joined = torch.where(past < 0, seen, joined)
    follows = right.gather(1, (past - 1).clamp(0, widest))
    return torch.where((past > 0) & (past <= after[:, None]), follows, joined)


def pair_head(width: int, hidden: int) -> nn.Module:
    """From the token between two segments, float (B, width), to two answers."""
    return nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, 2))


def judge_pairs(module: Any, views: Views) -> Output:
    """Cross-entropy of ``module.head`` at the separator; targets 0, 1, or IGNORE.

    A batch in which all targets are IGNORE gives 0.
    """
    (joined,), (target,) = views.inputs, views.targets
    between = (joined == SEP).long().argmax(dim=1)
    texts = torch.arange(len(joined), device=joined.device)
    logits = module.head(module.encoder.tokens(joined)[texts, between])
    count = (target != IGNORE).sum().clamp_min(1)
    with full_precision(logits):
        loss = F.cross_entropy(logits.float(), target, ignore_index=IGNORE, reduction="sum") / count
    right = (logits.detach().argmax(dim=1) == target).sum() / count
    return Output(loss, {"accuracy": right})


def illustrate_pairs(
    views: Views, batch: Batch, data: IllustrationData, question: str, answers: tuple[str, str]
) -> Illustration:
    """Original, joined segments (the second one marked), and the right one of two answers."""
    (joined,), (target,) = views.inputs, views.targets
    rows = []
    for row in range(batch.size):
        sep = joined[row].tolist().index(SEP)
        marks = ["" if place <= sep else "second" for place in range(joined.shape[1])]
        right = int(target[row])
        said = "one segment: nothing is asked" if right == IGNORE else answers[right]
        choices = tuple((name, "answer" if i == right else "") for i, name in enumerate(answers))
        rows.append(
            (
                original_panel(batch, row, data),
                token_panel(joined[row], marks, data, "two segments", "sees"),
                Panel(said, "answers", tokens=choices),
            )
        )
    return Illustration(question, tuple(rows))


def illustrate_views(
    views: Views,
    batch: Batch,
    data: IllustrationData,
    question: str,
    captions: tuple[str, str],
    *,
    second: Role = "sees",
) -> Illustration:
    """Original and both views of each text; ``second`` says what the second is to the model."""
    one, two = views.inputs
    unmarked = [""] * one.shape[1]
    return Illustration(
        question,
        tuple(
            (
                original_panel(batch, row, data),
                token_panel(one[row], unmarked, data, captions[0], "sees"),
                token_panel(two[row], unmarked, data, captions[1], second),
            )
            for row in range(batch.size)
        ),
    )
