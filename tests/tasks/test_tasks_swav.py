"""SwAV: shares by Sinkhorn-Knopp, prototypes, and what is predicted from what."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from workbench.tasks.base import Context
from workbench.tasks.parts.sinkhorn import sinkhorn
from workbench.tasks.swav import SwAV


def by_counting(scores: np.ndarray, epsilon: float, iterations: int) -> np.ndarray:
    """The authors' listing (appendix A): prototypes are rows, sums are divided out in turn."""
    q = np.exp(scores.T / epsilon)
    q /= q.sum()
    k, b = q.shape
    for _ in range(iterations):
        for row in range(k):
            q[row] /= q[row].sum() * k
        for column in range(b):
            q[:, column] /= q[:, column].sum() * b
    return (q * b).T


@pytest.mark.parametrize(("epsilon", "iterations"), [(0.05, 3), (0.5, 1), (1.0, 10)])
def test_shares_are_those_of_the_paper(epsilon, iterations, rng):
    scores = torch.rand(9, 5, generator=rng, dtype=torch.float64) * 2 - 1
    expected = by_counting(scores.numpy(), epsilon, iterations)
    assert np.allclose(sinkhorn(scores, epsilon, iterations).numpy(), expected, atol=1e-5)


def test_every_sample_is_shared_out_and_every_prototype_gets_as_much(rng):
    scores = torch.randn(60, 6, generator=rng) + 5 * torch.eye(6)[0]
    shares = sinkhorn(scores, 0.5, 200)
    assert torch.allclose(shares.sum(dim=1), torch.ones(60), atol=1e-5)
    assert torch.allclose(shares.sum(dim=0), torch.full((6,), 10.0), atol=1e-3)


def test_without_balance_all_may_go_to_one_prototype(rng):
    scores = torch.randn(60, 6, generator=rng) * 0.01
    scores[:, 2] += 1
    assert sinkhorn(scores, 0.05, 0)[:, 2].min() > 0.99
    assert sinkhorn(scores, 0.05, 3)[:, 2].mean() == pytest.approx(1 / 6, abs=0.02)


def test_no_epsilon_overflows(rng):
    scores = torch.randn(8, 4, generator=rng) * 100
    assert torch.isfinite(sinkhorn(scores, 1e-3, 3)).all()


def reference(case, module, views, progress) -> torch.Tensor:
    """Equations 1 to 5, view by view, with shares as numbers."""
    prototypes = module.prototypes.double()
    z = []
    for x in views.inputs:
        projected = module.projector(module.encoder(x)).double()
        z.append(projected / projected.norm(dim=1, keepdim=True))
    shares = [
        torch.from_numpy(by_counting((v @ prototypes.T).detach().numpy(), 0.05, 3)) for v in z[:2]
    ]
    terms = []
    for i, q in enumerate(shares):
        for v, code in enumerate(z):
            if i != v:
                p = torch.softmax(code @ prototypes.T / 0.1, dim=1)
                terms.append(-(q * p.log()).sum(dim=1).mean())
    return sum(terms) / len(terms)


@pytest.mark.parametrize("small_crops", [0, 2])
def test_value_and_gradient_are_those_of_the_paper(small_crops, case_of):
    case = case_of(SwAV(prototypes=7, small_crops=small_crops), "conv", "gray 28")
    # In eval mode views do not meet in a batch norm, and may be encoded one by one.
    module = case.build().eval()
    views = case.views(module)
    gradients = []
    ours = case.task.loss(module, views, Context(progress=0.5)).loss
    theirs = reference(case, module, views, 0.5)
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)
    for loss in (ours, theirs):
        gradients.append(
            torch.autograd.grad(loss, [module.prototypes, *module.encoder.parameters()])
        )
    for mine, wanted in zip(*gradients, strict=True):
        assert torch.allclose(mine, wanted, atol=1e-5)


def test_prototypes_are_frozen_at_first(case_of):
    case = case_of(SwAV(frozen=0.1), "conv", "gray 28")
    module = case.build()
    views = case.views(module)
    case.task.loss(module, views, Context(progress=0.09)).loss.backward()
    assert module.prototypes.grad is None
    assert any(p.grad.any() for p in module.encoder.parameters())
    case.task.loss(module, views, Context(progress=0.1)).loss.backward()
    assert module.prototypes.grad.any()


def test_prototypes_keep_length_1(case_of):
    case = case_of(SwAV(), "conv", "gray 28")
    module = case.build()
    assert torch.allclose(module.prototypes.norm(dim=1), torch.ones(case.task.prototypes))
    with torch.no_grad():
        module.prototypes.mul_(3)
    case.task.after_step(module, 0.5)
    assert torch.allclose(module.prototypes.norm(dim=1), torch.ones(case.task.prototypes))


def test_a_model_that_knows_nothing_is_at_chance(case_of):
    case = case_of(SwAV(prototypes=16), "conv", "gray 28")
    module = case.build()
    with torch.no_grad():
        module.prototypes.copy_(module.prototypes[:1].expand(16, -1))
    loss = case.loss(module, case.views(module)).loss
    assert loss.item() == pytest.approx(case.task.chance(case.info, 12), rel=1e-4)
    assert case.task.chance(case.info, 12) == pytest.approx(math.log(16))


def test_small_crops_are_further_questions_and_no_answers(case_of):
    case = case_of(SwAV(small_crops=3), "vit", "gray 28")
    module = case.build()
    views = case.views(module)
    assert [x.shape[2] for x in views.inputs] == [28, 28, 12, 12, 12]
    out = case.loss(module, views)
    assert out.z.shape == (2 * 12, 128)
    assert torch.allclose(out.z.norm(dim=1), torch.ones(24), atol=1e-5)


def test_training_finds_the_clusters(case_of):
    case = case_of(SwAV(prototypes=8, frozen=0.0), "conv", "gray 28")
    module = case.build()
    optimizer = torch.optim.AdamW(module.parameters(), lr=5e-3)
    views = case.views(module)
    losses = []
    for _ in range(25):
        out = case.loss(module, views)
        optimizer.zero_grad()
        out.loss.backward()
        optimizer.step()
        case.task.after_step(module, 0.5)
        losses.append(out.loss.item())
    assert losses[-1] < 0.6 * losses[0]
    assert out.logs["cluster_found"] > 0.8
    assert out.logs["prototypes_used"] > 0.7
