"""Denoising: which noise, how much, and that the clean picture is asked for."""

from __future__ import annotations

import pytest
import torch

from workbench.errors import RequestError
from workbench.tasks.base import IllustrationData
from workbench.tasks.denoising import Denoising, corrupt

MEAN = torch.tensor([0.2, 0.4, 0.6]).view(3, 1, 1)


def test_gaussian_noise_has_the_deviation_asked_for(rng):
    x = torch.full((2, 3, 100, 100), 0.5)
    strength = torch.tensor([0.05, 0.1]).view(2, 1, 1, 1)
    noise = corrupt(x, strength, "gaussian", MEAN, rng) - x
    assert noise[0].std().item() == pytest.approx(0.05, rel=0.02)
    assert noise[1].std().item() == pytest.approx(0.1, rel=0.02)
    assert noise.mean(dim=(2, 3)).abs().max() < 0.01


@pytest.mark.parametrize("kind", ["mask", "salt_pepper"])
def test_lost_pixels_are_the_share_asked_for_in_all_channels(kind, rng):
    x = 0.25 + 0.5 * torch.rand(2, 3, 100, 100, generator=rng)
    strength = torch.tensor([0.3, 0.6]).view(2, 1, 1, 1)
    noisy = corrupt(x, strength, kind, MEAN, rng)
    lost = (noisy != x).any(dim=1)
    assert lost.float().mean(dim=(1, 2)).tolist() == pytest.approx([0.3, 0.6], abs=0.02)
    values = noisy.movedim(1, -1)[lost]
    if kind == "mask":
        assert torch.equal(values, MEAN.flatten().expand_as(values))
    else:
        assert (values == values[:, :1]).all()
        assert set(values.unique().tolist()) == {0.0, 1.0}
        assert values.mean().item() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("kind", ["gaussian", "mask", "salt_pepper"])
def test_no_strength_is_no_noise_and_pixels_stay_in_range(kind, rng):
    x = torch.rand(4, 3, 16, 16, generator=rng)
    assert torch.equal(corrupt(x, torch.zeros(4, 1, 1, 1), kind, MEAN, rng), x)
    full = corrupt(x, torch.ones(4, 1, 1, 1), kind, MEAN, rng)
    assert full.min() >= 0
    assert full.max() <= 1


def test_each_image_has_its_own_strength(case_of):
    case = case_of(Denoising(kind="mask", strength=0.8), "conv", "colour 32")
    (noisy,), (x,) = (lambda v: (v.inputs, v.targets))(case.views(case.build()))
    lost = (noisy != x).any(dim=1).float().mean(dim=(1, 2))
    assert lost.max() < 0.85
    assert lost.std() > 0.1


def relative(x: torch.Tensor) -> torch.Tensor:
    """Each picture about its mean colour, in units of its contrast, one by one."""
    pictures = []
    for one in x:
        centred = torch.stack([channel - channel.mean() for channel in one])
        pictures.append(centred / (centred**2).mean().sqrt())
    return torch.stack(pictures)


@pytest.mark.parametrize("norm_pix", [True, False])
@pytest.mark.parametrize("data", ["gray 28", "colour 32"])
def test_the_clean_view_is_asked_for_and_only_the_noisy_one_is_seen(norm_pix, data, case_of):
    case = case_of(Denoising(norm_pix=norm_pix), "conv", data)
    module = case.build().eval()
    views = case.views(module)
    painted = module.painter(module.encoder(views.inputs[0]))
    (x,) = views.targets
    target = relative(x) if norm_pix else (x - 0.5) / 0.29
    expected = ((painted - target) ** 2).mean() / (target**2).mean()
    assert case.loss(module, views).loss.item() == pytest.approx(expected.item(), rel=1e-4)


def test_copying_is_the_error_of_giving_back_what_is_seen(case_of):
    case = case_of(Denoising(kind="mask", strength=0.5, norm_pix=False), "conv", "gray 28")
    module = case.build()
    views = case.views(module)
    (noisy,), (x,) = views.inputs, views.targets
    expected = ((noisy - x) ** 2).sum() / ((x - 0.5) ** 2).sum()
    copying = case.loss(module, views).logs["copying"]
    assert copying.item() == pytest.approx(expected.item(), rel=1e-4)


def test_training_paints_better_than_the_mean_colour(case_of):
    case = case_of(Denoising(), "conv", "gray 28")
    ramp = torch.linspace(0, 255, 28).byte()
    case.batch.images = torch.stack([ramp.expand(1, 28, 28), ramp.expand(1, 28, 28).mT] * 6)
    module = case.build()
    optimizer = torch.optim.AdamW(module.parameters(), lr=3e-3)
    losses = []
    for step in range(30):
        loss = case.loss(module, case.views(module, seed=step)).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] == pytest.approx(1, abs=0.3)
    assert losses[-1] < 0.7


def test_the_illustration_shows_what_is_seen_and_asked(case_of):
    case = case_of(Denoising(), "conv", "gray 28")
    views = case.views(case.build())
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    for row, noisy, clean in zip(shown.rows, views.inputs[0], views.targets[0], strict=True):
        assert (row[1].image == (noisy[0] * 255).round().byte().numpy()).all()
        assert (row[2].image == (clean[0] * 255).round().byte().numpy()).all()


def test_no_noise_is_refused(case_of):
    info = case_of(Denoising(), "conv", "gray 28").info
    with pytest.raises(RequestError, match="nothing to take away") as caught:
        Denoising(strength=0.0).check(info)
    assert caught.value.field == "--set strength"
