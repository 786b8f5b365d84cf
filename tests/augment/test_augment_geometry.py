"""Geometry against closed forms.

Bilinear reading is exact on a picture whose values rise linearly, so a view of such a picture
shows the place that each pixel was taken from.
"""

from __future__ import annotations

import math

import pytest
import torch

from workbench import registry
from workbench.augment.base import GeometryAugmentation
from workbench.augment.crops import RandomCropPad, RandomResizedCrop
from workbench.augment.geometry import (
    Affine,
    HorizontalFlip,
    RandomRotation,
    RightAngles,
    Shear,
    Translate,
    VerticalFlip,
    Zoom,
)
from workbench.augment.parts.passes import place
from workbench.augment.policy import Policy
from workbench.config import AugmentStep

GEOMETRY = [
    cls for cls in registry.augmentations().values() if issubclass(cls, GeometryAugmentation)
]
IDENTITY = [
    RandomResizedCrop(scale=(1.0, 1.0), ratio=(1.0, 1.0)),
    HorizontalFlip(p=0.0),
    VerticalFlip(p=0.0),
    RandomRotation(degrees=0.0),
    Translate(share=0.0),
    Zoom(scale=(1.0, 1.0)),
    Shear(degrees=0.0),
    Affine(degrees=0.0, translate=0.0, scale=(1.0, 1.0), shear=0.0),
    RandomCropPad(padding=0),
]


def places(height: int, width: int) -> torch.Tensor:
    """float (3, H, W): x and y of each pixel's centre in [-1, 1], and 1."""
    x = ((torch.arange(width) + 0.5) / width * 2 - 1).expand(height, width)
    y = ((torch.arange(height) + 0.5) / height * 2 - 1)[:, None].expand(height, width)
    return torch.stack([x, y, torch.ones_like(x)])


@pytest.mark.parametrize("augmentation", IDENTITY, ids=lambda each: each.name)
def test_identity_options_give_the_picture_back(augmentation, rng):
    x = torch.rand(3, 3, 20, 20, generator=rng)
    view = place(x, augmentation.matrices(3, (20, 20), rng), (20, 20), None)
    assert torch.allclose(view, x, atol=1e-5)


@pytest.mark.parametrize("outside", [None, 0.0])
@pytest.mark.parametrize("size", [(24, 24), (16, 28)], ids=str)
@pytest.mark.parametrize("cls", GEOMETRY, ids=lambda cls: cls.name)
def test_pixels_come_from_where_the_matrix_says(cls, size, outside, rng):
    ramp = places(*size)[None, :2].expand(8, -1, -1, -1)
    matrices = cls().matrices(8, size, rng)
    taken = torch.einsum("bij,jhw->bihw", matrices, places(*size))[:, :2]
    edge = torch.tensor([1 - 1 / size[1], 1 - 1 / size[0]]).view(1, 2, 1, 1)
    inside = (taken.abs() <= edge).all(dim=1, keepdim=True).expand_as(taken)
    assert inside.float().mean() > 0.3
    view = place(ramp, matrices, size, outside)
    assert torch.allclose(view[inside], taken[inside], atol=1e-5)


@pytest.mark.parametrize(("name", "axis"), [("horizontal_flip", 3), ("vertical_flip", 2)])
def test_flip_is_torch_flip(name, axis, image_info, image_batch, rng):
    batch = image_batch(height=9, width=14)
    info = image_info(size=(9, 14))
    view = Policy([AugmentStep(name, {"p": 1.0})], info)(batch, rng)
    assert torch.allclose(view, batch.clean().flip(axis), atol=1e-5)


def test_right_angles_are_the_four_turns_of_a_square(rng):
    x = torch.rand(1, 3, 8, 8, generator=rng).expand(64, -1, -1, -1)
    view = place(x, RightAngles().matrices(64, (8, 8), rng), (8, 8), None)
    turns = torch.stack([torch.rot90(x[0], k, (1, 2)) for k in range(4)])
    distance = (view[:, None] - turns).abs().amax(dim=(2, 3, 4))
    assert distance.min(dim=1).values.max() < 1e-5
    assert distance.argmin(dim=1).unique().tolist() == [0, 1, 2, 3]


def test_right_angles_make_half_turns_of_what_is_not_square(rng, image_info):
    x = torch.rand(1, 1, 6, 9, generator=rng).expand(32, -1, -1, -1)
    view = place(x, RightAngles().matrices(32, (6, 9), rng), (6, 9), None)
    turns = torch.stack([x[0], x[0].rot90(2, (1, 2))])
    distance = (view[:, None] - turns).abs().amax(dim=(2, 3, 4))
    assert distance.min(dim=1).values.max() < 1e-5
    assert "not square" in (RightAngles().warning(image_info(size=(6, 9))) or "")


def test_crops_have_the_area_and_shape_asked_for_and_lie_inside(rng):
    crop = RandomResizedCrop(scale=(0.2, 0.35), ratio=(0.5, 2.0))
    height, width = 30, 40
    matrices = crop.matrices(4000, (height, width), rng)
    wide, high = matrices[:, 0, 0], matrices[:, 1, 1]
    area, ratio = wide * high, (wide * width) / (high * height)
    assert 0.2 - 1e-5 <= area.min() < 0.21
    assert 0.34 < area.max() <= 0.35 + 1e-5
    assert area.mean() == pytest.approx(0.275, abs=0.01)
    assert ratio.min() >= 0.5 - 1e-4
    assert ratio.max() <= 2.0 + 1e-4
    # Even on a logarithmic scale: as many wider than high as the other way round.
    assert (ratio > 1).float().mean() == pytest.approx(0.5, abs=0.03)
    assert ((matrices[:, 0, 2].abs() + wide) <= 1 + 1e-5).all()
    assert ((matrices[:, 1, 2].abs() + high) <= 1 + 1e-5).all()


def test_a_crop_that_cannot_fit_is_cut_to_the_picture(rng):
    crop = RandomResizedCrop(scale=(1.0, 1.0), ratio=(4.0, 4.0))
    matrices = crop.matrices(5, (10, 10), rng)
    assert torch.allclose(matrices[:, 0, 0], torch.ones(5))
    assert torch.allclose(matrices[:, 1, 1], torch.full((5,), 0.5))


def test_turns_keep_lengths_in_pixels(rng):
    height, width = 20, 50
    turn = RandomRotation(degrees=45.0).matrices(100, (height, width), rng)[:, :2, :2]
    scale = torch.diag(torch.tensor([width / 2, height / 2]))
    pixels = scale @ turn @ scale.inverse()
    assert torch.allclose(pixels @ pixels.mT, torch.eye(2).expand(100, 2, 2), atol=1e-5)
    angle = torch.atan2(pixels[:, 1, 0], pixels[:, 0, 0]) * 180 / math.pi
    assert angle.abs().max() <= 45.01
    assert angle.min() < -30
    assert angle.max() > 30


def test_pad_and_crop_moves_by_whole_pixels(rng):
    x = torch.rand(1, 1, 12, 12, generator=rng).expand(16, -1, -1, -1)
    matrices = RandomCropPad(padding=3).matrices(16, (12, 12), rng)
    view = place(x, matrices, (12, 12), None)
    for each, matrix in zip(view, matrices, strict=True):
        dx, dy = (matrix[:2, 2] * 6).round().int().tolist()
        assert max(abs(dx), abs(dy)) <= 3
        moved = x[0].roll((-dy, -dx), (1, 2))
        assert torch.allclose(each[:, 3:-3, 3:-3], moved[:, 3:-3, 3:-3], atol=1e-5)


@pytest.mark.parametrize(("mean", "value"), [(0.1, 0.0), (0.9, 1.0)])
def test_pictures_on_a_ground_get_more_of_it_at_the_edges(
    mean, value, image_info, image_batch, rng
):
    info = image_info(8, channels=1, mean=mean)
    steps = [AugmentStep("translate", {"share": 0.9}), AugmentStep("translate", {"share": 0.9})]
    batch = image_batch(32, channels=1, height=8, low=100, high=140)
    view = Policy(steps, info)(batch, rng)
    flat = torch.stack([view.flatten(1).min(dim=1).values, view.flatten(1).max(dim=1).values])
    assert (flat == value).any()
    mirrored = Policy(steps, image_info(8, channels=1))(batch, torch.Generator().manual_seed(0))
    assert mirrored.min() >= 99 / 255


def test_tiny_crops_are_warned_of(image_info):
    assert RandomResizedCrop().warning(image_info(32)) is None
    assert "of 8 pixels" in (RandomResizedCrop().warning(image_info(8)) or "")
    assert "8 pixels" in (RandomCropPad().warning(image_info(8)) or "")
