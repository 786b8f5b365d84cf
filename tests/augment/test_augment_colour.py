"""Colour maps against their formulas, on pictures of middling values, where nothing is cut off."""

from __future__ import annotations

import math

import pytest
import torch

from workbench.augment import colour
from workbench.augment.colour import ColourJitter, Gamma, Grayscale, Invert, Posterize, Solarize
from workbench.augment.parts.colours import hue_turn
from workbench.augment.parts.passes import recolour
from workbench.augment.policy import Policy
from workbench.config import AugmentStep

LUMA = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
STILL = {"brightness": 0.0, "contrast": 0.0, "saturation": 0.0, "hue": 0.0, "p": 1.0}


@pytest.fixture
def middling(rng) -> torch.Tensor:
    return 0.45 + 0.1 * torch.rand(16, 3, 8, 8, generator=rng)


def jittered(x: torch.Tensor, rng: torch.Generator, **changes: float) -> torch.Tensor:
    return recolour(x, ColourJitter(**{**STILL, **changes}).colours(x, rng))


def gray(x: torch.Tensor) -> torch.Tensor:
    return (x * LUMA).sum(dim=1, keepdim=True)


def one_factor(changed: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """The factor of each sample, where ``changed`` is ``x`` times one number a sample."""
    factor = (changed * x).flatten(1).sum(1) / x.square().flatten(1).sum(1)
    assert torch.allclose(changed, x * factor.view(-1, 1, 1, 1), atol=1e-5)
    return factor


def within(factor: torch.Tensor, size: float) -> bool:
    return bool((factor.sub(1).abs() <= size + 1e-3).all() and factor.std() > size / 4)


def test_jitter_of_nothing_is_the_identity(middling, rng):
    assert torch.allclose(jittered(middling, rng), middling, atol=1e-6)


def test_brightness_is_one_factor_a_picture(middling, rng):
    assert within(one_factor(jittered(middling, rng, brightness=0.4), middling), 0.4)


def test_contrast_is_one_factor_about_the_mean_gray(middling, rng):
    level = gray(middling).mean(dim=(1, 2, 3), keepdim=True)
    changed = jittered(middling, rng, contrast=0.4)
    assert within(one_factor(changed - level, middling - level), 0.4)


def test_saturation_is_one_factor_about_each_pixels_gray(middling, rng):
    changed = jittered(middling, rng, saturation=0.9)
    assert within(one_factor(changed - gray(middling), middling - gray(middling)), 0.9)


def test_hue_keeps_brightness_and_grays_and_turns_back(middling, rng):
    changed = jittered(middling, rng, hue=0.5)
    assert (changed - middling).abs().max() > 0.01
    assert torch.allclose(gray(changed), gray(middling), atol=1e-5)
    grays = gray(middling).expand_as(middling)
    assert torch.allclose(jittered(grays, rng, hue=0.5), grays, atol=1e-5)


@pytest.mark.parametrize("turn", [0.0, 2 * math.pi])
def test_no_turn_and_a_whole_turn_of_hue_are_the_identity(turn):
    matrix = hue_turn(torch.full((3,), turn), torch.zeros(3, 3))
    assert torch.allclose(matrix, torch.eye(3).expand(3, 3, 3), atol=1e-5)


def test_all_of_jitter_is_its_parts_in_order(middling):
    """Brightness, contrast, saturation, hue, one after another, from the same draws."""
    whole = ColourJitter(0.4, 0.4, 0.4, 0.1, 1.0)
    changed = recolour(middling, whole.colours(middling, torch.Generator().manual_seed(3)))
    rng = torch.Generator().manual_seed(3)
    bright, contrast, saturation = (
        (0.6 + 0.8 * torch.rand(16, generator=rng)).view(-1, 1, 1, 1) for _ in range(3)
    )
    turn = (0.2 * torch.rand(16, generator=rng) - 0.1) * 2 * math.pi
    x = middling * bright
    level = gray(x).mean(dim=(1, 2, 3), keepdim=True)
    x = level + contrast * (x - level)
    x = gray(x) + saturation * (x - gray(x))
    x = torch.einsum("bij,bjhw->bihw", hue_turn(turn, x), x)
    assert torch.allclose(changed, x.clamp(0, 1), atol=1e-5)


def test_grayscale_is_the_brightness_in_all_channels(middling, rng):
    view = recolour(middling, Grayscale(p=1.0).colours(middling, rng))
    assert torch.allclose(view, gray(middling).expand_as(middling), atol=1e-6)


def test_invert_is_one_minus_the_value(middling, rng):
    view = recolour(middling, Invert(p=1.0).colours(middling, rng))
    assert torch.allclose(view, 1 - middling, atol=1e-6)


def test_a_dropped_channel_is_black_and_the_others_stay(middling, rng):
    view = recolour(middling, colour.ChannelDrop(p=1.0).colours(middling, rng))
    black = (view == 0).all(dim=3).all(dim=2)
    assert black.sum(dim=1).tolist() == [1] * 16
    assert black.any(dim=0).all()
    assert torch.allclose(view[~black], middling[~black], atol=1e-6)


def test_curves(rng):
    x = torch.rand(16, 3, 8, 8, generator=rng)
    assert torch.equal(Solarize(p=1.0).apply(x, rng), torch.where(x >= 0.5, 1 - x, x))
    two = Posterize(bits=1, p=1.0).apply(x, rng)
    assert torch.equal(two, x.round())
    assert torch.allclose(Gamma(gamma=(2.0, 2.0), p=1.0).apply(x, rng), x**2, atol=1e-6)


@pytest.mark.parametrize("name", ["color_jitter", "grayscale", "channel_drop"])
def test_colour_on_gray_pictures_is_warned_of(name, image_info):
    policy = Policy([AugmentStep(name)], image_info(channels=1))
    (warning,) = policy.warnings()
    assert warning.startswith(f"The augmentation '{name}' does not suit 'pictures': ")
    assert Policy([AugmentStep(name)], image_info()).warnings() == []


@pytest.mark.parametrize("name", ["grayscale", "channel_drop"])
def test_gray_pictures_stay_as_they_are(name, image_info, image_batch, rng):
    batch = image_batch(channels=1)
    view = Policy([AugmentStep(name, {"p": 1.0})], image_info(channels=1))(batch, rng)
    assert torch.allclose(view, batch.clean(), atol=1e-6)


def test_saturation_and_hue_leave_gray_pictures_alone(image_info, image_batch, rng):
    batch = image_batch(channels=1)
    step = AugmentStep("color_jitter", {**STILL, "saturation": 1.0, "hue": 0.5})
    view = Policy([step], image_info(channels=1))(batch, rng)
    assert torch.allclose(view, batch.clean(), atol=1e-6)
