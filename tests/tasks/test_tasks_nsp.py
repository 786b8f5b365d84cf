"""NSP: which second part each text gets, and that nothing about it alone gives the answer away."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from workbench.data.dataset import PAD, SEP
from workbench.errors import RequestError
from workbench.tasks.base import IllustrationData
from workbench.tasks.nsp import ANSWERS, NSP, partners
from workbench.tasks.parts.corruption import IGNORE


@pytest.mark.parametrize("count", [2, 3, 8, 13])
def test_half_get_the_part_of_another(count, rng):
    possible = torch.arange(20) < count
    strangers = []
    for _ in range(40):
        donor, target = partners(possible, rng)
        for row, (given, answer) in enumerate(zip(donor.tolist(), target.tolist(), strict=True)):
            assert answer == (IGNORE if row >= count else int(given == row))
            # A second part is never taken from a text that has none.
            assert given < count or given == row
        wrong = donor[target == 0].tolist()
        assert len(set(wrong)) == len(wrong)
        strangers.append(len(wrong))
    assert set(strangers) == {count // 2, (count + 1) // 2}
    assert sum(strangers) / 40 == pytest.approx(count / 2, abs=0.4)


def test_alone_there_is_no_other(rng):
    donor, target = partners(torch.tensor([False, True, False]), rng)
    assert donor.tolist() == [0, 1, 2]
    assert target.tolist() == [IGNORE, 1, IGNORE]
    assert (partners(torch.zeros(3, dtype=torch.bool), rng)[1] == IGNORE).all()


def test_every_text_is_as_likely_to_be_shown_wrongly(rng):
    shown, wrong = torch.zeros(6), torch.zeros(6)
    for _ in range(600):
        donor, target = partners(torch.ones(6, dtype=torch.bool), rng)
        shown[donor[target == 0]] += 1 / 600
        wrong[target == 0] += 1 / 600
    assert torch.allclose(shown, torch.full((6,), 0.5), atol=0.08)
    assert torch.allclose(wrong, torch.full((6,), 0.5), atol=0.08)


def test_what_stands_before_and_after_the_separator(case_of):
    case = case_of(NSP(), "text", "text")
    case.batch.sentences[3, 1:] = -1
    views = case.views(case.build())
    (joined,), (target,), (donor,) = views.inputs, views.targets, views.masks
    texts = [[t for t in row if t != PAD] for row in case.batch.tokens.tolist()]
    assert target[3] == IGNORE
    for row, (shown, answer, given) in enumerate(
        zip(joined.tolist(), target.tolist(), donor.tolist(), strict=True)
    ):
        if answer == IGNORE:
            continue
        at = shown.index(SEP)
        before, after = shown[:at], [t for t in shown[at + 1 :] if t != PAD]
        assert at in (2, 4, 6)
        assert before == texts[row][:at]
        assert (given == row) == (answer == 1)
        assert any(after == texts[given][cut:] for cut in (2, 4, 6))


def test_a_batch_of_single_sentences_asks_nothing(case_of):
    case = case_of(NSP(), "text", "text")
    case.batch.sentences = case.batch.sentences[:, :1]
    module = case.build()
    loss = case.loss(module, case.views(module)).loss
    loss.backward()
    assert loss.item() == 0


def test_long_strangers_still_fit_the_encoder(case_of):
    case = case_of(NSP(), "text", "text")
    case.batch.tokens = case.batch.tokens.masked_fill(case.batch.tokens == PAD, 9)
    case.batch.sentences = torch.tensor([[0, 2, -1], [0, 14, -1]]).repeat(6, 1)
    module = case.build()
    widths = {case.views(module, seed=seed).inputs[0].shape[1] for seed in range(8)}
    assert max(widths) == module.encoder.length


def test_it_learns_which_texts_speak_of_the_same(case_of):
    """Every text repeats one word: the second part goes with the first if it is the same word."""
    case = case_of(NSP(), "text", "text")
    case.batch.tokens = torch.arange(5, 17)[:, None].repeat(1, 8)
    module = case.build()
    optimizer = torch.optim.AdamW(module.parameters(), lr=5e-3)
    for step in range(60):
        out = case.loss(module, case.views(module, seed=step))
        optimizer.zero_grad()
        out.loss.backward()
        optimizer.step()
    assert out.loss < 0.5
    assert case.task.chance(case.info, 12) == pytest.approx(0.693, abs=1e-3)


def test_the_illustration_shows_the_segments_and_the_answer(case_of):
    case = case_of(NSP(), "text", "text")
    case.batch.sentences[0, 1:] = -1
    views = case.views(case.build())
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    answers = []
    for row, ids, target in zip(
        shown.rows, views.inputs[0].tolist(), views.targets[0].tolist(), strict=True
    ):
        _, sees, answer = row
        assert [token for token, _ in sees.tokens] == [str(i) for i in ids if i != PAD]
        second = [token for token, mark in sees.tokens if mark == "second"]
        assert second == [str(i) for i in ids[ids.index(SEP) + 1 :] if i != PAD]
        right = [name for name, mark in answer.tokens if mark == "answer"]
        assert right == ([] if target == IGNORE else [ANSWERS[target]])
        answers += right
    assert set(answers) == set(ANSWERS)
    assert "nothing is asked" in shown.rows[0][2].caption


def test_texts_of_one_sentence_are_refused(case_of):
    info = dataclasses.replace(case_of(NSP(), "text", "text").info, sentences=1.0)
    with pytest.raises(RequestError, match="at least 2 sentences") as caught:
        NSP().check(info)
    assert "mlm" in caught.value.remedy
