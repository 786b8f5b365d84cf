"""Noise, blur and masks against what their options promise."""

from __future__ import annotations

import math

import pytest
import torch

from workbench.augment.masks import Cutout, PatchDrop, RandomErasing
from workbench.augment.noise import GaussianBlur, GaussianNoise, SaltPepper


def test_a_blurred_dot_is_a_gaussian(rng):
    x = torch.zeros(1, 2, 21, 21)
    x[:, :, 10, 10] = 1.0
    view = GaussianBlur(sigma=(1.5, 1.5), p=1.0).apply(x, rng)
    steps = torch.arange(21) - 10.0
    bell = torch.exp(-steps.square() / (2 * 1.5**2))
    bell = bell / bell.sum()
    assert torch.allclose(view[0, 0], bell[:, None] * bell[None, :], atol=1e-3)
    assert view[0, 1].sum() == pytest.approx(1.0, abs=1e-4)


def test_blur_keeps_what_is_even_up_to_the_edges(rng):
    x = torch.full((3, 1, 5, 7), 0.3)
    view = GaussianBlur(sigma=(20.0, 20.0), p=1.0).apply(x, rng)
    assert torch.allclose(view, x, atol=1e-5)


def test_blur_of_some_leaves_the_others_sharp(rng):
    x = torch.rand(200, 1, 9, 9, generator=rng)
    changed = (GaussianBlur(sigma=(1.0, 2.0), p=0.5).apply(x, rng) - x).abs().amax(dim=(1, 2, 3))
    assert ((changed < 1e-6) | (changed > 0.05)).all()
    assert (changed > 0.05).float().mean() == pytest.approx(0.5, abs=0.12)


def test_blur_warns_of_images_it_would_wipe_out(image_info):
    assert GaussianBlur().warning(image_info(32)) is None
    assert "8 pixels a side" in (GaussianBlur().warning(image_info(8)) or "")


def test_noise_has_the_strength_asked_for(rng):
    x = torch.full((50, 3, 20, 20), 0.5)
    noise = GaussianNoise(sigma=(0.05, 0.05)).apply(x, rng) - x
    assert noise.std() == pytest.approx(0.05, rel=0.02)
    assert noise.mean().abs() < 1e-3
    spread = (GaussianNoise(sigma=(0.0, 0.1)).apply(x, rng) - x).flatten(1).std(dim=1)
    assert spread.min() < 0.02
    assert spread.max() > 0.08


def test_salt_and_pepper_is_half_and_half_over_all_channels(rng):
    x = torch.full((50, 3, 20, 20), 0.5)
    view = SaltPepper(share=0.2, p=1.0).apply(x, rng)
    assert torch.equal(view[:, 0], view[:, 2])
    assert (view == 0).float().mean() == pytest.approx(0.1, abs=0.01)
    assert (view == 1).float().mean() == pytest.approx(0.1, abs=0.01)


def test_erased_rectangles_have_the_area_asked_for(rng):
    x = torch.full((200, 1, 40, 40), 2.0)
    erased = (RandomErasing(scale=(0.1, 0.2), p=1.0).apply(x, rng) != 2.0)[:, 0]
    area = erased.float().mean(dim=(1, 2))
    assert area.min() > 0.08
    assert area.max() < 0.23
    rows, columns = erased.any(dim=2).sum(dim=1), erased.any(dim=1).sum(dim=1)
    assert torch.equal(rows * columns, erased.sum(dim=(1, 2)))
    ratio = columns / rows
    assert ratio.log().mean().abs() < 0.2
    assert ratio.max() < math.exp(1.4)
    assert erased.any(dim=0).float().mean() > 0.95


def test_cutout_covers_a_square_with_the_mean_colour(rng):
    x = torch.rand(20, 3, 20, 20, generator=rng)
    view = Cutout(share=0.5).apply(x, rng)
    changed = (view != x).all(dim=1)
    assert changed.sum(dim=(1, 2)).tolist() == [100] * 20
    mean = x.mean(dim=(2, 3))
    for each, where, colour in zip(view, changed, mean, strict=True):
        assert torch.allclose(each[:, where], colour[:, None].expand(-1, 100))


def test_hidden_patches_are_whole_squares_of_the_grid(rng):
    x = torch.rand(50, 1, 16, 16, generator=rng)
    hidden = (PatchDrop(grid=4, share=0.3).apply(x, rng) != x)[:, 0]
    squares = hidden.unfold(1, 4, 4).unfold(2, 4, 4).float().mean(dim=(3, 4))
    assert ((squares == 0) | (squares == 1)).all()
    assert squares.mean() == pytest.approx(0.3, abs=0.05)
