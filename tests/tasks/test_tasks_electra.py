"""ELECTRA: what is replaced, by what, the two losses, and where gradients go."""

from __future__ import annotations

import math

import pytest
import torch

from workbench.data.dataset import MASK, PAD, SPECIAL_TOKENS
from workbench.tasks.base import IllustrationData
from workbench.tasks.electra import Electra
from workbench.tasks.parts.corruption import IGNORE
from workbench.tasks.parts.generator import detection_loss, guess, sample


def softplus(x: float) -> float:
    return math.log1p(math.exp(x))


def test_the_detection_loss_is_the_papers(rng):
    """-1(original) log D - 1(replaced) log(1 - D), with D = sigmoid(-suspicion)."""
    suspicion = torch.randn(9, generator=rng, requires_grad=True)
    replaced = torch.rand(9, generator=rng) < 0.4
    loss = detection_loss(suspicion, replaced)
    loss.backward()
    terms, gradients = [], []
    for value, wrong in zip(suspicion.tolist(), replaced.tolist(), strict=True):
        original = 1 / (1 + math.exp(value))
        terms.append(-math.log(1 - original) if wrong else -math.log(original))
        gradients.append((1 - original - wrong) / 9)
    assert loss.item() == pytest.approx(sum(terms) / 9, rel=1e-5)
    assert suspicion.grad.tolist() == pytest.approx(gradients, abs=1e-6)


def test_limits_of_the_detection_loss():
    replaced = torch.tensor([True, False, False])
    assert detection_loss(torch.zeros(3), replaced).item() == pytest.approx(math.log(2))
    sure = torch.where(replaced, 30.0, -30.0)
    assert detection_loss(sure, replaced).item() == pytest.approx(0, abs=1e-6)
    assert detection_loss(torch.zeros(0), replaced[:0]).item() == 0


def test_guesses_are_drawn_from_the_softmax(rng):
    logits = torch.tensor([9.0, 9.0, 9.0, 9.0, 9.0, 0.0, 1.0, 2.0]).repeat(6000, 1)
    drawn = sample(logits, rng)
    assert drawn.min() >= len(SPECIAL_TOKENS)
    shares = torch.bincount(drawn, minlength=8)[5:] / 6000
    assert torch.allclose(shares, torch.softmax(torch.tensor([0.0, 1.0, 2.0]), dim=0), atol=0.02)


def test_only_chosen_tokens_are_replaced_and_right_guesses_are_original(case_of):
    case = case_of(Electra(mask_rate=0.5), "text", "text")
    module = case.build()
    with torch.no_grad():
        # A generator that says 9 or 10, so that some guesses are right.
        module.generator.bias.fill_(-50)
        module.generator.bias[9:11] = 50
    case.batch.tokens[:, 0] = 9
    right = 0
    for seed in range(10):
        views = case.views(module, seed=seed)
        (corrupted,), (target,), (replaced,) = views.inputs, views.targets, views.masks
        chosen = target != IGNORE
        assert torch.equal(corrupted[~chosen], case.batch.tokens[~chosen])
        assert torch.equal(target[chosen], case.batch.tokens[chosen])
        assert set(corrupted[chosen].tolist()) == {9, 10}
        assert torch.equal(replaced, corrupted != case.batch.tokens)
        right += int((chosen & ~replaced).sum())
    assert right > 0


def test_the_loss_is_the_generators_and_50_times_the_discriminators(case_of):
    case = case_of(Electra(), "text", "text")
    module = case.build()
    views = case.views(module)
    (corrupted,), (target,), (replaced,) = views.inputs, views.targets, views.masks
    masked = torch.where(target != IGNORE, MASK, case.batch.tokens)
    filling, detection = [], []
    hidden = module.encoder.tokens(corrupted)
    for i, row in enumerate(target.tolist()):
        for j, wanted in enumerate(row):
            place = torch.zeros_like(target, dtype=torch.bool)
            place[i, j] = True
            if wanted != IGNORE:
                logits = guess(module.generator, module.encoder.embedding, masked, place)[
                    0
                ].tolist()
                filling.append(math.log(sum(map(math.exp, logits))) - logits[wanted])
            if case.batch.tokens[i, j] != PAD:
                value = module.head(hidden[i, j]).item()
                detection.append(softplus(-value if replaced[i, j] else value))
    expected = sum(filling) / len(filling) + 50 * sum(detection) / len(detection)
    out = case.loss(module, views)
    assert out.loss.item() == pytest.approx(expected, rel=1e-4)
    assert out.logs["generator_loss"].item() == pytest.approx(sum(filling) / len(filling), rel=1e-4)


def test_the_generator_learns_nothing_from_the_detection(case_of):
    """No gradient goes through the guesses, and none of the generator's reaches the blocks."""
    gradients = []
    for weight in (0.0, 50.0):
        case = case_of(Electra(weight=weight), "text", "text")
        module = case.build()
        case.loss(module, case.views(module)).loss.backward()
        gradients.append(module)
    plain, weighted = gradients
    for (name, one), two in zip(
        plain.generator.named_parameters(), weighted.generator.parameters(), strict=True
    ):
        assert one.grad.any(), name
        assert torch.allclose(one.grad, two.grad), name
    assert not any(p.grad.any() for p in plain.encoder.blocks.parameters())
    assert all(p.grad.any() for p in weighted.encoder.blocks.parameters() if p.ndim > 1)


def test_token_embeddings_are_shared(case_of):
    case = case_of(Electra(weight=0.0), "text", "text")
    module = case.build()
    case.loss(module, case.views(module)).loss.backward()
    assert module.encoder.embedding.weight.grad.any()
    assert not any("embedding" in name for name in module.generator.state_dict())


@pytest.mark.parametrize(("size", "width"), [(0.05, 16), (1.0, 64)])
def test_the_generator_is_a_share_of_the_encoder(size, width, case_of):
    case = case_of(Electra(size=size), "text", "text")
    encoder = case.build().encoder
    encoder.dim = 64
    assert Electra(size=size).build(encoder, case.info).generator.reduce.out_features == width


def test_chance_knows_only_the_share_that_was_masked(case_of):
    case = case_of(Electra(mask_rate=0.2, weight=10.0), "text", "text")
    coin = -0.2 * math.log(0.2) - 0.8 * math.log(0.8)
    assert case.task.chance(case.info, 8) == pytest.approx(math.log(60) + 10 * coin)


def test_texts_without_a_word_give_a_loss_of_0(case_of):
    case = case_of(Electra(), "text", "text")
    case.batch.tokens = torch.full_like(case.batch.tokens, PAD)
    module = case.build()
    loss = case.loss(module, case.views(module)).loss
    loss.backward()
    assert loss.item() == 0


def test_the_illustration_shows_the_guesses(case_of):
    case = case_of(Electra(mask_rate=0.5), "text", "text")
    views = case.views(case.build())
    (corrupted,), (replaced,) = views.inputs, views.masks
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    for row, ids, wrong in zip(shown.rows, corrupted, replaced, strict=True):
        _, sees, answers = row
        assert [token for token, _ in sees.tokens] == [str(i) for i in ids.tolist() if i != PAD]
        marked = [token for token, mark in sees.tokens if mark == "replaced"]
        assert marked == [str(i) for i in ids[wrong].tolist()]
        assert marked == [token for token, _ in answers.tokens]
        assert not any(token == str(MASK) for token, _ in sees.tokens)


def test_it_learns_what_does_not_fit(case_of):
    """Texts that count: each word is given by its neighbours."""
    case = case_of(Electra(), "text", "text")
    case.batch.tokens = torch.arange(5, 17).repeat(12, 1)
    module = case.build()
    optimizer = torch.optim.AdamW(module.parameters(), lr=5e-3)
    for step in range(20):
        out = case.loss(module, case.views(module, seed=step))
        optimizer.zero_grad()
        out.loss.backward()
        optimizer.step()
    assert out.loss < 0.7 * case.task.chance(case.info, 12)
    assert out.logs["replaced_found"] > 0.5
