"""Sentence order: both segments are of one text, in their order or swapped."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from workbench.data.dataset import PAD, SEP
from workbench.errors import RequestError
from workbench.tasks.base import IllustrationData
from workbench.tasks.parts.corruption import IGNORE
from workbench.tasks.sentence_order import ANSWERS, SentenceOrder


def segments(ids: list[int]) -> tuple[list[int], list[int]]:
    real = [token for token in ids if token != PAD]
    at = real.index(SEP)
    return real[:at], real[at + 1 :]


def test_segments_are_the_whole_text_in_order_or_swapped(case_of):
    case = case_of(SentenceOrder(), "text", "text")
    case.batch.sentences[5, 1:] = -1
    views = case.views(case.build())
    (joined,), (target,) = views.inputs, views.targets
    texts = [[t for t in row if t != PAD] for row in case.batch.tokens.tolist()]
    assert target[5] == IGNORE
    answers = target[target != IGNORE].tolist()
    assert abs(answers.count(0) - answers.count(1)) <= 1
    for text, ids, answer in zip(texts, joined.tolist(), target.tolist(), strict=True):
        if answer == IGNORE:
            continue
        left, right = segments(ids)
        earlier, later = (right, left) if answer == 0 else (left, right)
        assert earlier + later == text
        assert len(earlier) in (2, 4, 6)


def test_who_is_swapped_and_where_is_drawn_anew(case_of):
    case = case_of(SentenceOrder(), "text", "text")
    module = case.build()
    targets = torch.stack([case.views(module, seed=seed).targets[0] for seed in range(80)])
    assert (targets.float().mean(dim=0) - 0.5).abs().max() < 0.25
    assert (targets.sum(dim=1) == 6).all()
    cuts = {
        len(segments(case.views(module, seed=seed).inputs[0][0].tolist())[0]) for seed in range(20)
    }
    assert len(cuts) > 2


def test_a_batch_of_single_sentences_asks_nothing(case_of):
    case = case_of(SentenceOrder(), "text", "text")
    case.batch.sentences = case.batch.sentences[:, :1]
    module = case.build()
    loss = case.loss(module, case.views(module)).loss
    loss.backward()
    assert loss.item() == 0


def test_it_learns_how_texts_begin(case_of):
    case = case_of(SentenceOrder(), "text", "text")
    case.batch.tokens[:, 0] = 6
    module = case.build()
    optimizer = torch.optim.AdamW(module.parameters(), lr=5e-3)
    first = case.loss(module, case.views(module)).loss.item()
    for step in range(60):
        out = case.loss(module, case.views(module, seed=step))
        optimizer.zero_grad()
        out.loss.backward()
        optimizer.step()
    assert first == pytest.approx(case.task.chance(case.info, 12), abs=0.2)
    assert out.loss < 0.4


def test_the_illustration_shows_the_segments_and_the_answer(case_of):
    case = case_of(SentenceOrder(), "text", "text")
    views = case.views(case.build())
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    for row, ids, target in zip(
        shown.rows, views.inputs[0].tolist(), views.targets[0].tolist(), strict=True
    ):
        _, sees, answer = row
        assert [token for token, _ in sees.tokens] == [str(i) for i in ids if i != PAD]
        assert [name for name, mark in answer.tokens if mark] == [ANSWERS[target]]


def test_texts_of_one_sentence_are_refused(case_of):
    info = dataclasses.replace(case_of(SentenceOrder(), "text", "text").info, sentences=1.0)
    with pytest.raises(RequestError, match="at least 2 sentences"):
        SentenceOrder().check(info)
