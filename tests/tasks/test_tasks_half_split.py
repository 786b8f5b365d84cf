"""Half split: where texts are cut, that halves share nothing, and the loss between them."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch

from workbench.augment.policy import Policy
from workbench.augment.presets import steps
from workbench.data.dataset import PAD
from workbench.errors import RequestError
from workbench.tasks.base import Batch, IllustrationData
from workbench.tasks.half_split import HalfSplit, split


def plain(tokens: torch.Tensor) -> list[list[int]]:
    return [[token for token in row if token != PAD] for row in tokens.tolist()]


def test_the_halves_are_the_text(rng):
    tokens = torch.randint(5, 90, (200, 15), generator=rng)
    tokens = tokens.masked_fill(torch.arange(15) >= torch.arange(200)[:, None] % 14 + 2, PAD)
    first, second = (plain(half) for half in split(tokens, 0.45, rng))
    for text, left, right in zip(plain(tokens), first, second, strict=True):
        assert left + right == text
        assert left
        assert right


@pytest.mark.parametrize(("spread", "low", "high"), [(0.0, 20, 20), (0.2, 12, 28), (0.45, 2, 38)])
def test_the_cut_lies_evenly_about_the_middle(spread, low, high, rng):
    first, _ = split(torch.full((4000, 40), 7), spread, rng)
    cut = (first != PAD).sum(dim=1).float()
    assert (cut.min(), cut.max()) == (low, high)
    assert cut.mean().item() == pytest.approx(20, abs=0.6)
    assert cut.std().item() == pytest.approx((high - low) / math.sqrt(12), rel=0.1, abs=0.01)


def test_halves_need_less_room_than_wholes(rng):
    first, second = split(torch.full((8, 40), 7), 0.0, rng)
    assert first.shape == second.shape == (8, 20)


def test_a_text_of_one_token_is_both_halves(rng):
    tokens = torch.tensor([[7, PAD], [8, 9], [PAD, PAD]])
    first, second = split(tokens, 0.2, rng)
    assert plain(first) == [[7], [8], []]
    assert plain(second) == [[7], [9], []]


def test_the_loss_is_nt_xent_between_halves(case_of):
    case = case_of(HalfSplit(temperature=0.3), "text", "text")
    module = case.build()
    views = case.views(module)
    out = case.loss(module, views)
    z = [[x / math.hypot(*row) for x in row] for row in out.z.tolist()]
    count = case.batch.size
    losses = []
    for i, one in enumerate(z):
        partner = (i + count) % (2 * count)
        scores = {
            k: sum(a * b for a, b in zip(one, other, strict=True)) / 0.3
            for k, other in enumerate(z)
            if k != i
        }
        losses.append(math.log(sum(map(math.exp, scores.values()))) - scores[partner])
    assert out.loss.item() == pytest.approx(sum(losses) / len(losses), rel=1e-4)
    assert case.task.chance(case.info, count) == pytest.approx(math.log(2 * count - 1))


def test_each_half_is_augmented_by_itself(case_of):
    case = case_of(HalfSplit(spread=0.0), "text", "text")
    module = case.build()
    plain_views = case.views(module)
    policy = Policy(steps("text_deletion", case.info), case.info)
    views = case.task.views(module, case.batch, policy, torch.Generator().manual_seed(0))
    shorter = 0
    for before, after in zip(plain_views.inputs, views.inputs, strict=True):
        for whole, left in zip(plain(before), plain(after), strict=True):
            assert left
            rest = iter(whole)
            assert all(token in rest for token in left)
            shorter += len(left) < len(whole)
    assert shorter > 8


def test_texts_too_short_to_halve_are_refused(case_of):
    info = dataclasses.replace(case_of(HalfSplit(), "text", "text").info, length=7)
    with pytest.raises(RequestError, match="at least 8 tokens"):
        HalfSplit().check(info)


def test_one_text_has_no_stranger(case_of):
    case = case_of(HalfSplit(), "text", "text")
    one = Batch(case.batch.index[:1], tokens=case.batch.tokens[:1])
    module = case.build()
    with pytest.raises(RequestError, match="batch of 1 is too small"):
        case.loss(module, case.views(module, batch=one))


def test_the_illustration_shows_the_halves(case_of):
    case = case_of(HalfSplit(), "text", "text")
    views = case.views(case.build())
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    for row, left, right in zip(shown.rows, *map(plain, views.inputs), strict=True):
        original, first, second = row
        assert [token for token, _ in first.tokens] == [str(i) for i in left]
        assert [token for token, _ in second.tokens] == [str(i) for i in right]
        assert original.tokens == first.tokens + second.tokens


def test_it_learns_which_words_go_together(case_of):
    """Each text's second half has other words than its first, but always the same ones."""
    # At temperature 1 the loss stays near chance, whatever is learned.
    case = case_of(HalfSplit(spread=0.0, temperature=0.5), "text", "text")
    case.batch.tokens = torch.arange(5, 29).view(12, 2).repeat_interleave(4, dim=1)
    module = case.build()
    optimizer = torch.optim.AdamW(module.parameters(), lr=2e-3)
    for step in range(40):
        out = case.loss(module, case.views(module, seed=step))
        optimizer.zero_grad()
        out.loss.backward()
        optimizer.step()
    assert out.loss < 0.5 * case.task.chance(case.info, 12)
    assert out.logs["half_found"] > 0.9
