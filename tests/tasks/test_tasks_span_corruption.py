"""Span corruption: where runs are cut out, what is asked of them, and the loss."""

from __future__ import annotations

import math

import pytest
import torch

from workbench.data.dataset import CLS, MASK, PAD, SEP
from workbench.errors import RequestError
from workbench.tasks.base import IllustrationData
from workbench.tasks.parts import decoder, spans
from workbench.tasks.span_corruption import SpanCorruption
from workbench.training.optimizer import build, recipe


def numbered(*lengths: int, width: int = 0) -> torch.Tensor:
    """Texts whose tokens are 5, 6, 7, ...: every token names its place."""
    width = max(width, *lengths)
    places = torch.arange(width)
    return torch.where(places < torch.tensor(lengths)[:, None], places + 5, PAD)


def cut_out(tokens, rng, share=0.3, mean=3.0) -> tuple[spans.Spans, torch.Tensor, torch.Tensor]:
    count = (tokens != PAD).sum(dim=1)
    total = spans.budget(count, share, rng)
    lengths, number = spans.even_lengths(total, mean, count - total + 1, tokens.shape[1], rng)
    return spans.lay(lengths, number, count, rng), total, number


def runs(row: list[bool]) -> list[int]:
    """Lengths of the runs of true values."""
    lengths, length = [], 0
    for value in [*row, False]:
        if value:
            length += 1
        elif length:
            lengths.append(length)
            length = 0
    return lengths


def real(row: torch.Tensor) -> list[int]:
    return [token for token in row.tolist() if token != PAD]


@pytest.mark.parametrize("share", [0.15, 0.5, 0.9])
def test_the_share_is_hidden_in_runs_that_never_touch(share, rng):
    tokens = numbered(*[30] * 300, *[7] * 300, width=32)
    cut, total, number = cut_out(tokens, rng, share)
    assert torch.equal(cut.hidden.sum(dim=1), total)
    assert not cut.hidden[tokens == PAD].any()
    every = [runs(row) for row in cut.hidden.tolist()]
    assert [len(lengths) for lengths in every] == number.tolist()
    assert cut.begins.sum(dim=1).tolist() == number.tolist()
    hidden = cut.hidden[:300].sum() / (300 * 30)
    assert hidden == pytest.approx(share, abs=0.01)
    if share == 0.15:
        assert cut.hidden[300:].sum() / (300 * 7) == pytest.approx(max(share, 1 / 7), abs=0.02)


def test_runs_have_the_mean_length_and_every_place_is_alike(rng):
    tokens = numbered(*[60] * 1000)
    cut, _, _ = cut_out(tokens, rng, share=0.15)
    lengths = [length for row in cut.hidden.tolist() for length in runs(row)]
    assert sum(lengths) / len(lengths) == pytest.approx(3, abs=0.1)
    assert min(lengths) == 1
    assert max(lengths) > 5
    often = cut.hidden.float().mean(dim=0)
    # The ends are in fewer of the runs of several tokens.
    assert (often[6:-6] - 0.15).abs().max() < 0.04
    assert (often[[0, -1]] > 0.03).all()


def test_input_and_answer_put_together_are_the_text(rng):
    tokens = numbered(*torch.randint(2, 25, (200,), generator=rng).tolist())
    cut, _, _ = cut_out(tokens, rng)
    corrupted, (target, places) = spans.without(tokens, cut), spans.answers(tokens, cut)
    for text, given, wanted, place in zip(tokens, corrupted, target, places, strict=True):
        *answer, last = real(wanted)
        marks = [at for at, token in enumerate(given.tolist()) if token == MASK]
        runs_before = torch.tensor([token == MASK for token in answer]).cumsum(0) - 1
        assert [marks[run] for run in runs_before] == place[: len(answer)].tolist()
        assert not place[len(answer) :].any()
        assert last == SEP
        gaps: list[list[int]] = []
        for token in answer:
            if token == MASK:
                gaps.append([])
            else:
                gaps[-1].append(token)
        assert all(gaps)
        whole: list[int] = []
        for token in real(given):
            whole += gaps.pop(0) if token == MASK else [token]
        assert whole == real(text)
        assert gaps == []


def test_something_is_seen_and_something_hidden_and_one_token_asks_nothing(rng):
    tokens = numbered(*[2] * 50, *[1] * 50, 0, width=8)
    for share in (0.01, 0.9):
        cut, total, _ = cut_out(tokens, rng, share)
        assert total.tolist() == [1] * 50 + [0] * 51
        assert torch.equal(spans.without(tokens, cut)[50:, 0], tokens[50:, 0])
        assert (spans.answers(tokens, cut)[0][50:] == PAD).all()


def test_answers_are_the_hidden_tokens_alone(case_of):
    """What tells it from BART's denoising, which writes the whole text."""
    case = case_of(SpanCorruption(), "text", "text")
    views = case.views(case.build())
    (corrupted,), (target,) = views.inputs, views.targets
    for text, given, wanted in zip(case.batch.tokens, corrupted, target, strict=True):
        assert sorted(real(text)) == sorted(t for t in [*real(given), *real(wanted)] if t > MASK)
        assert real(given).count(MASK) == real(wanted).count(MASK)
        assert len(real(wanted)) < len(real(text))


def test_the_loss_is_the_cross_entropy_of_the_answers(case_of):
    case = case_of(SpanCorruption(), "text", "text")
    module = case.build()
    views = case.views(module)
    (corrupted,), (target,) = views.inputs, views.targets
    terms = []
    for row in range(len(target)):
        words = real(target[row])
        given = torch.tensor([[CLS, *words[:-1]]])
        # Without padding, so nothing is read that is not there.
        read = real(corrupted[row])
        memory = module.encoder.tokens(torch.tensor([read]))
        marks = [at for at, token in enumerate(read) if token == MASK]
        # Beside each token that is told: the vector at the mark of its run; nothing beside CLS.
        marks_of_runs, run = [torch.zeros(16)], -1
        for word in words[:-1]:
            run += word == MASK
            marks_of_runs.append(module.tell.weight @ memory[0, marks[run]])
        h = decoder.states(
            module.decoder,
            module.encoder.embedding,
            given,
            memory,
            None,
            torch.stack(marks_of_runs)[None],
        )[0]
        for place, wanted in enumerate(words):
            logits = (module.encoder.embedding.weight @ h[place]).tolist()
            terms.append(math.log(sum(map(math.exp, logits))) - logits[wanted])
    assert case.loss(module, views).loss.item() == pytest.approx(sum(terms) / len(terms), rel=1e-4)


def test_the_untrained_loss_is_about_chance(case_of):
    case = case_of(SpanCorruption(), "text", "text")
    module = case.build()
    loss = case.loss(module, case.views(module)).loss.item()
    assert case.task.chance(case.info, 12) == pytest.approx(math.log(60))
    assert loss == pytest.approx(math.log(60), abs=0.4)


def test_texts_without_a_question_give_a_loss_of_0(case_of):
    case = case_of(SpanCorruption(), "text", "text")
    case.batch.tokens[:, 1:] = PAD
    module = case.build()
    loss = case.loss(module, case.views(module)).loss
    loss.backward()
    assert loss.item() == 0


def test_the_longest_answer_fits(case_of):
    """Nearly all hidden, each token in a run of its own where that is possible."""
    case = case_of(SpanCorruption(hidden_share=0.9, span_length=1.0), "text", "text")
    module = case.build()
    (target,) = case.views(module).targets
    assert target.shape[1] < len(module.decoder.position)
    assert max(real(row).count(MASK) for row in target) > 1


def test_the_illustration_shows_gaps_and_answers(case_of):
    case = case_of(SpanCorruption(hidden_share=0.4), "text", "text")
    views = case.views(case.build())
    vocabulary = [f"w{i}" for i in range(60)]
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info, vocabulary))
    for (_, sees, answers), given, wanted in zip(
        shown.rows, views.inputs[0], views.targets[0], strict=True
    ):
        assert [token for token, _ in sees.tokens] == [f"w{i}" for i in real(given)]
        assert [token for token, _ in answers.tokens] == [f"w{i}" for i in real(wanted)]
        for token, mark in (*sees.tokens, *answers.tokens):
            assert (mark == "masked") == (token == f"w{MASK}")
        assert answers.tokens[-1] == (f"w{SEP}", "")
        assert {mark for _, mark in answers.tokens} == {"masked", "answer", ""}


def test_texts_of_one_token_are_refused(case_of):
    import dataclasses

    info = dataclasses.replace(case_of(SpanCorruption(), "text", "text").info, length=1)
    with pytest.raises(RequestError, match="at least 2 tokens"):
        SpanCorruption().check(info)


def test_the_loss_falls_where_one_word_tells_the_next(case_of):
    from workbench.config import TrainOptions

    case = case_of(SpanCorruption(hidden_share=0.3), "text", "text")
    start = torch.randint(0, 12, (32, 1), generator=torch.Generator().manual_seed(3))
    case.batch.tokens = (start + torch.arange(8)) % 12 + 5
    case.batch.index = torch.arange(32)
    module = case.build()
    optimizer = build(
        recipe(case.task.optimum, TrainOptions(learning_rate=0.01), 32), case.task, module
    )
    losses = []
    for step in range(30):
        optimizer.zero_grad()
        loss = case.loss(module, case.views(module, seed=step)).loss
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert sum(losses[-5:]) / 5 < 0.65 * losses[0]
