"""Barlow Twins against equations 1 and 2 of the paper, written out entry by entry."""

from __future__ import annotations

import pytest
import torch

from workbench.augment.policy import Policy
from workbench.errors import RequestError
from workbench.tasks.barlow_twins import (
    BarlowTwins,
    agreement_term,
    cross_correlation,
    redundancy_term,
)
from workbench.tasks.base import Batch, IllustrationData
from workbench.tasks.parts.render import pixels


def by_entries(first, second, weight):
    """Equation 1, with C_ij as a quotient of sums over the batch (equation 2)."""
    first, second = first - first.mean(0), second - second.mean(0)
    total = 0.0
    for i in range(first.shape[1]):
        for j in range(first.shape[1]):
            a, b = first[:, i], second[:, j]
            c = (a * b).sum() / ((a**2).sum().sqrt() * (b**2).sum().sqrt())
            total = total + ((1 - c) ** 2 if i == j else weight * c**2)
    return total


@pytest.mark.parametrize("weight", [0.0, 0.02, 1.0])
def test_value_and_gradient_are_those_of_equation_1(weight, rng):
    # Wide projections, beside which the constant under the root is nothing.
    first = (5 * torch.randn(6, 4, generator=rng)).requires_grad_()
    second = first.detach() + 3 * torch.randn(6, 4, generator=rng)
    correlation = cross_correlation(first, second)
    ours = agreement_term(correlation) + weight * redundancy_term(correlation)
    theirs = by_entries(first.double(), second.double(), weight)
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)
    (our_gradient,) = torch.autograd.grad(ours, first)
    (their_gradient,) = torch.autograd.grad(theirs, first)
    assert torch.allclose(our_gradient, their_gradient, atol=1e-5)


def test_the_loss_weighs_its_parts(case_of):
    case = case_of(BarlowTwins(redundancy=0.3, width=8), "conv", "gray 28")
    module = case.build()
    out = case.loss(module, case.views(module))
    expected = out.logs["agreement"] + 0.3 * out.logs["redundancy"]
    assert out.loss.item() == pytest.approx(expected.item(), rel=1e-6)
    first, second = out.z.chunk(2)
    theirs = by_entries(first.double(), second.double(), 0.3)
    assert out.loss.item() == pytest.approx(theirs.item(), rel=1e-2)


def test_limits():
    """Agreeing and uncorrelated: 0. One line for all: only redundancy. A point: no agreement."""
    perfect = torch.tensor([[1.0, 1], [1, -1], [-1, 1], [-1, -1]])
    line = perfect[:, :1].expand(4, 3)
    point = torch.ones(4, 3)
    parts = {}
    for name, z in {"perfect": perfect, "line": line, "point": point}.items():
        correlation = cross_correlation(z, z)
        parts[name] = (agreement_term(correlation).item(), redundancy_term(correlation).item())
    assert parts["perfect"] == pytest.approx((0, 0), abs=1e-6)
    assert parts["line"] == pytest.approx((0, 3 * 2), abs=1e-3)
    assert parts["point"] == pytest.approx((3, 0), abs=1e-6)


def test_scale_and_offset_do_not_count_and_views_can_be_swapped(rng):
    """Unlike in VICReg, where each dimension must reach a spread of 1."""
    first, second = torch.randn(2, 16, 3, generator=rng)
    correlation = cross_correlation(first, second)
    moved = cross_correlation(first * torch.tensor([9.0, 0.5, 3.0]) + 4, second)
    assert torch.allclose(correlation, moved, atol=1e-4)
    assert torch.allclose(cross_correlation(second, first), correlation.T, atol=1e-6)


def test_the_correlation_is_between_the_views_and_not_within_one(rng):
    """Two copied dimensions in one view cost nothing if the other view does not know them."""
    first = torch.randn(4096, 1, generator=rng).expand(-1, 2)
    stranger = torch.randn(4096, 2, generator=rng)
    assert redundancy_term(cross_correlation(first, stranger)) < 0.01
    assert redundancy_term(cross_correlation(first, first)) > 1.99


def test_the_illustration_shows_the_views(case_of):
    case = case_of(BarlowTwins(), "conv", "colour 32")
    views = case.views(case.build())
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    for row, (_, first, second) in enumerate(shown.rows):
        assert (first.image == pixels(views.inputs[0][row])).all()
        assert (second.image == pixels(views.inputs[1][row])).all()


def test_one_sample_is_refused(case_of):
    case = case_of(BarlowTwins(), "conv", "gray 28")
    module = case.build()
    one = Batch(case.batch.index[:1], images=case.batch.images[:1])
    with pytest.raises(RequestError, match="batch of 1 is too small"):
        case.loss(module, case.views(module, batch=one))


def train(case, steps=25):
    """Losses of ``steps`` steps on un-augmented views, which can agree."""
    module = case.build()
    optimizer = torch.optim.AdamW(module.parameters(), lr=1e-2)
    rng = torch.Generator().manual_seed(0)
    outs = []
    for _ in range(steps):
        views = case.task.views(module, case.batch, Policy((), case.info), rng)
        outs.append(case.loss(module, views))
        optimizer.zero_grad()
        outs[-1].loss.backward()
        optimizer.step()
    return outs


def test_training_takes_redundancy_away_unless_its_weight_is_0(case_of):
    outs = train(case_of(BarlowTwins(width=16, redundancy=1.0), "conv", "gray 28"))
    assert outs[-1].loss < 0.5 * outs[0].loss
    kept = train(case_of(BarlowTwins(width=16, redundancy=0.0), "conv", "gray 28"))
    assert kept[-1].logs["redundancy"] > 3 * outs[-1].logs["redundancy"]
