"""Cutting texts at sentences, and putting two segments together, against plain lists."""

from __future__ import annotations

import math

import pytest
import torch

from workbench.data.dataset import PAD, SEP
from workbench.tasks.base import Batch, Output, Views
from workbench.tasks.parts.corruption import IGNORE
from workbench.tasks.parts.segments import (
    cut_at_sentence,
    join,
    judge_pairs,
    lengths,
    parts,
    same_width,
    span,
)


def padded(rows: list[list[int]], width: int) -> torch.Tensor:
    return torch.tensor([row + [PAD] * (width - len(row)) for row in rows])


def plain(tokens: torch.Tensor) -> list[list[int]]:
    """The texts as lists, which must have their padding at the end alone."""
    rows = [[token for token in row if token != PAD] for row in tokens.tolist()]
    assert torch.equal(padded(rows, tokens.shape[1]), tokens)
    return rows


def texts(rng: torch.Generator, count: int = 40, width: int = 12) -> list[list[int]]:
    sizes = torch.randint(0, width + 1, (count,), generator=rng).tolist()
    return [torch.randint(5, 90, (size,), generator=rng).tolist() for size in sizes]


class SaysAtSeparators(torch.nn.Module):
    """An encoder whose tokens are 9, but for the first separator's."""

    def __init__(self, answers: torch.Tensor):
        super().__init__()
        self.answers = answers

    def tokens(self, ids: torch.Tensor) -> torch.Tensor:
        out = torch.full((*ids.shape, 2), 9.0)
        places = [row.index(SEP) for row in ids.tolist()]
        return out.index_put((torch.arange(len(ids)), torch.tensor(places)), self.answers)


def judged(answers: torch.Tensor, target: torch.Tensor) -> Output:
    module = torch.nn.Module()
    module.encoder, module.head = SaysAtSeparators(answers), torch.nn.Identity()
    joined = padded([[7] * (row + 1) + [SEP, 8, SEP] for row in range(len(target))], 12)
    return judge_pairs(module, Views((joined,), (target,)))


def test_every_sentence_but_the_first_is_as_likely_a_cut(rng):
    tokens = padded([list(range(5, 15))], 12).repeat(3000, 1)
    sentences = torch.tensor([[0, 2, 3, 7, 11, -1]]).repeat(3000, 1)
    cut, possible = cut_at_sentence(
        Batch(torch.arange(3000), tokens=tokens, sentences=sentences), rng
    )
    assert possible.all()
    # 11 lies behind the end of a text of ten tokens.
    shares = [(cut == place).float().mean().item() for place in (2, 3, 7)]
    assert shares == pytest.approx([1 / 3] * 3, abs=0.03)
    assert sum(shares) == pytest.approx(1)


def test_a_text_of_one_sentence_is_cut_after_its_end(rng):
    tokens = padded([[7, 8, 9], [7, 8, 9], []], 4)
    sentences = torch.tensor([[0, -1], [0, 2], [-1, -1]])
    cut, possible = cut_at_sentence(Batch(torch.arange(3), tokens=tokens, sentences=sentences), rng)
    assert cut.tolist() == [3, 2, 0]
    assert possible.tolist() == [False, True, False]


def test_texts_without_sentences_are_a_mistake(rng):
    with pytest.raises(ValueError, match="beginnings of their sentences"):
        cut_at_sentence(Batch(torch.arange(1), tokens=torch.tensor([[7, 8]])), rng)


def test_parts_put_together_are_the_text(rng):
    rows = texts(rng)
    tokens = padded(rows, 12)
    cut = (torch.rand(len(rows), generator=rng) * (lengths(tokens) + 1)).long()
    first, second = (plain(part) for part in parts(tokens, cut))
    for row, at, left, right in zip(rows, cut.tolist(), first, second, strict=True):
        assert left == row[:at]
        assert right == row[at:]


def test_a_span_is_a_slice(rng):
    rows = texts(rng)
    start = torch.randint(0, 6, (len(rows),), generator=rng)
    stop = start + torch.randint(0, 6, (len(rows),), generator=rng)
    found = plain(span(padded(rows, 12), start, stop))
    expected = [row[a:b] for row, a, b in zip(rows, start.tolist(), stop.tolist(), strict=True)]
    assert found == expected


@pytest.mark.parametrize("length", [40, 12, 7])
def test_segments_are_joined_and_cut_where_they_do_not_touch(length, rng):
    first, second = texts(rng), texts(rng)
    joined = plain(join(padded(first, 12), padded(second, 14), length))
    cut = 0
    for left, right, whole in zip(first, second, joined, strict=True):
        at = whole.index(SEP)
        before, after = whole[:at], whole[at + 1 :]
        assert before == left[len(left) - len(before) :]
        assert after == right[: len(after)]
        room = length - 1
        if len(left) + len(right) <= room:
            assert (before, after) == (left, right)
        else:
            # Nothing is wasted, and the longer one gives way first.
            assert len(whole) == length
            assert len(before) == len(left) or len(before) >= room // 2
            assert len(after) == len(right) or len(after) >= room // 2
            cut += 1
    assert (cut > 5) == (length < 40)


def test_views_of_unlike_width_are_padded():
    one, two = same_width(torch.tensor([[7]]), torch.tensor([[8, 9]]))
    assert one.tolist() == [[7, PAD]]
    assert two.tolist() == [[8, 9]]


def test_the_loss_of_pairs_counts_what_is_asked(rng):
    logits = torch.randn(6, 2, generator=rng, requires_grad=True)
    target = torch.tensor([0, 1, IGNORE, 1, IGNORE, 0])
    out = judged(logits, target)
    terms = [
        math.log(sum(math.exp(value) for value in row)) - row[wanted]
        for row, wanted in zip(logits.tolist(), target.tolist(), strict=True)
        if wanted != IGNORE
    ]
    assert out.loss.item() == pytest.approx(sum(terms) / 4, rel=1e-5)
    out.loss.backward()
    for row, gradient, wanted in zip(logits, logits.grad, target.tolist(), strict=True):
        expected = torch.zeros(2)
        if wanted != IGNORE:
            expected = row.detach().exp() / row.detach().exp().sum()
            expected[wanted] -= 1
        assert torch.allclose(gradient, expected / 4, atol=1e-6)
    right = [
        row[wanted] > row[1 - wanted]
        for row, wanted in zip(logits.tolist(), target.tolist(), strict=True)
        if wanted != IGNORE
    ]
    assert out.logs["accuracy"].item() == pytest.approx(sum(right) / 4)


def test_equal_answers_are_chance_and_no_question_is_0():
    logits = torch.zeros(3, 2, requires_grad=True)
    asked = judged(logits, torch.tensor([0, 1, IGNORE]))
    assert asked.loss.item() == pytest.approx(math.log(2))
    nothing = judged(logits, torch.full((3,), IGNORE))
    nothing.loss.backward()
    assert nothing.loss.item() == 0
    assert not logits.grad.any()
