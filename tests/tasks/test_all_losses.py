"""What holds for the loss and the gradients of every task, on all data and encoders."""

from __future__ import annotations

import math

import torch

# Parameters of an encoder that not every task uses.
_MAY_BE_UNUSED = ("mask_token",)


def test_the_loss_is_a_finite_number(computed):
    out = computed.out
    assert out.loss.shape == ()
    assert out.loss.dtype == torch.float32
    assert torch.isfinite(out.loss)
    for name, value in out.logs.items():
        assert value.numel() == 1, name
        assert torch.isfinite(value).all(), name
        assert name != "accuracy" or not value.requires_grad


def test_gradients_reach_what_learns_and_nothing_else(computed):
    """Encoder and heads learn; a teacher, which follows by itself, has no gradient."""
    module = computed.module
    teacher = {id(p) for p in getattr(module, "teacher", torch.nn.Module()).parameters()}
    for name, parameter in module.named_parameters():
        if id(parameter) in teacher:
            assert not parameter.requires_grad, name
        if not parameter.requires_grad:
            assert parameter.grad is None, name
        elif not name.endswith(_MAY_BE_UNUSED):
            assert parameter.grad is not None, name
    for name, child in module.named_children():
        learns = any(parameter.requires_grad for parameter in child.parameters())
        if learns and name != "teacher":
            gradients = [p.grad for p in child.parameters() if p.grad is not None]
            assert any(gradient.any() for gradient in gradients), f"{name} has no gradient but 0"
            assert all(torch.isfinite(gradient).all() for gradient in gradients), name


def test_the_optimizer_gets_every_parameter_once(computed):
    module = computed.module
    grouped = [p for group in computed.case.task.parameter_groups(module) for p in group["params"]]
    trained = [p for p in module.parameters() if p.requires_grad]
    assert len(grouped) == len(trained)
    assert {id(p) for p in grouped} == {id(p) for p in trained}


def test_projections_are_what_the_collapse_check_judges(computed):
    case, module, out = computed.case, computed.module, computed.out
    with torch.no_grad():
        h = module.encoder(case.batch.clean())
        z = case.task.project(module, h)
    assert h.shape == (case.batch.size, module.encoder.dim)
    if case.task.joint_embedding:
        assert z.shape[0] == case.batch.size
        assert out.z is not None
        assert out.z.shape[1] == z.shape[1]
        assert torch.isfinite(z).all()
    else:
        assert z is None


def test_chance_is_a_loss(computed):
    chance = computed.case.task.chance(computed.case.info, 64)
    assert chance is None or (math.isfinite(chance) and chance > 0)
