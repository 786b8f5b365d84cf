"""EMP-SSL: the coding rate by eigenvalues, agreement by loops, and what patches show."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch

from workbench.augment.policy import Policy
from workbench.errors import RequestError
from workbench.tasks.base import Batch, IllustrationData
from workbench.tasks.emp_ssl import EMPSSL, coding_rate, share_for, similarity_to_mean
from workbench.tasks.parts.render import pixels


def rate_by_samples(z: torch.Tensor, epsilon: float) -> torch.Tensor:
    """Equation 1 from the other side: eigenvalues of Z Z^T, one a sample, instead of Z^T Z."""
    samples, dims = z.shape
    eigenvalues = torch.linalg.eigvalsh(z @ z.T)
    return torch.log(1 + dims / (samples * epsilon) * eigenvalues).sum() / 2


@pytest.mark.parametrize(("samples", "dims"), [(3, 8), (12, 5)])
def test_value_and_gradient_of_the_rate_are_those_of_equation_1(samples, dims, rng):
    z = torch.nn.functional.normalize(torch.randn(samples, dims, generator=rng), dim=1)
    z.requires_grad_()
    ours, theirs = coding_rate(z, 0.2), rate_by_samples(z.double(), 0.2)
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)
    gradients = [torch.autograd.grad(loss, z)[0] for loss in (ours, theirs)]
    assert torch.allclose(*gradients, atol=1e-5)


def test_value_and_gradient_of_the_agreement_are_those_of_loops(rng):
    z = torch.randn(4, 3, 5, generator=rng).requires_grad_()
    total = 0.0
    for sample in range(3):
        mean = sum(z[patch, sample].double() for patch in range(4)) / 4
        for patch in range(4):
            one = z[patch, sample].double()
            total = total + (one @ mean) / (one.norm() * mean.norm()) / 12
    ours = similarity_to_mean(z)
    assert ours.item() == pytest.approx(total.item(), rel=1e-5)
    gradients = [torch.autograd.grad(loss, z)[0] for loss in (ours, total)]
    assert torch.allclose(*gradients, atol=1e-5)


def test_limits_of_the_rate():
    """Nothing to code: 0. One point: one direction. All directions alike: the most."""
    point = torch.eye(4)[:1].expand(12, -1)
    full = torch.eye(4).repeat(3, 1)
    assert coding_rate(torch.zeros(12, 4), 0.2).item() == 0
    assert coding_rate(point, 0.2).item() == pytest.approx(math.log(1 + 4 / 0.2) / 2, rel=1e-5)
    assert coding_rate(full, 0.2).item() == pytest.approx(4 / 2 * math.log(1 + 1 / 0.2), rel=1e-5)


def test_the_loss_is_agreement_minus_the_rate_of_each_patch(case_of):
    case = case_of(EMPSSL(patches=3, agreement=2.0, out=16), "conv", "gray 28")
    module = case.build().eval()
    views = case.views(module)
    z = torch.stack([module.projector(module.encoder(x)) for x in views.inputs])
    z = z / z.norm(dim=2, keepdim=True)
    rate = sum(rate_by_samples(patch.double(), 0.2) for patch in z) / 3 / 16
    expected = 2 * (1 - similarity_to_mean(z)) - rate
    out = case.loss(module, views)
    assert out.loss.item() == pytest.approx(expected.item(), rel=1e-4)
    assert torch.allclose(out.z, z.flatten(0, 1), atol=1e-5)


def test_each_patch_keeps_the_same_share(case_of, rng):
    """What patches show is measured: red says the column, green the row that a pixel came from."""
    case = case_of(EMPSSL(patches=5), "conv", "colour 32")
    ramp = (8 * torch.arange(32)).byte()
    case.batch.images[:, 0] = ramp
    case.batch.images[:, 1] = ramp[:, None]
    views = case.task.views(case.build(), case.batch, Policy((), case.info), rng)
    assert len(views.inputs) == 5
    for x in views.inputs:
        # Median steps from pixel to pixel: a crop of half the width halves them.
        wide, high = x[:, 0].diff(dim=2).abs(), x[:, 1].diff(dim=1).abs()
        area = wide.flatten(1).median(dim=1).values * high.flatten(1).median(dim=1).values
        assert torch.allclose(area * (255 / 8) ** 2, torch.tensor(0.25), rtol=0.05)
    assert not torch.equal(views.inputs[0], views.inputs[1])


@pytest.mark.parametrize(("side", "share"), [(8, 36 / 64), (12, 0.25), (28, 0.25), (5, 1.0)])
def test_auto_takes_a_quarter_and_more_of_tiny_images(side, share, case_of):
    assert share_for(side) == pytest.approx(share)
    info = dataclasses.replace(case_of(EMPSSL(), "conv", "gray 28").info, size=(side, side))
    (note,) = EMPSSL().notes(info)
    assert f"{share:.0%}" in note
    assert EMPSSL(share=0.3).notes(info) == ()


@pytest.mark.parametrize("kind", ["conv", "vit"])
def test_patches_are_enlarged_or_half_as_wide(kind, case_of):
    case = case_of(EMPSSL(patches=2), kind, "gray 28")
    assert [x.shape[2:] for x in case.views(case.build()).inputs] == [(28, 28)] * 2
    case = case_of(EMPSSL(patches=2, enlarge=False), kind, "gray 28")
    module = case.build()
    views = case.views(module)
    assert [x.shape[2:] for x in views.inputs] == [(12, 12)] * 2
    assert torch.isfinite(case.loss(module, views).loss)


def test_the_illustration_shows_the_patches(case_of):
    case = case_of(EMPSSL(patches=3), "conv", "colour 32")
    views = case.views(case.build())
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    assert [panel.caption for panel in shown.rows[0][1:]] == ["patch 1", "patch 2", "patch 3"]
    for row, panels in enumerate(shown.rows):
        for panel, x in zip(panels[1:], views.inputs, strict=True):
            assert (panel.image == pixels(x[row])).all()


def test_one_sample_is_refused(case_of):
    case = case_of(EMPSSL(), "conv", "gray 28")
    module = case.build()
    one = Batch(case.batch.index[:1], images=case.batch.images[:1])
    with pytest.raises(RequestError, match="batch of 1 is too small"):
        case.loss(module, case.views(module, batch=one))


def train(case, steps=25):
    module = case.build()
    optimizer = torch.optim.AdamW(module.parameters(), lr=3e-3)
    shown = [case.views(module, seed=seed) for seed in range(2)]
    outs = []
    for step in range(steps):
        outs.append(case.loss(module, shown[step % 2]))
        optimizer.zero_grad()
        outs[-1].loss.backward()
        optimizer.step()
    return outs


def test_training_spreads_images_and_with_agreement_alone_all_meet(case_of):
    outs = train(case_of(EMPSSL(patches=3, out=8), "conv", "gray 28"))
    assert outs[-1].loss < outs[0].loss - 0.1
    meeting = train(case_of(EMPSSL(patches=3, out=8, agreement=100.0), "conv", "gray 28"))
    assert meeting[-1].logs["similarity"] > 0.97
    assert meeting[-1].logs["coding_rate"] < 0.7 * outs[-1].logs["coding_rate"]
