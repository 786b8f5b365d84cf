"""What holds for a few steps of every task, in full and in half precision."""

from __future__ import annotations

import pytest
import torch


def test_a_step_changes_the_encoder(trained):
    assert trained.moved


def test_three_steps_stay_finite(trained):
    assert all(torch.isfinite(loss) for loss in trained.losses)
    for name, value in trained.module.state_dict().items():
        assert torch.isfinite(value).all(), name


def test_a_checkpoint_is_a_state_dict(trained):
    """What a fresh module computes after loading is what the old one computes."""
    case, module = trained.case, trained.module
    fresh = case.build(seed=1)
    fresh.load_state_dict(module.state_dict())
    views = case.views(module)
    assert torch.equal(case.loss(module, views).loss, case.loss(fresh, views).loss)


def test_half_precision_gives_about_the_same_finite_loss(fresh):
    module = fresh.build()
    views = fresh.views(module)
    with torch.no_grad():
        full = fresh.loss(module, views).loss
    with torch.autocast("cpu", dtype=torch.bfloat16):
        half = fresh.loss(module, views).loss
    half.backward()
    assert half.dtype == torch.float32
    assert half.item() == pytest.approx(full.item(), rel=0.1, abs=0.05)
    assert all(torch.isfinite(p.grad).all() for p in module.parameters() if p.grad is not None)
