"""Causal LM: no token sees the next one, which is predicted; perplexity is the exp of the loss."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from workbench.data.dataset import PAD
from workbench.encoders.text import TextMini
from workbench.errors import RequestError
from workbench.tasks.base import Batch, IllustrationData
from workbench.tasks.causal_lm import CausalLM, following, token_losses
from workbench.tasks.parts.corruption import IGNORE
from workbench.tasks.parts.held_out.perplexity import perplexity


def by_loops(module, tokens: torch.Tensor) -> list[list[float]]:
    """The loss of every token but the first of each text, from logits of the tokens before."""
    weight, bias = module.encoder.embedding.weight, module.bias
    losses = []
    for row in tokens.tolist():
        real = [token for token in row if token != PAD]
        each = []
        for end in range(1, len(real)):
            # The encoder gets the beginning alone: there is no later token to look at.
            hidden = module.encoder.tokens(torch.tensor([real[:end]]))[0, -1]
            scores = (weight @ module.transform(hidden) + bias).tolist()
            each.append(math.log(sum(map(math.exp, scores))) - scores[real[end]])
        losses.append(each)
    return losses


def test_the_loss_is_that_of_each_token_given_the_ones_before(case_of):
    case = case_of(CausalLM(), "text", "text")
    module = case.build()
    terms = [loss for text in by_loops(module, case.batch.tokens) for loss in text]
    loss = case.loss(module, case.views(module)).loss
    assert loss.item() == pytest.approx(sum(terms) / len(terms), rel=1e-4)
    assert loss.item() == pytest.approx(case.task.chance(case.info, 12), abs=0.3)


def test_the_gradient_is_softmax_minus_one_hot(case_of):
    case = case_of(CausalLM(), "text", "text")
    module = case.build()
    case.loss(module, case.views(module)).loss.backward()
    tokens = case.batch.tokens
    with torch.no_grad():
        h = module.transform(module.encoder.tokens(tokens)[:, :-1])
        shares = torch.softmax(h @ module.encoder.embedding.weight.T + module.bias, dim=2)
    total, count = torch.zeros(60), 0
    for row in range(len(tokens)):
        for place, wanted in enumerate(tokens[row, 1:].tolist()):
            if wanted != PAD:
                total += shares[row, place]
                total[wanted] -= 1
                count += 1
    assert torch.allclose(module.bias.grad, total / count, atol=1e-5)


def test_the_next_token_is_asked_and_nothing_after_the_last():
    tokens = torch.tensor([[7, 8, 9, PAD], [7, PAD, PAD, PAD], [5, 6, 7, 8]])
    assert following(tokens).tolist() == [
        [8, 9, IGNORE, IGNORE],
        [IGNORE] * 4,
        [6, 7, 8, IGNORE],
    ]


def test_texts_of_one_token_ask_nothing(case_of):
    case = case_of(CausalLM(), "text", "text")
    case.batch.tokens[:, 1:] = PAD
    module = case.build()
    loss = case.loss(module, case.views(module)).loss
    loss.backward()
    assert loss.item() == 0
    assert case.task.held_out(module, module, [case.batch]) == ()


def test_perplexity_is_exp_of_the_mean_loss_a_token(case_of):
    case = case_of(CausalLM(), "text", "text")
    module, fresh = case.build(seed=0).eval(), case.build(seed=1).eval()
    tokens = case.batch.tokens
    tokens[4, 1:] = PAD
    halves = [
        Batch(torch.arange(6), tokens=tokens[:6]),
        Batch(torch.arange(6), tokens=tokens[6:, :12]),
    ]
    whole = [*tokens[:6].split(1), *tokens[6:, :12].split(1)]
    scores = case.task.held_out(module, fresh, iter(halves))
    for score, model, features in zip(
        scores, (module, fresh), ("trained", "random init"), strict=True
    ):
        terms = [loss for text in whole for loss in by_loops(model, text)[0]]
        assert (score.protocol, score.metric) == ("language modelling", "perplexity")
        assert score.features == features
        assert score.value == pytest.approx(math.exp(sum(terms) / len(terms)), rel=1e-4)
        assert score.low < score.value < score.high
        assert score.n == 11
    assert scores == case.task.held_out(module, fresh, halves)


def test_losses_are_laid_out_by_text(case_of):
    case = case_of(CausalLM(), "text", "text")
    module = case.build()
    with torch.no_grad():
        each, predicted = token_losses(module, case.batch.tokens)
    for row, losses in enumerate(by_loops(module, case.batch.tokens)):
        assert each[row][predicted[row]].tolist() == pytest.approx(losses, rel=1e-4)
        assert not each[row][~predicted[row]].any()


def test_the_interval_of_perplexity_covers_the_truth():
    """Of 40 samples of texts, about 38 intervals hold the perplexity of all texts."""
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(40):
        counts = rng.integers(2, 20, 80)
        losses = counts * rng.normal(3.0, 0.5, 80)
        _, low, high = perplexity(losses, counts)
        covered += low <= math.exp(3.0) <= high
    assert 34 <= covered <= 40
    value, low, high = perplexity(np.array([6.0]), np.array([3]))
    assert value == low == high == pytest.approx(math.exp(2))


def test_an_encoder_that_looks_ahead_is_refused():
    with pytest.raises(RequestError, match="sees it") as caught:
        CausalLM().check_encoder(TextMini())
    assert caught.value.field == "--set encoder.causal"
    CausalLM().check_encoder(TextMini(causal=True))
    assert CausalLM.encoder_options == {"causal": True}


def test_the_illustration_shows_what_is_read_and_what_is_asked(case_of):
    case = case_of(CausalLM(), "text", "text")
    views = case.views(case.build())
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    for row, ids, target in zip(
        shown.rows, views.inputs[0].tolist(), views.targets[0].tolist(), strict=True
    ):
        _, sees, answers = row
        real = [str(i) for i in ids if i != PAD]
        assert [token for token, _ in sees.tokens] == real
        assert [token for token, _ in answers.tokens] == real[1:]
        assert [str(i) for i in target if i != IGNORE] == real[1:]


def test_it_learns_what_follows(case_of):
    case = case_of(CausalLM(), "text", "text")
    case.batch.tokens = torch.arange(5, 17).repeat(12, 1)
    module = case.build()
    optimizer = torch.optim.AdamW(module.parameters(), lr=5e-3)
    for _ in range(60):
        out = case.loss(module, case.views(module))
        optimizer.zero_grad()
        out.loss.backward()
        optimizer.step()
    assert out.loss < 1
    fresh = case.build().eval()
    trained, untrained = case.task.held_out(module.eval(), fresh, [case.batch])
    assert trained.high < 3 < 40 < untrained.low
