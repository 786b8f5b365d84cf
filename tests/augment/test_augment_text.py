"""Texts: what may change, what may not, and how much does."""

from __future__ import annotations

import pytest
import torch

from workbench import registry
from workbench.augment.text import (
    SpanCrop,
    SpanDeletion,
    TokenDeletion,
    TokenMask,
    TokenRepeat,
    TokenShuffle,
    TokenSwap,
)
from workbench.data.dataset import CLS, MASK, PAD, SEP, UNK

# test_augment_text_words.py has those of the other files.
ALL = [
    cls for cls in registry.augmentations().values() if cls.__module__ == "workbench.augment.text"
]
FIRST = 5


def words_of(row: torch.Tensor) -> list[int]:
    return [token for token in row.tolist() if token not in (PAD, CLS, SEP)]


def texts(count: int, length: int) -> torch.Tensor:
    return torch.arange(FIRST, FIRST + length).repeat(count, 1)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("cls", ALL, ids=lambda cls: cls.name)
def test_padding_stays_at_the_end_and_special_tokens_in_their_order(cls, seed, tokens):
    before = tokens.clone()
    view = cls().apply(tokens, torch.Generator().manual_seed(seed))
    assert torch.equal(tokens, before)
    assert view.dtype == torch.int64
    assert len(view) == len(tokens)
    assert view.shape[1] <= tokens.shape[1]
    for old, new in zip(tokens, view, strict=True):
        real = (new != PAD).long()
        assert (real.diff() <= 0).all()
        assert new[0] == CLS
        if cls is not TokenRepeat:
            assert new[real.sum() - 1] == SEP
            assert real.sum() <= (old != PAD).sum()
        assert (new == SEP).sum() <= 1
        assert set(words_of(new)) <= {*words_of(old), MASK}
        assert bool(words_of(new)) == bool(words_of(old))


@pytest.mark.parametrize("cls", ALL, ids=lambda cls: cls.name)
@pytest.mark.parametrize(
    "x",
    [torch.full((2, 3), PAD), torch.tensor([[7]]), torch.tensor([[7, PAD], [UNK, 9]])],
    ids=["empty", "one word", "two words"],
)
def test_the_shortest_texts_keep_a_word(cls, x, rng):
    for _ in range(20):
        view = cls().apply(x, rng)
        assert torch.equal((view != PAD).any(dim=1), (x != PAD).any(dim=1))


def test_deletion_keeps_the_order_and_leaves_out_the_share(rng):
    view = TokenDeletion(rate=0.3).apply(texts(500, 20), rng)
    kept = (view != PAD).sum(dim=1)
    assert (14 - kept.float().mean()).abs() < 0.4
    assert kept.float().std() > 1
    assert all(words_of(row) == sorted(words_of(row)) for row in view)


def test_a_deleted_span_is_one_run_of_the_share(rng):
    view = SpanDeletion(share=(0.2, 0.4)).apply(texts(200, 20), rng)
    starts = set()
    for row in view:
        left = set(range(FIRST, FIRST + 20)) - set(words_of(row))
        assert 4 <= len(left) <= 8
        assert max(left) - min(left) == len(left) - 1
        starts.add(min(left))
    assert {FIRST, FIRST + 12} <= starts


def test_a_crop_is_one_run_of_the_share(rng):
    view = SpanCrop(share=(0.5, 0.75)).apply(texts(200, 20), rng)
    for row in view:
        kept = words_of(row)
        assert 10 <= len(kept) <= 15
        assert kept == list(range(kept[0], kept[0] + len(kept)))
    assert torch.equal(SpanCrop(share=(1.0, 1.0)).apply(texts(3, 20), rng), texts(3, 20))


def test_masks_take_the_place_of_the_share(rng):
    x = texts(500, 20)
    view = TokenMask(rate=0.15).apply(x, rng)
    assert torch.equal(view[view != MASK], x[view != MASK])
    assert (view == MASK).float().mean() == pytest.approx(0.15, abs=0.02)


@pytest.mark.parametrize("length", [20, 21])
def test_swaps_are_pairs_that_change_places(length, rng):
    x = texts(300, length)
    view = TokenSwap(rate=0.2).apply(x, rng)
    moved = view != x
    assert torch.equal(view.sort(dim=1).values, x)
    assert moved.sum(dim=1).float().mean() == pytest.approx(2 * 0.2 * length, abs=0.3)
    # Twice the swap is the text again: where a word stands now, its partner stood.
    assert torch.equal(view.gather(1, view - FIRST), x)
    assert (TokenSwap(rate=0.5).apply(x, rng) != x).sum(dim=1).tolist() == [length // 2 * 2] * 300


def test_shuffled_words_move_by_no_more_than_the_window(rng):
    x = texts(300, 20)
    view = TokenShuffle(window=3).apply(x, rng)
    assert torch.equal(view.sort(dim=1).values, x)
    assert (view - x).abs().max() == 3


def test_repeated_words_stand_beside_themselves(rng):
    x = torch.cat([texts(300, 20), torch.full((300, 20), PAD)], dim=1)
    view = TokenRepeat(rate=0.3).apply(x, rng)
    for row in view:
        words = words_of(row)
        assert sorted(set(words)) == list(dict.fromkeys(words))
        assert set(words) == set(range(FIRST, FIRST + 20))
        assert max(words.count(word) for word in set(words)) <= 2
    assert (view != PAD).sum(dim=1).float().mean() == pytest.approx(26, abs=0.5)


def test_repeats_beyond_the_width_fall_off_at_the_end(rng):
    view = TokenRepeat(rate=1.0).apply(texts(2, 6), rng)
    assert view.tolist() == [[5, 5, 6, 6, 7, 7]] * 2


def test_very_short_texts_are_warned_of(text_info):
    import dataclasses

    short = dataclasses.replace(text_info, length=2)
    assert "2 words" in (TokenDeletion().warning(short) or "")
    assert TokenDeletion().warning(text_info) is None
