"""VICReg's terms against the paper's equations 1 to 6, entry by entry."""

from __future__ import annotations

import math

import pytest
import torch

from workbench.tasks.vicreg import VICReg, covariance_term, invariance_term, variance_term


def column(z: torch.Tensor, j: int) -> list[float]:
    return [row[j] for row in z.tolist()]


def covariance(z: torch.Tensor, i: int, j: int) -> float:
    a, b = column(z, i), column(z, j)
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    products = [(x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True)]
    return sum(products) / (len(a) - 1)


@pytest.fixture
def pair(rng) -> tuple[torch.Tensor, torch.Tensor]:
    first = torch.randn(9, 4, generator=rng) * torch.tensor([0.2, 0.8, 1.5, 3.0])
    return first, first + 0.3 * torch.randn(9, 4, generator=rng)


def test_variance_is_the_shortfall_of_the_standard_deviation(pair):
    z = pair[0]
    shortfall = [max(0.0, 1 - math.sqrt(covariance(z, j, j) + 1e-4)) for j in range(4)]
    assert sum(shortfall) > 0
    assert variance_term(z).item() == pytest.approx(sum(shortfall) / 4, rel=1e-4)


def test_covariance_is_the_squares_off_the_diagonal(pair):
    z = pair[0]
    squares = [covariance(z, i, j) ** 2 for i in range(4) for j in range(4) if i != j]
    assert covariance_term(z).item() == pytest.approx(sum(squares) / 4, rel=1e-4)


def test_invariance_is_the_mean_squared_difference(pair):
    first, second = (z.tolist() for z in pair)
    squares = [
        (a - b) ** 2 for x, y in zip(first, second, strict=True) for a, b in zip(x, y, strict=True)
    ]
    assert invariance_term(*pair).item() == pytest.approx(sum(squares) / len(squares), rel=1e-4)


def test_the_loss_is_the_weighted_sum(case_of):
    """Variance is averaged over the views and covariance is summed, as in the authors' code."""
    case = case_of(VICReg(invariance=3.0, variance=5.0, covariance=7.0), "conv", "gray 28")
    module = case.build()
    out = case.loss(module, case.views(module))
    first, second = out.z.chunk(2)
    expected = (
        3 * invariance_term(first, second)
        + 5 * (variance_term(first) + variance_term(second)) / 2
        + 7 * (covariance_term(first) + covariance_term(second))
    )
    assert out.loss.item() == pytest.approx(expected.item(), rel=1e-5)
    assert set(out.logs) == {"invariance", "variance", "covariance"}


def test_collapse_is_what_the_terms_say():
    same = torch.ones(8, 5)
    assert variance_term(same).item() == pytest.approx(0.99, abs=1e-6)
    copied = torch.randn(2000, 1, generator=torch.Generator().manual_seed(0)).expand(-1, 5)
    assert covariance_term(copied).item() == pytest.approx(4, rel=0.15)
    assert invariance_term(same, same).item() == 0


def test_a_constant_projection_still_has_a_finite_gradient():
    z = torch.ones(8, 5, requires_grad=True)
    variance_term(z).backward()
    assert torch.isfinite(z.grad).all()


def test_variance_keeps_the_projection_from_collapsing(case_of):
    """A few hundredths of a second of training, with the term and without it."""
    spread = {}
    for weight in (0.0, 25.0):
        case = case_of(VICReg(variance=weight, covariance=0.0, width=16), "conv", "gray 28")
        module = case.build()
        optimizer = torch.optim.AdamW(module.parameters(), lr=1e-2)
        for step in range(25):
            out = case.loss(module, case.views(module, seed=step))
            optimizer.zero_grad()
            out.loss.backward()
            optimizer.step()
        spread[weight] = out.z.std(dim=0).mean().item()
    assert spread[0.0] < 0.3 * spread[25.0]
