"""Folding, sizes, effects: the policy against its steps one by one."""

from __future__ import annotations

import pytest
import torch

from workbench import options, registry
from workbench.augment.base import ColourAugmentation
from workbench.augment.parts import passes
from workbench.augment.policy import Policy, _recolour
from workbench.config import AugmentStep
from workbench.errors import RequestError
from workbench.tasks.base import Batch


def one_by_one(names, info, batch, rng):
    """Each step as a policy of its own on the rounded result of the one before."""
    x = batch.clean()
    for name in names:
        (augmentation,) = Policy([AugmentStep(name)], info).augmentations
        if isinstance(augmentation, ColourAugmentation):
            x = passes.recolour(x, augmentation.colours(x, rng))
        else:
            size = (x.shape[2], x.shape[3])
            x = passes.place(x, augmentation.matrices(len(x), size, rng), size, None)
    return x


def test_without_steps_the_view_is_the_sample(image_info, image_batch, text_info, tokens, rng):
    batch = image_batch()
    assert torch.equal(Policy((), image_info())(batch, rng), batch.clean())
    texts = Batch(torch.arange(len(tokens)), tokens=tokens)
    assert torch.equal(Policy((), text_info)(texts, rng), tokens)


def test_folded_colours_are_the_colours_one_by_one(image_info, image_batch):
    """On images of middling values, where clamping before the last step changes nothing."""
    names = ["brightness_contrast", "color_jitter", "invert", "grayscale", "brightness_contrast"]
    batch, info = image_batch(32, low=110, high=130), image_info()
    folded = Policy([AugmentStep(n) for n in names], info)(batch, torch.Generator().manual_seed(0))
    expected = one_by_one(names, info, batch, torch.Generator().manual_seed(0))
    uncut = ((expected > 0) & (expected < 1)).flatten(1).all(dim=1)
    assert uncut.sum() > 16
    assert torch.allclose(folded[uncut], expected[uncut], atol=1e-5)


def test_a_colour_map_that_sees_pixels_sees_those_of_the_step_before(image_batch, rng):
    """A plugin may use any statistic, here the brightest value."""

    class Stretch(ColourAugmentation):
        def colours(self, x, rng):
            gain = 1 / x.amax(dim=(1, 2, 3))
            matrix = torch.eye(3)[None] * gain[:, None, None]
            return torch.cat([matrix, torch.zeros(len(x), 3, 1)], dim=2)

    darker = options.build(registry.augmentation("brightness_contrast"), {"contrast": 0.0})
    x = image_batch(8, low=50, high=100).clean()
    view = _recolour(x, [darker, Stretch()], rng)
    assert torch.allclose(view.amax(dim=(1, 2, 3)), torch.ones(8), atol=1e-5)
    assert torch.allclose(view, x / x.amax(dim=(1, 2, 3), keepdim=True), atol=1e-5)


def test_folded_geometry_is_the_geometry_one_by_one(image_info, image_batch):
    """With steps that move whole pixels, so that reading once or thrice is the same."""
    names = ["horizontal_flip", "random_crop_pad", "right_angles", "vertical_flip"]
    batch, info = image_batch(32, height=16), image_info(16)
    folded = Policy([AugmentStep(n) for n in names], info)(batch, torch.Generator().manual_seed(0))
    expected = one_by_one(names, info, batch, torch.Generator().manual_seed(0))
    assert torch.allclose(folded, expected, atol=1e-4)


def test_the_sampling_grid_is_torchs():
    matrices = torch.randn(5, 3, 3, generator=torch.Generator().manual_seed(0))
    grid = torch.nn.functional.affine_grid(matrices[:, :2], [5, 1, 7, 9], align_corners=False)
    assert torch.allclose(passes.sampling_grid(matrices, 7, 9), grid, atol=1e-5)


@pytest.mark.parametrize("names", [(), ("random_resized_crop", "grayscale"), ("grayscale",)])
@pytest.mark.parametrize("size", [8, 21, 40])
def test_size_is_the_side_of_the_view(names, size, image_info, image_batch, rng):
    policy = Policy([AugmentStep(n) for n in names], image_info())
    view = policy(image_batch(), rng, size=size)
    assert view.shape == (4, 3, size, size)
    assert view.min() >= 0
    assert view.max() <= 1


def test_size_holds_over_several_runs_of_geometry(image_info, image_batch, rng):
    names = ("rotation", "gaussian_blur", "horizontal_flip")
    view = Policy([AugmentStep(n) for n in names], image_info())(image_batch(), rng, size=12)
    assert view.shape == (4, 3, 12, 12)


@pytest.mark.parametrize("names", [(), ("horizontal_flip",)])
def test_small_views_are_averages_and_do_not_flicker(names, image_info, rng):
    """A chessboard of single pixels averages to gray; reading single pixels would give 0 or 1."""
    board = (torch.arange(32)[:, None] + torch.arange(32)) % 2 * 255
    batch = Batch(torch.arange(4), images=board.byte().expand(4, 3, 32, 32))
    view = Policy([AugmentStep(n) for n in names], image_info())(batch, rng, size=8)
    assert (view - 0.5).abs().max() < 0.1


def test_effects_end_with_the_view_and_leave_the_generator_as_one_call(image_info, image_batch):
    names = ["random_resized_crop", "horizontal_flip", "color_jitter", "gaussian_noise"]
    policy = Policy([AugmentStep(n) for n in names], image_info())
    batch = image_batch()
    first, second = torch.Generator().manual_seed(5), torch.Generator().manual_seed(5)
    effects, view = policy.effects(batch, first), policy(batch, second)
    assert [effect.name for effect in effects] == names
    assert torch.equal(effects[-1].after, view)
    assert torch.equal(first.get_state(), second.get_state())
    crop = Policy([AugmentStep(names[0])], image_info())(batch, torch.Generator().manual_seed(5))
    assert torch.equal(effects[0].after, crop)
    assert torch.equal(effects[0].alone, crop)


def test_a_step_alone_has_the_draws_of_its_place(image_info, image_batch):
    """A flip after a crop: the same samples are flipped in both."""
    batch = image_batch(32)
    policy = Policy(
        [AugmentStep("random_resized_crop"), AugmentStep("horizontal_flip")], image_info()
    )
    crop, flip = policy.effects(batch, torch.Generator().manual_seed(5))
    mirrored = (flip.alone != batch.clean()).flatten(1).any(dim=1)
    assert 0 < mirrored.sum() < 32
    assert torch.equal((flip.after != crop.after).flatten(1).any(dim=1), mirrored)


def test_wrong_steps_are_refused(image_info):
    with pytest.raises(RequestError, match="unknown augmentation 'rotate'"):
        Policy([AugmentStep("rotate")], image_info())
    with pytest.raises(RequestError, match="not allowed for degrees") as caught:
        Policy([AugmentStep("rotation", {"degrees": 400})], image_info())
    assert caught.value.field == "--augment rotation.degrees"
