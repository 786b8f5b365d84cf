"""BART's denoising: spans of any length behind one mark, moved sentences, and BLEU."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch

from workbench.data.dataset import CLS, MASK, PAD, SEP
from workbench.tasks.bart_denoising import BartDenoising
from workbench.tasks.base import IllustrationData
from workbench.tasks.parts import decoder, spans
from workbench.tasks.parts.held_out import bleu


def real(row: torch.Tensor) -> list[int]:
    return [token for token in row.tolist() if token != PAD]


def numbered(texts: int, length: int) -> torch.Tensor:
    return torch.arange(5, 5 + length).repeat(texts, 1)


def gaps(row: list[int], first: int, last: int) -> list[int]:
    """How many tokens each mark hides in a text of first, first + 1, ..., last."""
    lengths, before, marked = [], first - 1, False
    for token in [*row, last + 1]:
        if token != MASK:
            lengths += [token - 1 - before] if marked else []
            before = token
        marked = token == MASK
    return lengths


def test_lengths_follow_the_poisson_distribution(rng):
    total = torch.full((3000,), 60)
    lengths, number = spans.poisson_lengths(total, 3.0, torch.full((3000,), 99), 100, rng)
    used = torch.arange(100) < number[:, None]
    assert torch.equal((lengths * used).sum(dim=1), total)
    drawn = lengths[used].float()
    # One of about 20 a text was cut to fit.
    assert drawn.mean() == pytest.approx(3.0, abs=0.12)
    assert (drawn == 0).float().mean() == pytest.approx(math.exp(-3), abs=0.02)
    assert (drawn == 5).float().mean() == pytest.approx(3**5 * math.exp(-3) / 120, abs=0.02)


def test_the_share_is_hidden_and_the_rest_keeps_its_order(rng):
    broken = spans.infill(numbered(400, 40), 0.3, 3.0, rng)
    lengths = []
    hidden = 0
    for row in broken:
        seen = [token for token in real(row) if token != MASK]
        assert seen == sorted(set(seen))
        hidden += 40 - len(seen)
        runs = gaps(real(row), 5, 44)
        assert sum(runs) == 40 - len(seen)
        lengths += runs
    assert hidden / (400 * 40) == pytest.approx(0.3, abs=0.01)
    assert lengths.count(0) / len(lengths) == pytest.approx(0.05, abs=0.02)
    assert max(lengths) > 6


def test_marks_never_stand_beside_each_other(rng):
    broken = spans.infill(numbered(300, 20), 0.6, 1.0, rng)
    marks = broken == MASK
    assert not (marks[:, 1:] & marks[:, :-1]).any()


def test_the_shortest_texts_keep_a_token(rng):
    tokens = torch.full((3, 8), PAD)
    tokens[0, :2], tokens[1, 0] = torch.tensor([7, 8]), 9
    for _ in range(20):
        broken = spans.infill(tokens, 0.9, 3.0, rng)
        assert ((broken != PAD) & (broken != MASK)).sum(dim=1).tolist() == [1, 1, 0]
        assert real(broken[1]) == [9]


def test_sentences_move_whole_and_all_orders_come(rng):
    tokens = torch.tensor([[11, 12, 13, 21, 31, 32, PAD, PAD]]).repeat(300, 1)
    starts = torch.tensor([[0, 3, 4, -1]]).repeat(300, 1)
    moved = spans.permute(tokens, starts, rng)
    orders = {tuple(real(row)) for row in moved}
    a, b, c = (11, 12, 13), (21,), (31, 32)
    assert orders == {a + b + c, a + c + b, b + a + c, b + c + a, c + a + b, c + b + a}
    assert torch.equal(spans.permute(tokens, torch.tensor([[0, -1]]).repeat(300, 1), rng), tokens)


@pytest.mark.parametrize("permuted", [False, True])
def test_the_whole_text_is_asked_in_its_own_order(permuted, case_of):
    case = case_of(BartDenoising(permute_sentences=permuted), "text", "text")
    views = case.views(case.build())
    moved = 0
    for text, broken, target in zip(
        case.batch.tokens, views.inputs[0], views.targets[0], strict=True
    ):
        assert real(target) == [*real(text), SEP]
        seen = [token for token in real(broken) if token != MASK]
        assert set(seen) <= set(real(text))
        assert len(seen) < len(real(text))
        left = iter(real(text))
        moved += not all(token in left for token in seen)
    assert (moved > 6) == permuted
    assert permuted or moved == 0


def test_the_loss_is_the_cross_entropy_of_the_whole_text(case_of):
    case = case_of(BartDenoising(), "text", "text")
    module = case.build()
    views = case.views(module)
    terms = []
    for text, broken in zip(case.batch.tokens, views.inputs[0], strict=True):
        words = [*real(text), SEP]
        memory = module.encoder.tokens(torch.tensor([real(broken)]))
        given = torch.tensor([[CLS, *words[:-1]]])
        h = decoder.states(module.decoder, module.encoder.embedding, given, memory, None)[0]
        for place, wanted in enumerate(words):
            logits = (module.encoder.embedding.weight @ h[place]).tolist()
            terms.append(math.log(sum(map(math.exp, logits))) - logits[wanted])
    loss = case.loss(module, views).loss
    assert loss.item() == pytest.approx(sum(terms) / len(terms), rel=1e-4)
    assert loss.item() == pytest.approx(case.task.chance(case.info, 12), abs=0.4)


def test_the_decoder_reads_every_token_of_the_broken_text(case_of):
    case = case_of(BartDenoising(), "text", "text")
    module = case.build()
    views = case.views(module)
    read = []
    module.decoder.blocks[0].register_forward_pre_hook(lambda _, given: read.append(given[1]))
    case.loss(module, views)
    assert torch.equal(read[0], module.encoder.tokens(views.inputs[0]))


def test_held_out_scores_of_a_model_that_knows_the_text(case_of):
    """All texts are one text: learned by heart, it is written whatever is hidden."""
    case = case_of(BartDenoising(), "text", "text")
    case.batch.tokens = case.batch.tokens[:1, :8].repeat(12, 1)
    module, untrained = case.build(), case.build(seed=1).eval()
    optimizer = torch.optim.AdamW(module.parameters(), lr=1e-2)
    for step in range(30):
        optimizer.zero_grad()
        case.loss(module, case.views(module, seed=step)).loss.backward()
        optimizer.step()
    module.eval()
    scores = {s.features: s for s in case.task.held_out(module, untrained, [case.batch])}
    assert set(scores) == {"trained", "random init", "raw input"}
    assert scores["trained"].value > 0.95
    assert scores["random init"].value < 0.1
    assert 0.1 < scores["raw input"].value < 0.9
    for score in scores.values():
        assert (score.protocol, score.metric, score.n) == ("reconstruction", "bleu", 12)
        assert 0 <= score.low <= score.value <= score.high <= 1
    assert case.task.held_out(module, untrained, []) == ()


def test_raw_input_is_the_broken_text_without_its_marks_and_the_same_for_all_runs(case_of):
    case = case_of(BartDenoising(), "text", "text")
    module = case.build().eval()
    broken = spans.infill(case.batch.tokens, 0.3, 3.0, torch.Generator().manual_seed(0))
    copied = [[token for token in real(row) if token != MASK] for row in broken]
    expected = bleu.score(copied, [real(row) for row in case.batch.tokens])
    other = dataclasses.replace(case.task, hidden_share=0.7, permute_sentences=True)
    for task in (case.task, other):
        raw = task.held_out(module, module, [case.batch])[2]
        assert (raw.value, raw.low, raw.high) == tuple(expected)


def test_at_most_200_texts_of_64_tokens_are_asked(case_of):
    case = case_of(BartDenoising(), "text", "text")
    module = case.build().eval()
    first = case.batch.tokens.repeat(10, 1)
    batches = [dataclasses.replace(case.batch, tokens=first) for _ in range(3)]
    assert case.task.held_out(module, module, iter(batches))[0].n == 200
    long = torch.randint(5, 60, (2, 90), generator=torch.Generator().manual_seed(0))
    info = dataclasses.replace(case.info, length=90)
    module = dataclasses.replace(case, info=info).build().eval()
    batch = dataclasses.replace(case.batch, tokens=long)
    cut = dataclasses.replace(case.batch, tokens=long[:, :64])
    assert case.task.held_out(module, module, [batch]) == case.task.held_out(module, module, [cut])


def test_the_illustration_shows_the_marks_and_the_whole(case_of):
    case = case_of(BartDenoising(), "text", "text")
    views = case.views(case.build())
    vocabulary = [f"w{i}" for i in range(60)]
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info, vocabulary))
    for (before, sees, answers), broken in zip(shown.rows, views.inputs[0], strict=True):
        assert [token for token, _ in sees.tokens] == [f"w{i}" for i in real(broken)]
        assert all((mark == "masked") == (token == f"w{MASK}") for token, mark in sees.tokens)
        assert [token for token, _ in answers.tokens[:-1]] == [token for token, _ in before.tokens]


def test_single_sentences_that_should_be_permuted_are_noted(case_of):
    info = dataclasses.replace(case_of(BartDenoising(), "text", "text").info, sentences=1.0)
    assert BartDenoising().notes(info) == ()
    assert "one sentence" in BartDenoising(permute_sentences=True).notes(info)[0]
