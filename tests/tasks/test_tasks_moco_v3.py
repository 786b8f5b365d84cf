"""MoCo v3: the loss is algorithm 1's, there is no queue, and the teacher comes to rest."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from workbench.tasks.base import Context
from workbench.tasks.moco_v3 import MoCoV3, contrast


def ctr(q: np.ndarray, k: np.ndarray, temperature: float) -> float:
    """Algorithm 1 of the paper, image by image."""
    q = q / np.linalg.norm(q, axis=1, keepdims=True)
    k = k / np.linalg.norm(k, axis=1, keepdims=True)
    total = 0.0
    for i in range(len(q)):
        logits = [float(q[i] @ k[j]) / temperature for j in range(len(k))]
        total -= logits[i] - math.log(sum(math.exp(x) for x in logits))
    return 2 * temperature * total / len(q)


def gradient_by_differences(q: np.ndarray, k: np.ndarray, temperature: float) -> np.ndarray:
    out = np.zeros_like(q)
    for place in np.ndindex(q.shape):
        step = np.zeros_like(q)
        step[place] = 1e-6
        out[place] = (ctr(q + step, k, temperature) - ctr(q - step, k, temperature)) / 2e-6
    return out


@pytest.mark.parametrize("temperature", [0.1, 0.2, 1.0])
@pytest.mark.parametrize("batch", [2, 5])
def test_the_loss_and_its_gradient_are_algorithm_1(batch, temperature, rng):
    q, k = torch.randn(2, batch, 4, generator=rng, dtype=torch.float64)
    q.requires_grad_()
    loss, _ = contrast(q, k, temperature)
    loss.backward()
    plain = q.detach().numpy()
    assert loss.item() == pytest.approx(ctr(plain, k.numpy(), temperature), rel=1e-5)
    expected = gradient_by_differences(plain, k.numpy(), temperature)
    assert q.grad.numpy() == pytest.approx(expected, rel=1e-5, abs=1e-7)


def test_both_orders_count_with_the_students_predictions_and_the_teachers_keys(case_of):
    case = case_of(MoCoV3(out=16), "conv", "gray 28")
    module = case.build().eval()
    with torch.no_grad():
        for parameter in module.teacher.parameters():
            parameter.mul_(1.1)
        views = case.views(module)
        z = [module.projector(module.encoder(x)) for x in views.inputs]
        q1, q2 = (module.predictor(each).numpy() for each in z)
        k1, k2 = (module.teacher.projector(module.teacher.encoder(x)).numpy() for x in views.inputs)
    out = case.loss(module, views)
    assert out.loss.item() == pytest.approx(ctr(q1, k2, 0.2) + ctr(q2, k1, 0.2), rel=1e-5)
    assert torch.allclose(out.z, torch.cat(z), atol=1e-5)


def test_views_may_change_places(case_of):
    case = case_of(MoCoV3(), "conv", "gray 28")
    module = case.build()
    views = case.views(module)
    loss = case.loss(module, views).loss
    views.inputs = views.inputs[::-1]
    assert torch.allclose(case.loss(module, views).loss, loss, atol=1e-5)


@pytest.mark.parametrize("temperature", [0.1, 0.5])
def test_a_collapsed_model_is_at_chance(temperature):
    task = MoCoV3(temperature=temperature)
    same = torch.ones(16, 8)
    loss, found = contrast(same, same, temperature)
    assert 2 * loss.item() == pytest.approx(task.chance(None, 16), rel=1e-5)
    assert task.chance(None, 16) == pytest.approx(4 * temperature * math.log(16))
    assert found == pytest.approx(1 / 16)


def test_agreement_among_strangers_is_0():
    loss, found = contrast(torch.eye(5), 3 * torch.eye(5), 0.05)
    assert loss < 1e-5
    assert found == 1


def test_there_is_no_queue_and_both_heads_end_in_a_norm(case_of):
    module = case_of(MoCoV3(), "vit", "gray 28").build()
    assert not hasattr(module, "queue")
    for head in (module.projector, module.predictor):
        assert isinstance(head[-1], torch.nn.BatchNorm1d)
        assert not head[-1].affine
    assert not hasattr(module.teacher, "predictor")


@pytest.mark.parametrize(("progress", "momentum"), [(0.0, 0.9), (0.5, 0.95), (1.0, 1.0)])
def test_the_teacher_comes_to_rest(progress, momentum, case_of):
    case = case_of(MoCoV3(momentum=0.9), "conv", "gray 28")
    module = case.build()
    before = [p.clone() for p in module.teacher.parameters()]
    students = [*module.encoder.parameters(), *module.projector.parameters()]
    for parameter in students:
        parameter.data.add_(1.0)
    case.task.after_step(module, progress)
    for old, new, student in zip(before, module.teacher.parameters(), students, strict=True):
        assert torch.allclose(new, momentum * old + (1 - momentum) * student, atol=1e-6)


def test_no_gradient_reaches_the_teacher(case_of):
    case = case_of(MoCoV3(), "conv", "gray 28")
    module = case.build()
    case.loss(module, case.views(module)).loss.backward()
    assert all(p.grad is None for p in module.teacher.parameters())
    for part in (module.projector, module.predictor):
        assert all(p.grad is not None for p in part.parameters())


def test_keys_of_all_devices_are_negatives(case_of, rng):
    case = case_of(MoCoV3(), "conv", "gray 28")
    module = case.build()
    views = case.views(module)

    def twice(x: torch.Tensor) -> torch.Tensor:
        return torch.cat([x, torch.randn(x.shape, generator=rng)])

    alone = case.task.loss(module, views, Context()).loss
    assert case.task.loss(module, views, Context(gather=twice)).loss > alone


def test_training_finds_the_partners(case_of):
    case = case_of(MoCoV3(hidden=64, out=16), "conv", "gray 28")
    module = case.build()
    optimizer = torch.optim.AdamW(case.task.parameter_groups(module), lr=5e-3)
    views = case.views(module)
    losses = []
    for step in range(20):
        out = case.loss(module, views)
        optimizer.zero_grad()
        out.loss.backward()
        optimizer.step()
        case.task.after_step(module, step / 20)
        losses.append(out.loss.item())
    assert losses[-1] < 0.5 * losses[0]
    assert out.logs["partner_found"] > 0.9
    assert F.normalize(out.z).std(dim=0).mean() > 0.1
