"""Medical augmentations and equalisation against formulas written from their definitions."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps

from workbench import registry
from workbench.augment.equalize import Equalize
from workbench.augment.medical import (
    BiasField,
    Elastic,
    IntensityWindow,
    LowResolution,
    PoissonNoise,
    RicianNoise,
)
from workbench.augment.medical_kspace import Ghosting, KSpaceSpike, Motion

MEDICAL = {n: cls for n, cls in registry.augmentations().items() if cls.family == "medical"}
MRI = {"bias_field", "rician_noise", "ghosting", "motion", "kspace_spike"}


@pytest.fixture
def middling(rng) -> torch.Tensor:
    return 0.4 + 0.1 * torch.rand(12, 1, 16, 24, generator=rng)


def test_each_says_which_modality_it_is_for():
    assert set(MEDICAL) == MRI | {"poisson_noise", "low_resolution", "elastic", "intensity_window"}
    for name, cls in MEDICAL.items():
        assert any(word in cls.domains for word in ("MRI", "CT", "X-ray", "microscopy"))
        assert (name in MRI) == cls.domains.startswith("MRI") or name == "low_resolution"


def test_a_bias_field_is_the_exponential_of_a_cubic(middling, rng):
    view = BiasField(coefficients=0.5, order=3, p=1.0).apply(middling, rng)
    y, x = np.meshgrid(np.linspace(-1, 1, 16), np.linspace(-1, 1, 24), indexing="ij")
    cubic = np.stack([y**i * x**j for i in range(4) for j in range(4 - i)], -1).reshape(-1, 10)
    quadratic = cubic[:, [i for i, (a, b) in enumerate(_powers(3)) if a + b <= 2]]
    field = (view / middling).log().reshape(12, -1).double().numpy()
    for each in field:
        coefficients, *_ = np.linalg.lstsq(cubic, each, rcond=None)
        assert np.abs(cubic @ coefficients - each).max() < 1e-4
        assert np.abs(coefficients[1:]).max() <= 0.5 + 1e-3
        poorer, *_ = np.linalg.lstsq(quadratic, each, rcond=None)
        assert np.abs(quadratic @ poorer - each).max() > 1e-3


def _powers(order: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(order + 1) for j in range(order + 1 - i)]


def test_a_bias_field_keeps_the_brightest_value_and_black(middling, rng):
    bright = middling / middling.max()
    view = BiasField(p=1.0).apply(bright, rng)
    assert torch.allclose(view.amax(dim=(1, 2, 3)), bright.amax(dim=(1, 2, 3)))
    assert not BiasField(p=1.0).apply(torch.zeros(2, 1, 8, 8), rng).any()


def test_rician_noise_is_rayleigh_on_black_and_adds_its_power(rng):
    noise = RicianNoise(sigma=(0.05, 0.05), p=1.0)
    dark = noise.apply(torch.zeros(40, 1, 30, 30), rng)
    assert dark.mean() == pytest.approx(0.05 * math.sqrt(math.pi / 2), rel=0.01)
    bright = noise.apply(torch.full((40, 1, 30, 30), 0.5), rng)
    assert bright.square().mean() == pytest.approx(0.25 + 2 * 0.05**2, rel=0.005)
    assert bright.std() == pytest.approx(0.05, rel=0.02)


def test_counting_noise_has_the_variance_of_counts(rng):
    noise = PoissonNoise(counts=(200.0, 200.0), p=1.0)
    for level in (0.1, 0.6):
        view = noise.apply(torch.full((40, 1, 30, 30), level), rng)
        assert view.mean() == pytest.approx(level, rel=0.01)
        assert view.var() == pytest.approx(level / 200, rel=0.05)
    assert not noise.apply(torch.zeros(2, 1, 8, 8), rng).any()


@pytest.mark.parametrize("factor", [2, 4])
def test_coarse_is_cell_means_drawn_out_along_one_axis(factor, middling, rng):
    view = LowResolution(factor=(factor, factor), p=1.0).apply(middling, rng)
    high, wide = middling.shape[2:]
    down = F.interpolate(
        F.avg_pool2d(middling, (factor, 1)), (high, wide), mode="bilinear", align_corners=False
    )
    across = F.interpolate(
        F.avg_pool2d(middling, (1, factor)), (high, wide), mode="bilinear", align_corners=False
    )
    axes = set()
    for each, first, second in zip(view, down, across, strict=True):
        axes.add("down" if torch.allclose(each, first, atol=1e-5) else "across")
        assert torch.allclose(each, first, atol=1e-5) or torch.allclose(each, second, atol=1e-5)
    assert axes == {"down", "across"}


def test_coarse_by_any_factor_keeps_what_is_even(rng):
    x = torch.full((200, 2, 17, 5), 0.3)
    view = LowResolution(factor=(1.0, 16.0), p=1.0).apply(x, rng)
    assert torch.allclose(view, x, atol=1e-5)


def test_coarse_by_one_changes_nothing(middling, rng):
    assert torch.allclose(LowResolution(factor=(1.0, 1.0), p=1.0).apply(middling, rng), middling)


def test_elastic_moves_the_inside_by_no_more_than_asked_and_the_border_not_at_all(rng):
    """On an image whose brightness is its column, a change of brightness shows a shift."""
    x = torch.linspace(0, 1, 41).expand(30, 1, 41, 41).contiguous()
    moved = (Elastic(share=0.05, p=1.0).apply(x, rng) - x)[:, 0]
    for border in (moved[:, 0], moved[:, -1], moved[:, :, 0], moved[:, :, -1]):
        assert border.abs().max() < 1e-5
    # 5 % of 41 pixels, of which 40 take the brightness from 0 to 1.
    assert 0.04 < moved.abs().max() <= 0.05 * 41 / 40 + 1e-4
    assert moved.abs().amax(dim=(1, 2)).min() > 0.005
    # Smooth: neighbours move alike.
    assert moved.diff(dim=1).abs().max() < 0.03


@pytest.mark.parametrize("share", [0.0, 0.02])
def test_elastic_of_no_size_is_the_picture(share, middling, rng):
    view = Elastic(share=share, p=1.0).apply(middling, rng)
    assert torch.allclose(view, middling, atol=1e-6) == (share == 0)


def test_a_window_shows_its_densities_from_black_to_white(rng):
    x = torch.linspace(0, 1, 101).view(1, 1, 1, -1).expand(8, -1, -1, -1)
    view = IntensityWindow(width=(0.5, 0.5), level=0.0, p=1.0).apply(x, rng)
    assert torch.allclose(view, ((x - 0.25) / 0.5).clamp(0, 1), atol=1e-6)
    level = IntensityWindow(width=(0.5, 0.5), level=0.1, p=1.0)
    shifted = level.apply(x[:1].expand(50, -1, -1, -1), rng)
    centres = (0.5 - shifted[:, 0, 0, 50]) * 0.5 + 0.5
    assert centres.min() > 0.4 - 1e-6
    assert centres.max() < 0.6 + 1e-6
    assert centres.std() > 0.03


@pytest.mark.parametrize(("copies", "degrees"), [(2, 90), (4, 60), (8, 30)])
def test_ghosts_are_copies_an_nth_of_the_side_apart(copies, degrees, middling, rng):
    ghosts = Ghosting(copies=(copies, copies), degrees=(degrees, degrees), p=1.0)
    view = ghosts.apply(middling, rng).numpy()
    share = (np.exp(1j * math.radians(degrees)) - 1) / copies
    seen = set()
    for each, x in zip(view, middling.double().numpy(), strict=True):
        expected = []
        for axis in (1, 2):
            rolls = [np.roll(x, j * x.shape[axis] // copies, axis) for j in range(copies)]
            expected.append(np.abs(x + share * sum(rolls)).clip(0, 1))
        near = [np.abs(each - other).max() < 1e-5 for other in expected]
        assert any(near)
        seen.add(near.index(True))
    assert seen == {0, 1}


def test_motion_without_moving_is_the_picture(middling, rng):
    still = Motion(degrees=0.0, share=0.0, p=1.0).apply(middling, rng)
    assert torch.allclose(still, middling, atol=1e-5)
    moved = Motion(p=1.0).apply(middling, rng)
    assert (moved - middling).abs().amax(dim=(1, 2, 3)).median() > 0.01


@pytest.mark.parametrize("moves", [1, 3])
def test_the_centre_is_of_the_patient_unmoved_and_each_stretch_is_one_run(moves, rng):
    x = torch.zeros(50, 1, 16, 24)
    stretches = Motion(moves=moves)._stretches(50, (16, 24), x, rng)
    assert stretches.shape == (50, 1, 16, 24)
    assert not stretches[:, :, 0, 0].any()
    for each in torch.fft.fftshift(stretches, dim=(2, 3))[:, 0]:
        upright = (each == each[:, :1]).all()
        assert upright or (each == each[:1]).all()
        lines = (each[:, 0] if upright else each[0]).tolist()
        changes = sum(a != b for a, b in itertools.pairwise(lines))
        assert changes == len(set(lines)) - 1 <= moves
    assert set(stretches.unique().tolist()) == set(range(moves + 1))


def test_a_moved_patient_is_mixed_in_line_by_line(rng):
    """A shift alone: outside the moved stretches, Fourier space is that of the image."""
    x = torch.zeros(6, 1, 16, 16)
    x[:, :, 5:9, 6:11] = 0.5
    motion = Motion(moves=1, degrees=0.0, share=0.1, p=1.0)
    twin = rng.clone_state()
    view = motion.apply(x, rng)
    stretch = motion._stretches(6, (16, 16), x, twin)
    torch.rand(6, generator=twin)  # The turn, which is of no degrees.
    across, down = torch.rand((2, 6), generator=twin) * 0.2 - 0.1
    place = torch.arange(16.0)
    for each, one, which, dx, dy in zip(view, x, stretch, across * 16, down * 16, strict=True):
        shifted = _shifted(_shifted(one[0], dy, place, 0), dx, place, 1)
        spaces = torch.fft.fft2(one[0]), torch.fft.fft2(shifted)
        mixed = torch.where(which[0] == 0, *spaces)
        assert torch.allclose(each[0], torch.fft.ifft2(mixed).abs().clamp(0, 1), atol=1e-4)


def _shifted(x: torch.Tensor, by: torch.Tensor, place: torch.Tensor, axis: int) -> torch.Tensor:
    """x read ``by`` pixels further along, linear between pixels, on a black background."""
    weights = (1 - (place[None, :] - (place[:, None] + by)).abs()).clamp_min(0)
    return weights @ x if axis == 0 else x @ weights.T


@pytest.mark.parametrize("spikes", [1, 2])
def test_a_spike_is_one_point_of_fourier_space_and_its_mirror_image(spikes, rng):
    x = 0.4 + 0.1 * torch.rand(40, 1, 15, 21, generator=rng)
    view = KSpaceSpike(spikes=spikes, intensity=(0.2, 0.2), p=1.0).apply(x, rng)
    space = torch.fft.fft2((view - x)[:, 0], norm="forward").abs()
    height = 0.1 * x.mean(dim=(1, 2, 3))
    for each, mean in zip(space, height, strict=True):
        bright = (each > 1e-4).sum()
        assert 1 <= bright <= 2 * spikes
        if spikes == 1 and bright == 2:
            assert torch.allclose(each[each > 1e-4], mean.expand(2), rtol=1e-3)
    assert len({int(each.argmax()) for each in space}) > 20


@pytest.mark.parametrize("name", sorted(MEDICAL))
def test_half_of_the_views_are_left_alone(name, rng):
    cls = MEDICAL[name]
    x = 0.2 + 0.5 * torch.rand(200, 1, 12, 12, generator=rng)
    same = (cls(p=0.5).apply(x, rng) - x).abs().amax(dim=(1, 2, 3)) < 1e-5
    assert same.float().mean() == pytest.approx(0.5, abs=0.12)


def pillow(x: torch.Tensor) -> torch.Tensor:
    """Pillow's own equalisation of float (C, H, W)."""
    planes = [Image.fromarray((c * 255).round().byte().numpy()) for c in x]
    return torch.stack([torch.tensor(np.asarray(ImageOps.equalize(p))) / 255 for p in planes])


@pytest.mark.parametrize("size", [(16, 16), (28, 28), (37, 61)])
def test_equalised_as_pillow_does_it(size, rng):
    x = torch.rand(6, 3, *size, generator=rng) ** torch.arange(1, 7).view(-1, 1, 1, 1)
    x[0, 0] = 0.3
    x[1, 1] = x[1, 1].round()
    x[2] = 0.4 + 0.1 * x[2]
    x = (x * 255).round() / 255
    view = Equalize(p=1.0).apply(x, rng)
    for each, one in zip(view, x, strict=True):
        assert torch.allclose(each, pillow(one), atol=1e-6)
    assert torch.equal(view[0, 0], x[0, 0])


def test_equalised_pictures_use_all_shades_alike(rng):
    x = (0.3 + 0.2 * torch.rand(20, 1, 64, 64, generator=rng)).mul(255).round() / 255
    view = Equalize(p=0.5).apply(x, rng)
    changed = (view != x).flatten(1).any(dim=1)
    assert 4 <= changed.sum() <= 16
    assert view[changed].std() == pytest.approx(1 / math.sqrt(12), abs=0.02)
    assert torch.equal(view[~changed], x[~changed])
