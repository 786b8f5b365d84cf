"""Token order: which spans are shuffled, how, and the loss at their places alone."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch

from workbench.data.dataset import PAD
from workbench.errors import RequestError
from workbench.tasks.base import IllustrationData
from workbench.tasks.parts.corruption import IGNORE
from workbench.tasks.parts.shuffling import shuffle
from workbench.tasks.token_order import TokenOrder


def spans_of(chosen: list[bool], order: list[int], span: int) -> list[list[int]]:
    """Where the tokens of each shuffled span come from, counted from the span's beginning."""
    spans, place = [], 0
    while place < len(chosen):
        if chosen[place]:
            assert all(chosen[place : place + span])
            spans.append([source - place for source in order[place : place + span]])
            place += span
        else:
            assert order[place] == place
            place += 1
    return spans


@pytest.mark.parametrize("span", [2, 3, 5])
def test_each_span_is_shuffled_in_itself(span, rng):
    count = torch.randint(0, 17, (300,), generator=rng)
    order, chosen = shuffle(count, 16, span, 0.5, rng)
    for length, flags, sources in zip(count.tolist(), chosen.tolist(), order.tolist(), strict=True):
        spans = spans_of(flags, sources, span)
        assert not any(flags[length:])
        assert all(sorted(inner) == list(range(span)) for inner in spans)
        assert all(inner != list(range(span)) for inner in spans)
        assert bool(spans) == (length >= span)


def test_all_orders_but_the_right_one_occur(rng):
    order, chosen = shuffle(torch.full((3000,), 3), 3, 3, 1.0, rng)
    assert chosen.all()
    kinds = torch.tensor([100, 10, 1]) @ order.T
    assert set(kinds.tolist()) == {21, 102, 120, 201, 210}


@pytest.mark.parametrize("share", [0.2, 0.5, 1.0])
def test_the_share_is_right_at_every_place(share, rng):
    _, chosen = shuffle(torch.full((6000,), 20), 24, 3, share, rng)
    places = chosen.float().mean(dim=0)
    assert not chosen[:, 20:].any()
    expected = min(share, 18 / 20)
    assert places[:20].mean().item() == pytest.approx(expected, abs=0.02)
    # Spans begin anywhere, so that places in the middle are alike.
    assert (places[4:16] - places[4:16].mean()).abs().max() < 0.05


def test_the_loss_is_the_cross_entropy_at_shuffled_places(case_of):
    case = case_of(TokenOrder(), "text", "text")
    module = case.build()
    views = case.views(module)
    (shuffled,), (target,) = views.inputs, views.targets
    hidden = module.transform(module.encoder.tokens(shuffled))
    terms, bias = [], torch.zeros(60)
    for i, row in enumerate(target.tolist()):
        for j, wanted in enumerate(row):
            if wanted != IGNORE:
                logits = module.encoder.embedding.weight @ hidden[i, j] + module.bias
                terms.append(math.log(sum(map(math.exp, logits.tolist()))) - logits[wanted].item())
                bias += torch.softmax(logits.detach(), dim=0)
                bias[wanted] -= 1
    out = case.loss(module, views)
    out.loss.backward()
    assert len(terms) > 30
    assert out.loss.item() == pytest.approx(sum(terms) / len(terms), rel=1e-4)
    assert torch.allclose(module.bias.grad, bias / len(terms), atol=1e-5)
    assert out.loss.item() == pytest.approx(case.task.chance(case.info, 12), abs=0.3)


def test_targets_are_what_stood_there(case_of):
    case = case_of(TokenOrder(share=0.6), "text", "text")
    views = case.views(case.build())
    (shuffled,), (target,), (order,) = views.inputs, views.targets, views.masks
    tokens, chosen = case.batch.tokens, target != IGNORE
    assert torch.equal(target[chosen], tokens[chosen])
    assert torch.equal(shuffled[~chosen], tokens[~chosen])
    assert torch.equal(shuffled, tokens.gather(1, order))
    assert torch.equal(shuffled.sort(dim=1).values, tokens.sort(dim=1).values)
    assert (shuffled != tokens).any(dim=1).all()


def test_texts_shorter_than_a_span_ask_nothing(case_of):
    case = case_of(TokenOrder(), "text", "text")
    case.batch.tokens[:, 2:] = PAD
    module = case.build()
    loss = case.loss(module, case.views(module)).loss
    loss.backward()
    assert loss.item() == 0


def test_spans_longer_than_every_text_are_refused(case_of):
    info = dataclasses.replace(case_of(TokenOrder(), "text", "text").info, length=4)
    with pytest.raises(RequestError, match="spans of 6 tokens") as caught:
        TokenOrder(span=6).check(info)
    assert caught.value.field == "--set span"
    assert "span=4" in caught.value.remedy
    TokenOrder(span=4).check(info)


def test_the_illustration_shows_what_moved(case_of):
    case = case_of(TokenOrder(), "text", "text")
    views = case.views(case.build())
    (shuffled,), (target,), (order,) = views.inputs, views.targets, views.masks
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    marks = set()
    for row, ids, wanted, sources in zip(shown.rows, shuffled, target, order, strict=True):
        _, sees, answers = row
        assert [token for token, _ in sees.tokens] == [str(i) for i in ids.tolist() if i != PAD]
        for place, (_, mark) in enumerate(sees.tokens):
            moved = int(sources[place]) != place
            assert mark == ("moved" if moved else "kept" if wanted[place] != IGNORE else "")
            marks.add(mark)
        names = [str(i) for i in wanted.tolist() if i != IGNORE]
        assert [token for token, _ in answers.tokens] == names
    assert marks == {"moved", "kept", ""}


def test_it_learns_the_order_of_words(case_of):
    """Texts that count upwards: the right order is the ascending one."""
    case = case_of(TokenOrder(), "text", "text")
    begin = torch.randint(5, 40, (12, 1), generator=torch.Generator().manual_seed(1))
    case.batch.tokens = begin + torch.arange(12)
    module = case.build()
    optimizer = torch.optim.AdamW(module.parameters(), lr=5e-3)
    for step in range(80):
        out = case.loss(module, case.views(module, seed=step))
        optimizer.zero_grad()
        out.loss.backward()
        optimizer.step()
    assert out.loss < 0.5 * case.task.chance(case.info, 12)
