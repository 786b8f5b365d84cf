"""TSDAE: what is left out, that the decoder reads one vector alone, and the loss."""

from __future__ import annotations

import math

import pytest
import torch

from workbench.config import AugmentStep
from workbench.data.dataset import CLS, MASK, PAD, SEP
from workbench.errors import RequestError
from workbench.tasks.base import IllustrationData
from workbench.tasks.parts import decoder
from workbench.tasks.tsdae import TSDAE, delete


def real(row: torch.Tensor) -> list[int]:
    return [token for token in row.tolist() if token != PAD]


@pytest.mark.parametrize("share", [0.0, 0.6, 0.9])
def test_the_share_is_left_out_and_the_order_stays(share, rng):
    tokens = torch.arange(5, 45).repeat(500, 1)
    kept = delete(tokens, share, rng)
    number = (kept != PAD).sum(dim=1)
    assert number.float().mean() / 40 == pytest.approx(1 - share, abs=0.02)
    assert number.float().std() > 1 or share == 0
    assert all(real(row) == sorted(set(real(row))) for row in kept)


def test_one_token_always_stays(rng):
    tokens = torch.tensor([[7, 8, PAD], [9, PAD, PAD], [PAD, PAD, PAD]]).repeat(100, 1)
    number = (delete(tokens, 0.95, rng) != PAD).sum(dim=1).view(100, 3)
    assert (number[:, 0] >= 1).all()
    assert (number[:, 1] == 1).all()
    assert (number[:, 2] == 0).all()


def test_the_whole_text_is_asked_whatever_the_augmentations_do(case_of):
    from workbench.augment.policy import Policy

    case = case_of(TSDAE(), "text", "text")
    module = case.build()
    policy = Policy([AugmentStep("token_shuffle")], case.info)
    views = case.task.views(module, case.batch, policy, torch.Generator().manual_seed(0))
    mixed = 0
    for text, kept, target in zip(
        case.batch.tokens, views.inputs[0], views.targets[0], strict=True
    ):
        assert real(target) == [*real(text), SEP]
        assert set(real(kept)) < {*real(text)}
        order = [real(text).index(token) for token in real(kept)]
        mixed += order != sorted(order)
    assert mixed > 2


def test_the_decoder_reads_one_vector_and_it_is_h(case_of):
    """What tells it from BART's denoising, whose decoder reads every token."""
    case = case_of(TSDAE(), "text", "text")
    module = case.build()
    views = case.views(module)
    read = []
    module.decoder.blocks[0].register_forward_pre_hook(lambda _, given: read.append(given[1]))
    case.loss(module, views)
    assert torch.equal(read[0], module.encoder(views.inputs[0])[:, None])


def test_the_loss_is_the_cross_entropy_of_the_whole_text_given_h(case_of):
    case = case_of(TSDAE(), "text", "text")
    module = case.build()
    views = case.views(module)
    terms = []
    weight = module.encoder.embedding.weight
    (hidden,) = views.masks
    for text, kept, hints_hidden in zip(case.batch.tokens, views.inputs[0], hidden, strict=True):
        words = [*real(text), SEP]
        hints = [
            MASK if hide else word for word, hide in zip(words, hints_hidden.tolist(), strict=False)
        ]
        h = module.encoder.tokens(torch.tensor([real(kept)])).mean(dim=1, keepdim=True)
        given = torch.tensor([[CLS, *hints[:-1]]])
        states = decoder.states(module.decoder, module.encoder.embedding, given, h, None)[0]
        for place, wanted in enumerate(words):
            logits = (weight @ states[place]).tolist()
            terms.append(math.log(sum(map(math.exp, logits))) - logits[wanted])
    assert case.loss(module, views).loss.item() == pytest.approx(sum(terms) / len(terms), rel=1e-4)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_the_share_of_hints_is_hidden_from_the_decoder_alone(share, case_of):
    case = case_of(TSDAE(hidden_hints=share), "text", "text")
    module = case.build()
    views = case.views(module)
    given = []
    module.decoder.blocks[0].register_forward_pre_hook(lambda _, args: given.append(args[0]))
    case.loss(module, views)
    mask = module.encoder.embedding.weight[MASK] + module.decoder.position[: given[0].shape[1]]
    hints_hidden = torch.isclose(given[0], mask).all(dim=2)[:, 1:]
    real_ones = views.targets[0][:, :-1] != PAD
    assert torch.equal(hints_hidden, views.masks[0][:, :-1] & real_ones)
    assert hints_hidden[real_ones].float().mean() == pytest.approx(share, abs=0.12)
    assert MASK not in views.inputs[0]


def test_the_untrained_loss_is_about_chance(case_of):
    case = case_of(TSDAE(), "text", "text")
    module = case.build()
    loss = case.loss(module, case.views(module)).loss.item()
    assert case.task.chance(case.info, 12) == pytest.approx(math.log(60))
    assert loss == pytest.approx(math.log(60), abs=0.4)


def test_the_illustration_shows_what_was_left_and_the_whole(case_of):
    case = case_of(TSDAE(), "text", "text")
    views = case.views(case.build())
    vocabulary = [f"w{i}" for i in range(60)]
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info, vocabulary))
    for (before, sees, answers), kept in zip(shown.rows, views.inputs[0], strict=True):
        assert [token for token, _ in sees.tokens] == [f"w{i}" for i in real(kept)]
        *whole, last = answers.tokens
        assert [token for token, _ in whole] == [token for token, _ in before.tokens]
        assert {mark for _, mark in whole} == {"answer"}
        assert last == (f"w{SEP}", "")


def test_texts_of_one_token_are_refused(case_of):
    import dataclasses

    info = dataclasses.replace(case_of(TSDAE(), "text", "text").info, length=1)
    with pytest.raises(RequestError, match="at least 2 tokens"):
        TSDAE().check(info)


def test_h_comes_to_hold_the_text(case_of):
    """Texts of one word said again and again: h says which, and the decoder writes it."""
    case = case_of(TSDAE(), "text", "text")
    word = torch.randint(5, 60, (64, 1), generator=torch.Generator().manual_seed(3))
    case.batch.tokens, case.batch.index = word.repeat(1, 6), torch.arange(64)
    module = case.build()
    optimizer = torch.optim.AdamW(module.parameters(), lr=1e-2)
    for step in range(40):
        optimizer.zero_grad()
        loss = case.loss(module, case.views(module, seed=step)).loss
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        h = module.encoder(case.batch.tokens[:, :2])[:, None]
        written = decoder.greedy(module.decoder, module.encoder.embedding, h, None, 8)
    # The first word cannot be told by the words before it.
    assert (written[:, 0] == word[:, 0]).float().mean() > 0.5
