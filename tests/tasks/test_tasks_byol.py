"""BYOL: the loss, how the teacher moves, and what the predictor is for."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from workbench.tasks.byol import BYOL, bootstrap


def equation_2(q: np.ndarray, z: np.ndarray) -> float:
    """Mean over images of the squared distance of the vectors of length 1."""
    total = 0.0
    for one, other in zip(q, z, strict=True):
        one, other = one / np.linalg.norm(one), other / np.linalg.norm(other)
        total += sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
    return total / len(q)


def both_orders(q: np.ndarray, z: np.ndarray) -> float:
    half = len(q) // 2
    return equation_2(q[:half], z[half:]) + equation_2(q[half:], z[:half])


@pytest.mark.parametrize("batch", [2, 6])
def test_the_loss_and_its_gradient_are_equation_2_in_both_orders(batch, rng):
    q, z = torch.randn(2, 2 * batch, 5, generator=rng, dtype=torch.float64)
    q.requires_grad_()
    loss = bootstrap(q, z)
    loss.backward()
    plain, target = q.detach().numpy(), z.numpy()
    assert loss.item() == pytest.approx(both_orders(plain, target), rel=1e-5)
    expected = np.zeros_like(plain)
    for place in np.ndindex(plain.shape):
        step = np.zeros_like(plain)
        step[place] = 1e-6
        rise = both_orders(plain + step, target) - both_orders(plain - step, target)
        expected[place] = rise / 2e-6
    assert q.grad.numpy() == pytest.approx(expected, rel=1e-5, abs=1e-7)


def test_limits():
    x = torch.randn(8, 4, generator=torch.Generator().manual_seed(0))
    swapped = x.roll(4, dims=0)
    assert bootstrap(x, swapped).item() == pytest.approx(0, abs=1e-5)
    assert bootstrap(x, -swapped).item() == pytest.approx(8, rel=1e-5)
    assert bootstrap(torch.ones(8, 4), torch.ones(8, 4)).item() == pytest.approx(0, abs=1e-5)
    axes = torch.eye(4)[[0, 1, 2, 3]]
    assert bootstrap(axes, axes).item() == pytest.approx(4, rel=1e-5)
    assert bootstrap(3 * x, 0.1 * swapped).item() == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("predictor", ["mlp", "none"])
def test_the_students_prediction_meets_the_teachers_other_view(predictor, case_of):
    case = case_of(BYOL(predictor=predictor, out=16), "conv", "gray 28")
    module = case.build().eval()
    with torch.no_grad():
        for parameter in module.teacher.parameters():
            parameter.mul_(1.3)
        views = case.views(module)
        z = torch.cat([module.projector(module.encoder(x)) for x in views.inputs])
        q = module.predictor(z) if predictor == "mlp" else z
        target = torch.cat(
            [module.teacher.projector(module.teacher.encoder(x)) for x in views.inputs]
        )
    out = case.loss(module, views)
    assert out.loss.item() == pytest.approx(both_orders(q.numpy(), target.numpy()), rel=1e-5)
    assert torch.allclose(out.z, z, atol=1e-5)


def test_without_predictor_and_with_teacher_as_student_views_need_only_agree(case_of):
    """The way to collapse: nothing of the loss is left where all images have one answer."""
    case = case_of(BYOL(predictor="none"), "conv", "gray 28")
    module = case.build()
    for part in (module, module.teacher):
        part.projector[-1].weight.data.zero_()
    assert case.loss(module, case.views(module)).loss.item() == pytest.approx(0, abs=1e-5)
    assert not list(module.predictor.parameters())


@pytest.mark.parametrize("progress", [0.0, 0.3, 1.0])
def test_the_teacher_moves_less_and_less(progress, case_of):
    case = case_of(BYOL(momentum=0.9), "conv", "gray 28")
    module = case.build()
    tau = 1 - 0.1 * (math.cos(math.pi * progress) + 1) / 2
    before = [p.clone() for p in module.teacher.parameters()]
    students = [*module.encoder.parameters(), *module.projector.parameters()]
    for parameter in students:
        parameter.data.add_(1.0)
    case.task.after_step(module, progress)
    for old, new, student in zip(before, module.teacher.parameters(), students, strict=True):
        assert torch.allclose(new, tau * old + (1 - tau) * student, atol=1e-6)


def test_the_teacher_begins_as_the_student_and_gets_no_gradient(case_of):
    case = case_of(BYOL(), "conv", "gray 28")
    module = case.build()
    for part in ("encoder", "projector"):
        student, teacher = (getattr(each, part).state_dict() for each in (module, module.teacher))
        assert all(torch.equal(student[name], teacher[name]) for name in student)
    assert not hasattr(module.teacher, "predictor")
    case.loss(module, case.views(module)).loss.backward()
    assert all(p.grad is None for p in module.teacher.parameters())
    for part in (module.projector, module.predictor):
        assert all(p.grad is not None for p in part.parameters())


def test_views_may_change_places(case_of):
    case = case_of(BYOL(), "vit", "gray 28")
    module = case.build()
    views = case.views(module)
    loss = case.loss(module, views).loss
    views.inputs = views.inputs[::-1]
    assert torch.allclose(case.loss(module, views).loss, loss, atol=1e-5)


def test_training_learns_to_predict_the_teacher(case_of):
    case = case_of(BYOL(hidden=64, out=16), "conv", "gray 28")
    module = case.build()
    optimizer = torch.optim.AdamW(case.task.parameter_groups(module), lr=3e-3)
    views, losses = case.views(module), []
    for step in range(30):
        out = case.loss(module, views)
        optimizer.zero_grad()
        out.loss.backward()
        optimizer.step()
        case.task.after_step(module, step / 30)
        losses.append(out.loss.item())
    assert losses[0] > 2.5
    assert losses[-1] < 0.5 * losses[0]
