"""MoCo v2: the loss, what is in the queue and when, and how the key network moves."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from workbench.tasks.base import Batch, Context, IllustrationData
from workbench.tasks.moco_v2 import MoCoV2, info_nce
from workbench.tasks.parts.render import pixels


def by_loops(q: np.ndarray, k: np.ndarray, others: np.ndarray, temperature: float) -> float:
    """Equation 1: the sum runs over the one positive and the K negatives."""
    total = 0.0
    for query, key in zip(q, k, strict=True):
        positive = math.exp(float(query @ key) / temperature)
        negatives = sum(math.exp(float(query @ other) / temperature) for other in others)
        total -= math.log(positive / (positive + negatives))
    return total / len(q)


def gradient_by_hand(q, k, others, temperature) -> np.ndarray:
    """d loss / d q_i = (sum over k' of p(k') k' - k_i) / (B T)."""
    out = np.zeros_like(q)
    for i, (query, key) in enumerate(zip(q, k, strict=True)):
        candidates = np.vstack([key[None], others])
        weights = np.exp(candidates @ query / temperature)
        out[i] = (weights / weights.sum()) @ candidates - key
    return out / (len(q) * temperature)


@pytest.mark.parametrize("temperature", [0.07, 0.2, 1.0])
@pytest.mark.parametrize(("batch", "keys"), [(2, 1), (5, 9)])
def test_the_loss_and_its_gradient_are_equation_1(batch, keys, temperature, rng):
    q, k = (F.normalize(torch.randn(batch, 6, generator=rng, dtype=torch.float64)) for _ in "qk")
    others = F.normalize(torch.randn(keys, 6, generator=rng, dtype=torch.float64))
    q.requires_grad_()
    loss, _ = info_nce(q, k, others, temperature)
    loss.backward()
    arrays = (q.detach().numpy(), k.numpy(), others.numpy(), temperature)
    assert loss.item() == pytest.approx(by_loops(*arrays), rel=1e-5)
    assert q.grad.numpy() == pytest.approx(gradient_by_hand(*arrays), rel=1e-5, abs=1e-9)


def test_a_collapsed_model_is_at_chance_and_finds_nothing(case_of):
    task = MoCoV2(queue_size=20)
    info = case_of(task, "conv", "gray 28").info
    same = F.normalize(torch.ones(8, 4))
    loss, found = info_nce(same, same, same[:1].expand(20, -1), 0.2)
    assert loss.item() == pytest.approx(task.chance(info, 8), rel=1e-5)
    assert task.chance(info, 8) == pytest.approx(math.log(21))
    assert found == 0


def test_own_keys_among_strangers_are_found():
    axes = torch.eye(6)
    loss, found = info_nce(axes[:3], axes[:3], axes[3:], 0.05)
    assert loss < 1e-5
    assert found == 1


def test_queries_are_first_views_and_keys_are_the_key_networks_second_views(case_of):
    case = case_of(MoCoV2(out=16), "conv", "gray 28")
    module = case.build().eval()
    with torch.no_grad():
        for parameter in module.teacher.parameters():
            parameter.mul_(1.1)
    views = case.views(module)
    out = case.loss(module, views)
    with torch.no_grad():
        q = module.projector(module.encoder(views.inputs[0]))
        k = module.teacher.projector(module.teacher.encoder(views.inputs[1]))
    q, k = F.normalize(q), F.normalize(k)
    others = module.queue.keys
    expected = by_loops(q.numpy(), k.numpy(), others.numpy(), 0.2)
    assert out.loss.item() == pytest.approx(expected, rel=1e-5)
    case.task.after_step(module, 0.0)
    assert torch.allclose(module.queue.keys[: len(k)], k, atol=1e-6)


def test_the_batchs_own_keys_enter_after_the_step_and_not_before(case_of):
    """They are no negatives of their own batch, as they are in MoCo v3."""
    case = case_of(MoCoV2(queue_size=30), "conv", "gray 28")
    module = case.build()
    before = module.queue.keys.clone()
    views = case.views(module)
    first = case.loss(module, views).loss
    assert torch.equal(module.queue.keys, before)
    assert torch.equal(case.loss(module, views).loss, first)
    case.task.after_step(module, 0.0)
    assert not torch.equal(module.queue.keys[:12], before[:12])
    assert torch.equal(module.queue.keys[12:], before[12:])


def test_the_oldest_batch_leaves_first(case_of):
    case = case_of(MoCoV2(queue_size=24), "conv", "gray 28")
    module = case.build()
    snapshots = []
    for step in range(3):
        case.loss(module, case.views(module, seed=step))
        case.task.after_step(module, 0.0)
        snapshots.append(module.queue.keys.clone())
    first, second, third = snapshots
    assert torch.equal(second[:12], first[:12])
    assert not torch.equal(third[:12], second[:12])
    assert torch.equal(third[12:], second[12:])


@pytest.mark.parametrize("progress", [0.0, 0.5, 1.0])
def test_the_key_network_moves_by_equation_2_at_constant_speed(progress, case_of):
    """As against MoCo v3, whose teacher comes to rest at the end."""
    case = case_of(MoCoV2(momentum=0.9), "conv", "gray 28")
    module = case.build()
    before = [p.clone() for p in module.teacher.parameters()]
    students = [*module.encoder.parameters(), *module.projector.parameters()]
    for parameter in students:
        parameter.data.add_(1.0)
    case.task.after_step(module, progress)
    for old, new, student in zip(before, module.teacher.parameters(), students, strict=True):
        assert torch.allclose(new, 0.9 * old + 0.1 * student, atol=1e-6)


def test_no_gradient_reaches_key_network_or_queue(case_of):
    case = case_of(MoCoV2(), "conv", "gray 28")
    module = case.build()
    case.loss(module, case.views(module)).loss.backward()
    assert all(p.grad is None for p in module.teacher.parameters())
    assert not module.queue.keys.requires_grad
    assert all(p.grad is not None for p in module.projector.parameters())


def test_keys_of_all_devices_enter(case_of):
    case = case_of(MoCoV2(queue_size=30), "conv", "gray 28")
    module = case.build()
    before = module.queue.keys.clone()
    case.task.loss(module, case.views(module), Context(gather=lambda x: torch.cat([x, x])))
    case.task.after_step(module, 0.0)
    assert torch.equal(module.queue.keys[:12], module.queue.keys[12:24])
    assert torch.equal(module.queue.keys[24:], before[24:])


def test_the_queue_follows_the_data_and_a_note_says_so(case_of):
    case = case_of(MoCoV2(), "conv", "gray 28")
    assert len(case.build().queue.keys) == 32
    assert "32 keys" in case.task.notes(case.info)[0]
    many = dataclasses.replace(case.info, counts={"train": 50_000})
    assert "4,096 keys" in case.task.notes(many)[0]
    larger = case_of(MoCoV2(queue_size=1000), "conv", "gray 28")
    assert len(larger.build().queue.keys) == 64
    assert "64 keys in place of 1,000" in larger.task.notes(larger.info)[0]
    assert MoCoV2(queue_size=10).notes(case.info) == ()


def test_the_illustration_shows_query_and_key(case_of):
    case = case_of(MoCoV2(), "conv", "colour 32")
    views = case.views(case.build())
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    for row, query, key in zip(shown.rows, *views.inputs, strict=True):
        assert [panel.role for panel in row] == ["original", "sees", "found"]
        assert (row[1].image == pixels(query)).all()
        assert (row[2].image == pixels(key)).all()


def test_training_finds_the_own_keys(case_of, rng):
    """Four batches in turn and a queue of two: no image meets its own older key."""
    case = case_of(MoCoV2(hidden=64, out=16, queue_size=24), "conv", "gray 28")
    module = case.build()
    optimizer = torch.optim.AdamW(case.task.parameter_groups(module), lr=5e-3)
    views = []
    for seed in range(4):
        images = torch.randint(0, 256, (12, 1, 28, 28), generator=rng, dtype=torch.uint8)
        views.append(case.views(module, seed, Batch(torch.arange(12), images=images)))
    losses, found = [], []
    for step in range(40):
        out = case.loss(module, views[step % 4])
        optimizer.zero_grad()
        out.loss.backward()
        optimizer.step()
        case.task.after_step(module, step / 40)
        losses.append(out.loss.item())
        found.append(out.logs["key_found"].item())
    assert losses[2] > 2.0
    assert max(losses[-4:]) < 1.5
    assert min(found[-4:]) > 0.5
