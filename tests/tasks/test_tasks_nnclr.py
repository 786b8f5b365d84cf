"""NNCLR: whose neighbour is taken, from what queue, and what is compared with it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from workbench.tasks.base import Context
from workbench.tasks.nnclr import NNCLR, contrast, nearest
from workbench.tasks.parts import queue


def unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def by_loops(friends: np.ndarray, p: np.ndarray, temperature: float) -> float:
    """Equation 3: among the predictions of the batch, the one of the friend's own image."""
    friends, p = unit(friends), unit(p)
    total = 0.0
    for i in range(len(p)):
        terms = [math.exp(float(friends[i] @ p[k]) / temperature) for k in range(len(p))]
        total -= math.log(terms[i] / sum(terms))
    return total / len(p)


def gradient_by_differences(friends, p, temperature) -> np.ndarray:
    out = np.zeros_like(p)
    for place in np.ndindex(p.shape):
        step = np.zeros_like(p)
        step[place] = 1e-6
        upper, lower = (by_loops(friends, p + s * step, temperature) for s in (1, -1))
        out[place] = (upper - lower) / 2e-6
    return out


@pytest.mark.parametrize("temperature", [0.1, 0.5])
@pytest.mark.parametrize("batch", [2, 5])
def test_the_loss_and_its_gradient_are_equation_3(batch, temperature, rng):
    friends, p = torch.randn(2, batch, 4, generator=rng, dtype=torch.float64)
    friends = F.normalize(friends)
    p.requires_grad_()
    loss, _ = contrast(friends, p, temperature)
    loss.backward()
    plain = p.detach().numpy()
    assert loss.item() == pytest.approx(by_loops(friends.numpy(), plain, temperature), rel=1e-5)
    expected = gradient_by_differences(friends.numpy(), plain, temperature)
    assert p.grad.numpy() == pytest.approx(expected, rel=1e-5, abs=1e-7)


def test_the_neighbour_is_the_most_similar_key(rng):
    z, keys = (F.normalize(torch.randn(n, 5, generator=rng)) for n in (7, 20))
    neighbours = nearest(z, keys)
    for row, friend in zip(z, neighbours, strict=True):
        distances = (keys - row).square().sum(dim=1)
        assert torch.equal(friend, keys[distances.argmin()])


def test_neighbours_of_one_view_meet_predictions_of_the_other(case_of):
    case = case_of(NNCLR(out=16, queue_size=20), "conv", "gray 28")
    module = case.build().eval()
    views = case.views(module)
    out = case.loss(module, views)
    with torch.no_grad():
        z1, z2 = (module.projector(module.encoder(x)) for x in views.inputs)
        p1, p2 = (module.predictor(z).numpy() for z in (z1, z2))
    keys = module.queue.keys.numpy()
    n1, n2 = (keys[(unit(z.numpy()) @ keys.T).argmax(axis=1)] for z in (z1, z2))
    expected = (by_loops(n1, p2, 0.1) + by_loops(n2, p1, 0.1)) / 2
    assert out.loss.item() == pytest.approx(expected, rel=1e-5)


def test_the_positive_is_another_image_and_not_the_other_view(case_of):
    """As against SimCLR: what is in the queue decides the loss."""
    case = case_of(NNCLR(queue_size=20), "conv", "gray 28")
    module = case.build()
    views = case.views(module)
    before = case.loss(module, views).loss
    module.queue.keys.copy_(F.normalize(torch.randn(module.queue.keys.shape)))
    assert not torch.allclose(case.loss(module, views).loss, before)


def test_first_views_enter_the_queue_after_the_step(case_of):
    case = case_of(NNCLR(queue_size=30, out=16), "conv", "gray 28")
    module = case.build().eval()
    before = module.queue.keys.clone()
    views = case.views(module)
    case.loss(module, views)
    assert torch.equal(module.queue.keys, before)
    with torch.no_grad():
        z = F.normalize(module.projector(module.encoder(views.inputs[0])))
    case.task.after_step(module, 0.5)
    assert torch.allclose(module.queue.keys[:12], z, atol=1e-5)
    assert torch.equal(module.queue.keys[12:], before[12:])


def test_the_gradient_goes_through_the_predictor_only(case_of):
    """The neighbours are given: without predictions there is nothing to follow."""
    case = case_of(NNCLR(), "conv", "gray 28")
    module = case.build()
    case.loss(module, case.views(module)).loss.backward()
    assert all(p.grad is not None for p in module.predictor.parameters())
    assert not module.queue.keys.requires_grad
    module.zero_grad()
    with torch.no_grad():
        module.predictor[-1].weight.zero_()
        module.predictor[-1].bias.fill_(1.0)
    case.loss(module, case.views(module)).loss.backward()
    assert all(not p.grad.any() for p in module.encoder.parameters())


def test_a_model_that_knows_nothing_is_at_chance():
    task = NNCLR()
    same = F.normalize(torch.ones(16, 8))
    loss, found = contrast(same, same, 0.1)
    assert loss.item() == pytest.approx(task.chance(None, 16), rel=1e-5)
    assert task.chance(None, 16) == pytest.approx(math.log(16))
    assert found == pytest.approx(1 / 16)


def test_with_each_image_as_its_own_neighbour_it_is_solved():
    loss, found = contrast(torch.eye(6), 5 * torch.eye(6), 0.05)
    assert loss < 1e-5
    assert found == 1


def test_projections_of_all_devices_enter_and_are_negatives(case_of, rng):
    case = case_of(NNCLR(queue_size=30), "conv", "gray 28")
    module = case.build()
    views = case.views(module)
    before = module.queue.keys.clone()
    alone = case.task.loss(module, views, Context()).loss
    more = Context(gather=lambda x: torch.cat([x, torch.randn(x.shape, generator=rng)]))
    assert case.task.loss(module, views, more).loss > alone
    queue.push(module.queue)
    assert not torch.equal(module.queue.keys[12:24], before[12:24])


def test_the_queue_follows_the_data_and_a_note_says_so(case_of):
    case = case_of(NNCLR(), "conv", "gray 28")
    count = len(case.build().queue.keys)
    assert count <= 64
    assert f"{count} keys" in case.task.notes(case.info)[0]
    larger = case_of(NNCLR(queue_size=1000), "conv", "gray 28")
    assert len(larger.build().queue.keys) == 64
    assert "in place of 1,000" in larger.task.notes(larger.info)[0]


def test_training_recognises_images_from_their_neighbours(case_of):
    case = case_of(NNCLR(hidden=64, out=16, queue_size=48), "conv", "gray 28")
    module = case.build()
    optimizer = torch.optim.AdamW(case.task.parameter_groups(module), lr=5e-3)
    views = case.views(module)
    for _ in range(40):
        out = case.loss(module, views)
        optimizer.zero_grad()
        out.loss.backward()
        optimizer.step()
        case.task.after_step(module, 0.5)
    assert out.loss < 0.5 * math.log(12)
    assert out.logs["partner_found"] > 0.6
    assert out.logs["neighbour_similarity"] > 0.8
