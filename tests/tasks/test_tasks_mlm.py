"""MLM: which tokens are chosen, what becomes of them, and the loss at them alone."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch

from workbench.data.dataset import CLS, MASK, PAD, SEP, UNK
from workbench.errors import RequestError
from workbench.tasks.base import IllustrationData
from workbench.tasks.mlm import MLM
from workbench.tasks.parts.corruption import IGNORE, choose, corrupt, words


def each_its_own(tokens: torch.Tensor) -> torch.Tensor:
    return torch.arange(tokens.shape[1]).expand_as(tokens)


def test_of_the_chosen_80_are_masked_10_replaced_10_kept(rng):
    tokens = torch.randint(5, 1000, (400, 100), generator=rng)
    chosen = torch.rand(tokens.shape, generator=rng) < 0.3
    changed = corrupt(tokens, chosen, 1000, rng)
    assert torch.equal(changed[~chosen], tokens[~chosen])
    before, after = tokens[chosen], changed[chosen]
    assert (after == MASK).float().mean() == pytest.approx(0.8, abs=0.01)
    assert (after == before).float().mean() == pytest.approx(0.1, abs=0.01)
    replaced = after[(after != MASK) & (after != before)]
    assert len(replaced) / len(after) == pytest.approx(0.1, abs=0.01)
    assert replaced.min() >= 5
    assert replaced.float().mean() == pytest.approx(502, rel=0.05)


@pytest.mark.parametrize("rate", [0.15, 0.25, 1.0])
def test_the_share_is_right_for_short_texts_too(rate, rng):
    tokens = torch.full((3000, 12), PAD)
    tokens[:, :9] = 7
    chosen = choose(tokens, each_its_own(tokens), rate, rng)
    assert not chosen[:, 9:].any()
    assert chosen[:, :9].float().mean() == pytest.approx(rate, abs=0.012)
    assert chosen.any(dim=1).all()
    places = chosen[:, :9].float().mean(dim=0)
    assert (places - rate).abs().max() < 0.05


def test_special_tokens_are_never_chosen(rng):
    tokens = torch.tensor([[CLS, 7, UNK, 8, SEP, PAD]]).repeat(200, 1)
    chosen = choose(tokens, each_its_own(tokens), 1.0, rng)
    assert torch.equal(chosen, (tokens >= 5))
    empty = torch.full((2, 4), PAD)
    assert not choose(empty, each_its_own(empty), 0.5, rng).any()


def test_words_are_counted_by_their_first_pieces():
    continues = torch.zeros(20, dtype=torch.bool)
    continues[10:] = True
    tokens = torch.tensor([[CLS, 6, 11, 12, 7, SEP, 13, PAD, PAD]])
    assert words(tokens, continues).tolist() == [[0, 1, 1, 1, 2, 3, 4, 5, 6]]


def test_whole_words_are_chosen_whole(case_of):
    case = case_of(MLM(mask_rate=0.4, whole_words=True), "text", "text")
    views = case.views(case.build())
    units = words(case.batch.tokens, case.batch.continues)
    chosen = views.targets[0] != IGNORE
    partial = 0
    for row_units, row in zip(units.tolist(), chosen.tolist(), strict=True):
        by_word: dict[int, set[bool]] = {}
        for unit, flag in zip(row_units, row, strict=True):
            by_word.setdefault(unit, set()).add(flag)
        assert all(len(flags) == 1 for flags in by_word.values())
        partial += any(row) and not all(row)
    assert partial > 6


def test_the_loss_is_the_cross_entropy_at_the_chosen_tokens(case_of):
    case = case_of(MLM(), "text", "text")
    module = case.build()
    views = case.views(module)
    (corrupted,), (target,) = views.inputs, views.targets
    hidden = module.transform(module.encoder.tokens(corrupted))
    terms = []
    for i, row in enumerate(target.tolist()):
        for j, wanted in enumerate(row):
            if wanted != IGNORE:
                logits = (module.encoder.embedding.weight @ hidden[i, j] + module.bias).tolist()
                terms.append(math.log(sum(map(math.exp, logits))) - logits[wanted])
    assert len(terms) > 12
    assert case.loss(module, views).loss.item() == pytest.approx(sum(terms) / len(terms), rel=1e-4)


def test_the_untrained_loss_is_about_chance(case_of):
    case = case_of(MLM(), "text", "text")
    module = case.build()
    loss = case.loss(module, case.views(module)).loss.item()
    assert loss == pytest.approx(case.task.chance(case.info, 12), abs=0.3)


def test_texts_without_a_word_give_a_loss_of_0(case_of):
    case = case_of(MLM(), "text", "text")
    case.batch.tokens = torch.full_like(case.batch.tokens, PAD)
    module = case.build()
    loss = case.loss(module, case.views(module)).loss
    loss.backward()
    assert loss.item() == 0


def test_targets_are_the_original_tokens(case_of):
    case = case_of(MLM(mask_rate=0.5), "text", "text")
    (corrupted,), (target,) = (v := case.views(case.build())).inputs, v.targets
    chosen = target != IGNORE
    assert torch.equal(target[chosen], case.batch.tokens[chosen])
    assert torch.equal(corrupted[~chosen], case.batch.tokens[~chosen])


def test_the_illustration_marks_what_was_done(case_of):
    case = case_of(MLM(mask_rate=0.5), "text", "text")
    views = case.views(case.build())
    vocabulary = [f"w{i}" for i in range(60)]
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info, vocabulary))
    marks = set()
    for row, original in zip(shown.rows, case.batch.tokens.tolist(), strict=True):
        before, sees, answers = row
        assert [token for token, _ in before.tokens] == [f"w{i}" for i in original if i != PAD]
        wanted = [mark for _, mark in sees.tokens if mark]
        assert wanted == [mark for _, mark in answers.tokens]
        assert all(token == f"w{MASK}" for token, mark in sees.tokens if mark == "masked")
        marks |= set(wanted)
    assert marks == {"masked", "replaced", "kept"}


def test_a_vocabulary_of_special_tokens_is_refused(case_of):
    info = dataclasses.replace(case_of(MLM(), "text", "text").info, vocabulary=5)
    with pytest.raises(RequestError, match="no vocabulary besides special tokens"):
        MLM().check(info)


def test_the_masked_share_moves_evenly_to_the_one_at_the_end(case_of):
    case = case_of(MLM(mask_rate=0.6, mask_end=0.2), "text", "text")
    module = case.build()
    assert float(module.rate) == pytest.approx(0.6)
    shares = []
    for progress in (0.0, 0.5, 1.0):
        case.task.after_step(module, progress)
        assert float(module.rate) == pytest.approx(0.6 - 0.4 * progress)
        views = case.views(module)
        ordinary = case.batch.tokens >= 5
        shares.append(float((views.targets[0] != IGNORE).sum() / ordinary.sum()))
    assert shares[0] > shares[1] > shares[2]
    assert not hasattr(case_of(MLM(), "text", "text").build(), "rate")
