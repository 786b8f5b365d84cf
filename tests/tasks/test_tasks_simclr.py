"""NT-Xent against the paper's equation 1, written out with loops."""

from __future__ import annotations

import math

import pytest
import torch

from workbench.tasks.base import Context
from workbench.tasks.simclr import SimCLR, nt_xent


def by_loops(first: torch.Tensor, second: torch.Tensor, temperature: float) -> tuple[float, float]:
    """Views 2k and 2k + 1 are a pair, as the paper counts them."""
    z = [row.tolist() for pair in zip(first, second, strict=True) for row in pair]

    def similarity(i: int, j: int) -> float:
        dot = sum(a * b for a, b in zip(z[i], z[j], strict=True))
        norms = [math.sqrt(sum(a * a for a in z[k])) for k in (i, j)]
        return dot / (norms[0] * norms[1])

    losses, found = [], []
    for i in range(len(z)):
        j = i ^ 1
        others = [k for k in range(len(z)) if k != i]
        total = sum(math.exp(similarity(i, k) / temperature) for k in others)
        losses.append(-math.log(math.exp(similarity(i, j) / temperature) / total))
        found.append(max(others, key=lambda k, i=i: similarity(i, k)) == j)
    return sum(losses) / len(losses), sum(found) / len(found)


@pytest.mark.parametrize("temperature", [0.1, 0.5, 2.0])
@pytest.mark.parametrize("batch", [2, 7])
def test_the_loss_is_equation_1(batch, temperature, rng):
    first = torch.randn(batch, 5, generator=rng)
    second = first + 0.7 * torch.randn(batch, 5, generator=rng)
    loss, found = nt_xent(first, second, temperature)
    expected, share = by_loops(first, second, temperature)
    assert loss.item() == pytest.approx(expected, rel=1e-5, abs=1e-6)
    assert found.item() == pytest.approx(share)


def test_a_collapsed_model_is_at_chance(case_of):
    task = SimCLR()
    same = torch.ones(16, 8)
    assert nt_xent(same, same, 0.2)[0].item() == pytest.approx(task.chance(None, 16), rel=1e-5)
    assert task.chance(None, 16) == pytest.approx(math.log(31))


def test_length_does_not_count(rng):
    first, second = torch.randn(2, 6, 4, generator=rng)
    lengths = torch.rand(6, 1, generator=rng) + 0.5
    assert torch.allclose(nt_xent(first, second, 0.2)[0], nt_xent(first * lengths, second, 0.2)[0])


def test_far_views_and_all_devices_are_gathered(case_of, rng):
    """With twice the samples from another device there are more views to be told from."""
    case = case_of(SimCLR(), "conv", "gray 28")
    module = case.build()
    views = case.views(module)

    def twice(z: torch.Tensor) -> torch.Tensor:
        return torch.cat([z, torch.randn(z.shape, generator=rng)])

    alone = case.task.loss(module, views, Context()).loss
    assert case.task.loss(module, views, Context(gather=twice)).loss > alone


def test_views_are_two_draws(case_of):
    case = case_of(SimCLR(), "conv", "colour 32")
    first, second = case.views(case.build()).inputs
    assert first.shape == second.shape == (12, 3, 32, 32)
    assert ((first - second).abs().amax(dim=(1, 2, 3)) > 0.01).all()


def test_training_finds_the_partners(case_of):
    case = case_of(SimCLR(hidden=64, out=16), "conv", "gray 28")
    module = case.build()
    optimizer = torch.optim.AdamW(module.parameters(), lr=1e-2)
    views = case.views(module)
    losses = []
    for _ in range(15):
        out = case.loss(module, views)
        optimizer.zero_grad()
        out.loss.backward()
        optimizer.step()
        losses.append(out.loss.item())
    assert losses[-1] < 0.5 * losses[0]
    assert out.logs["partner_found"] > 0.9
