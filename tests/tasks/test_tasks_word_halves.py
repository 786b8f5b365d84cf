"""Word halves: how words are dealt, that views share none, and texts that cannot be dealt."""

from __future__ import annotations

import pytest
import torch

from workbench.data.dataset import PAD
from workbench.tasks.base import IllustrationData
from workbench.tasks.word_halves import WordHalves, deal


def plain(tokens: torch.Tensor) -> list[list[int]]:
    return [[token for token in row if token != PAD] for row in tokens.tolist()]


def texts(rng: torch.Generator) -> torch.Tensor:
    """int64 (200, 15): texts of 2 to 15 tokens, many of them more than once."""
    tokens = torch.randint(5, 15, (200, 15), generator=rng)
    return tokens.masked_fill(torch.arange(15) >= torch.arange(200)[:, None] % 14 + 2, PAD)


def places(tokens: torch.Tensor) -> torch.Tensor:
    return torch.arange(tokens.shape[1]).expand_as(tokens)


def is_part(part: list[int], whole: list[int]) -> bool:
    """Whether ``part`` stands in ``whole`` in this order."""
    rest = iter(whole)
    return all(token in rest for token in part)


@pytest.mark.parametrize("by_words", [True, False])
def test_the_views_together_are_the_text_and_keep_its_order(by_words, rng):
    tokens = texts(rng)
    first, second = (plain(part) for part in deal(tokens, places(tokens), rng, by_words=by_words))
    for text, left, right in zip(plain(tokens), first, second, strict=True):
        if len(set(text)) == 1 and by_words:
            assert left == right == text
            continue
        assert sorted(left + right) == sorted(text)
        assert left
        assert right
        assert is_part(left, text)
        assert is_part(right, text)


def test_by_words_the_views_share_none(rng):
    tokens = texts(rng)
    first, second = (plain(part) for part in deal(tokens, places(tokens), rng, by_words=True))
    for left, right in zip(first, second, strict=True):
        assert left == right or not set(left) & set(right)


def test_by_places_the_halves_are_halves_and_every_place_is_as_likely(rng):
    tokens = torch.arange(5, 15).repeat(4000, 1)
    first, second = deal(tokens, places(tokens), rng, by_words=False)
    assert first.shape == second.shape == (4000, 5)
    counts = torch.bincount(first.ravel(), minlength=15)[5:] / 4000
    assert counts.tolist() == pytest.approx([0.5] * 10, abs=0.04)


@pytest.mark.parametrize("by_words", [True, False])
def test_the_pieces_of_a_word_stay_together(by_words, rng):
    tokens = torch.tensor([[7, 8, 9, 10, 11, 12]]).repeat(50, 1)
    units = torch.tensor([[0, 0, 0, 1, 2, 2]]).repeat(50, 1)
    first, second = deal(tokens, units, rng, by_words=by_words)
    for part in (*plain(first), *plain(second)):
        assert (7 in part) == (8 in part) == (9 in part)
        assert (11 in part) == (12 in part)


def test_a_text_of_one_word_is_both_views(rng):
    tokens = torch.tensor([[7, PAD], [8, 8], [PAD, PAD]])
    first, second = deal(tokens, places(tokens), rng, by_words=True)
    assert plain(first) == plain(second) == [[7], [8, 8], []]


def test_the_illustration_shows_both_parts(case_of):
    case = case_of(WordHalves(), "text", "text")
    views = case.views(case.build())
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    for row, left, right in zip(shown.rows, *map(plain, views.inputs), strict=True):
        _, first, second = row
        assert [token for token, _ in first.tokens] == [str(i) for i in left]
        assert [token for token, _ in second.tokens] == [str(i) for i in right]


def test_it_learns_which_words_go_together(case_of):
    """Each text has words of its own: one half of them tells the other."""
    case = case_of(WordHalves(temperature=0.2), "text", "text")
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
