"""LeJEPA: the Epps-Pulley statistic by sums, by its closed form, and what it tells apart."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from workbench.errors import RequestError
from workbench.tasks.base import Batch, IllustrationData
from workbench.tasks.lejepa import LeJEPA, prediction_term, sigreg
from workbench.tasks.parts.render import pixels


def by_sums(z: torch.Tensor, directions: torch.Tensor, knots: int) -> torch.Tensor:
    """Along each direction: the characteristic function sample by sample, knot by knot."""
    step = 3 / (knots - 1)
    statistics = []
    for view in z:
        for direction in directions.T:
            along = [(sample * direction).sum() for sample in view]
            total = 0.0
            for knot in range(-(knots - 1), knots):
                t = knot * step
                real = sum(torch.cos(t * x) for x in along) / len(along)
                imaginary = sum(torch.sin(t * x) for x in along) / len(along)
                gauss = math.exp(-(t**2) / 2)
                share = 0.5 if abs(knot) == knots - 1 else 1.0
                total = total + share * step * gauss * ((real - gauss) ** 2 + imaginary**2)
            statistics.append(len(along) * total)
    return sum(statistics) / len(statistics)


def closed_form(x: np.ndarray) -> float:
    """Epps and Pulley's integral over the whole line, for one direction."""
    n = len(x)
    pairs = np.exp(-((x[:, None] - x[None]) ** 2) / 2).sum() / n
    cross = 2 * np.exp(-(x**2) / 4).sum() / math.sqrt(2)
    return math.sqrt(2 * math.pi) * (pairs - cross + n / math.sqrt(3))


def unit(directions: torch.Tensor) -> torch.Tensor:
    return directions / directions.norm(dim=0)


@pytest.mark.parametrize("knots", [3, 17])
def test_value_and_gradient_are_those_of_the_sums(knots, rng):
    z = torch.randn(2, 5, 3, generator=rng).requires_grad_()
    directions = unit(torch.randn(3, 4, generator=rng))
    ours, theirs = sigreg(z, directions, knots), by_sums(z.double(), directions, knots)
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)
    gradients = [torch.autograd.grad(loss, z)[0] for loss in (ours, theirs)]
    assert torch.allclose(*gradients, atol=1e-5)


@pytest.mark.parametrize("scale", [0.3, 1.0, 2.0])
def test_the_sums_are_near_the_whole_integral(scale, rng):
    x = scale * torch.randn(200, generator=rng)
    statistic = sigreg(x[None, :, None], torch.ones(1, 1), 17).item()
    assert statistic == pytest.approx(closed_form(x.double().numpy()), rel=0.05, abs=0.05)


def test_limits(rng):
    directions = unit(torch.randn(8, 64, generator=rng))
    gaussian = [
        sigreg(torch.randn(20, n, 8, generator=rng), directions, 17).item() for n in (16, 256)
    ]
    assert gaussian == pytest.approx([1.05, 1.05], abs=0.2)
    assert sigreg(torch.zeros(1, 64, 8), directions, 17).item() == pytest.approx(0.4 * 64, rel=0.02)


def test_more_than_variance_and_covariance_counts(rng):
    """Two points at -1 and 1 have mean 0 and variance 1, enough for VICReg, and are no Gaussian."""
    two = torch.tensor([-1.0, 1.0]).repeat(100)[None, :, None]
    gauss = torch.randn(1, 200, 1, generator=rng)
    gauss = (gauss - gauss.mean()) / gauss.std()
    one = torch.ones(1, 1)
    assert sigreg(two, one, 17) > 10 * sigreg(gauss, one, 17)


def test_a_line_in_space_is_no_gaussian_from_most_sides(rng):
    directions = unit(torch.randn(8, 64, generator=rng))
    line = torch.randn(1, 256, 1, generator=rng).expand(-1, -1, 8)
    full = torch.randn(1, 256, 8, generator=rng)
    assert sigreg(line, directions, 17) > 10 * sigreg(full, directions, 17)


def test_views_are_pulled_to_the_mean_of_the_large_ones():
    z = torch.tensor([[[1.0, 0]], [[3.0, 0]], [[2.0, 6.0]]])
    # Distances to (2, 0): 1, 1 and 36 squared, over 3 views of 2 dimensions.
    assert prediction_term(z, 2).item() == pytest.approx((1 + 1 + 36) / 6)
    assert prediction_term(z, 3).item() == pytest.approx((1 + 4 + 1 + 4 + 16) / 6)
    assert prediction_term(z[:1].expand(4, -1, -1), 2).item() == 0


def test_the_weight_shares_the_loss_between_its_parts(case_of):
    case = case_of(LeJEPA(weight=0.2, small_crops=1), "conv", "gray 28")
    module = case.build()
    out = case.loss(module, case.views(module))
    expected = 0.8 * out.logs["prediction"] + 0.2 * out.logs["gaussian"]
    assert out.loss.item() == pytest.approx(expected.item(), rel=1e-6)


def test_directions_are_new_each_step_of_length_1_and_part_of_the_views(case_of):
    case = case_of(LeJEPA(slices=9, out=6), "conv", "gray 28")
    module = case.build()
    views, other = case.views(module, seed=0), case.views(module, seed=1)
    (directions,) = views.masks
    assert directions.shape == (6, 9)
    assert torch.allclose(directions.norm(dim=0), torch.ones(9), atol=1e-6)
    assert not torch.allclose(directions, other.masks[0])
    module.eval()
    before = case.loss(module, views).loss
    assert torch.equal(before, case.loss(module, views).loss)
    views.masks = other.masks
    assert not torch.allclose(before, case.loss(module, views).loss)


def test_every_view_gets_a_gradient_for_there_is_no_stop_gradient(case_of):
    case = case_of(LeJEPA(weight=0.0, large_views=3), "conv", "gray 28")
    module = case.build().eval()
    views = case.views(module)
    for x in views.inputs:
        x.requires_grad_()
    case.loss(module, views).loss.backward()
    assert all(x.grad.any() for x in views.inputs)
    assert set(dict(module.named_children())) == {"encoder", "projector"}


@pytest.mark.parametrize("kind", ["conv", "vit"])
def test_views_and_small_crops(kind, case_of):
    case = case_of(LeJEPA(large_views=3, small_crops=2), kind, "gray 28")
    module = case.build()
    views = case.views(module)
    assert [x.shape[2] for x in views.inputs] == [28, 28, 28, 12, 12]
    out = case.loss(module, views)
    assert torch.isfinite(out.loss)
    assert out.z.shape == (3 * 12, case.task.out)
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    for row, panels in enumerate(shown.rows):
        for panel, x in zip(panels[1:], views.inputs, strict=True):
            assert (panel.image == pixels(x[row])).all()


def test_one_sample_is_refused(case_of):
    case = case_of(LeJEPA(), "conv", "gray 28")
    module = case.build()
    one = Batch(case.batch.index[:1], images=case.batch.images[:1])
    with pytest.raises(RequestError, match="batch of 1 is too small"):
        case.loss(module, case.views(module, batch=one))


def spread_after_training(case, steps=15):
    """The spread of projections, and the first and last loss."""
    module = case.build()
    optimizer = torch.optim.AdamW(module.parameters(), lr=5e-3)
    shown = [case.views(module, seed=seed) for seed in range(2)]
    losses = []
    for step in range(steps):
        out = case.loss(module, shown[step % 2])
        optimizer.zero_grad()
        out.loss.backward()
        optimizer.step()
        losses.append(out.loss.item())
    return out.z.std(dim=0).mean().item(), losses


def test_training_makes_projections_gaussian_and_without_the_weight_they_collapse(case_of):
    spread, losses = spread_after_training(case_of(LeJEPA(weight=0.2, out=4), "conv", "gray 28"))
    assert losses[-1] < 0.6 * losses[0]
    assert 0.5 < spread < 1.5
    collapsed, _ = spread_after_training(case_of(LeJEPA(weight=0.0, out=4), "conv", "gray 28"))
    assert collapsed < 0.35 * spread
