"""What holds for the views and the illustrations of every task, on all data and encoders."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch

from workbench.tasks.base import IllustrationData

# Without augmentations these show the samples as they are.
_NOTHING_DRAWN = ("causal_lm", "supervised")


def tensors(views) -> list[torch.Tensor]:
    return [*views.inputs, *views.targets, *views.masks]


def equal(views, others) -> bool:
    pairs = zip(tensors(views), tensors(others), strict=True)
    return all(a.shape == b.shape and torch.equal(a, b) for a, b in pairs)


def test_the_seed_decides_the_views(drawn):
    case, views = drawn.case, drawn.views
    assert equal(views, case.views(drawn.module, seed=0)), "one seed gave different views"
    if case.augment.steps or case.task.name not in _NOTHING_DRAWN:
        assert not equal(views, case.views(drawn.module, seed=1)), "two seeds gave the same views"


def test_views_carry_no_gradient(drawn):
    assert not any(tensor.requires_grad for tensor in tensors(drawn.views))


def test_views_leave_the_batch_as_it_was(drawn):
    assert torch.equal(drawn.case.data, drawn.before)


def test_labels_do_not_matter_unless_they_are_asked_for(drawn):
    case = drawn.case
    if case.task.needs.labels:
        assert case.task.family == "reference"
        return
    labelled = dataclasses.replace(case.batch, labels=torch.arange(case.batch.size) % 2)
    assert equal(drawn.views, case.views(drawn.module, batch=labelled))


def test_illustrations_show_every_sample_what_is_seen_and_what_is_asked(drawn):
    case = drawn.case
    vocabulary = [f"w{i}" for i in range(case.info.vocabulary or 0)]
    shown = case.task.illustrate(drawn.views, case.batch, IllustrationData(case.info, vocabulary))
    assert shown.question.endswith("?")
    assert len(shown.rows) == case.batch.size
    for row in shown.rows:
        roles = [panel.role for panel in row]
        assert roles[0] == "original"
        assert "sees" in roles
        for panel in row:
            assert panel.caption
            assert (panel.image is None) != (panel.tokens is None)
            if panel.image is not None:
                assert panel.image.dtype == np.uint8
                assert panel.image.ndim == 2 or panel.image.shape[2] == 3
