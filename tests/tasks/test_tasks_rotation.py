"""Rotation: which turn is which, that all are as frequent, and the loss."""

from __future__ import annotations

import math

import pytest
import torch

from workbench.errors import RequestError
from workbench.tasks.rotation import TURNS, Rotation, turn


def test_turns_are_quarter_turns_to_the_left():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]]).expand(4, 1, 2, 2)
    turned = turn(x, torch.arange(4))[:, 0].tolist()
    assert turned == [
        [[1, 2], [3, 4]],
        [[2, 4], [1, 3]],
        [[4, 3], [2, 1]],
        [[3, 1], [4, 2]],
    ]


def test_the_turns_of_a_batch_are_as_frequent(case_of):
    case = case_of(Rotation(), "conv", "gray 28")
    (target,) = case.views(case.build()).targets
    assert torch.bincount(target).tolist() == [3, 3, 3, 3]


def test_turning_back_gives_the_same_picture_in_all_four(case_of):
    case = case_of(Rotation(all_turns=True), "conv", "colour 32")
    views = case.views(case.build())
    assert len(views.inputs) == len(views.targets) == len(TURNS)
    back = [turn(x, (4 - t) % 4) for x, t in zip(views.inputs, views.targets, strict=True)]
    assert all(torch.equal(back[0], other) for other in back[1:])
    seen = torch.stack(views.targets).sort(dim=0).values
    assert torch.equal(seen, torch.arange(4)[:, None].expand(4, 12))


def test_the_loss_is_the_cross_entropy_of_the_turns(case_of):
    case = case_of(Rotation(), "conv", "gray 28")
    module = case.build().eval()
    views = case.views(module)
    logits = module.head(module.encoder(views.inputs[0])).tolist()
    terms = [
        math.log(sum(math.exp(value) for value in row)) - row[right]
        for row, right in zip(logits, views.targets[0].tolist(), strict=True)
    ]
    assert case.loss(module, views).loss.item() == pytest.approx(sum(terms) / 12, rel=1e-5)
    assert case.task.chance(case.info, 64) == pytest.approx(math.log(4))


def test_pictures_that_are_not_square_are_refused(case_of):
    import dataclasses

    info = dataclasses.replace(case_of(Rotation(), "conv", "gray 28").info, size=(20, 30))
    with pytest.raises(RequestError, match="20 x 30") as caught:
        Rotation().check(info)
    assert caught.value.remedy == "Give --size 20 for square images."


def test_the_illustration_names_the_right_turn(case_of):
    from workbench.tasks.base import IllustrationData

    case = case_of(Rotation(), "conv", "gray 28")
    views = case.views(case.build())
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    for row, target in zip(shown.rows, views.targets[0].tolist(), strict=True):
        answer = row[-1]
        assert answer.role == "answers"
        assert [mark for _, mark in answer.tokens] == [
            "right" if i == target else "" for i in range(4)
        ]
