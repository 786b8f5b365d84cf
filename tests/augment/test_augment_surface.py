"""Defects drawn on purpose: where they lie, what they are made of, when they warn."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch

from workbench import registry
from workbench.augment.parts.perlin import perlin
from workbench.augment.surface import (
    CutPastePatch,
    CutPasteScar,
    LightingGradient,
    PerlinTexture,
    cut_paste,
    other_textures,
)

DEFECTS = ("cutpaste_patch", "cutpaste_scar", "perlin_texture")


def distinct(batch: int, height: int, width: int) -> torch.Tensor:
    """float (B, 1, H, W): no two pixels of an image are equal."""
    values = (torch.arange(height * width) + 1) / (height * width + 1)
    return values.view(1, 1, height, width).expand(batch, -1, -1, -1)


def changed(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return (x != y).any(dim=1)


def extents(mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """float (B,): height and width of the box around what is set in bool (B, H, W)."""
    return mask.any(dim=2).sum(dim=1).float(), mask.any(dim=1).sum(dim=1).float()


def test_a_patch_is_a_rectangle_of_the_picture_moved_as_a_whole(rng):
    x = distinct(64, 24, 32)
    y = CutPastePatch(jitter=0.0, p=1.0).apply(x, rng)
    for before, after in zip(x[:, 0], y[:, 0], strict=True):
        rows, columns = (after != before).nonzero(as_tuple=True)
        if not len(rows):
            continue
        top, left, bottom, right = rows.min(), columns.min(), rows.max(), columns.max()
        assert (after != before)[top : bottom + 1, left : right + 1].all()
        source = (after[top : bottom + 1, left : right + 1] * (24 * 32 + 1)).round().long() - 1
        down = source // 32 - torch.arange(top, bottom + 1)[:, None]
        across = source % 32 - torch.arange(left, right + 1)
        assert (down == down[0, 0]).all()
        assert (across == across[0, 0]).all()


def test_patches_have_the_area_and_the_shapes_asked_for(rng):
    x = distinct(200, 48, 48)
    y = CutPastePatch(area=(0.05, 0.1), ratio=(0.5, 2.0), jitter=0.0, p=1.0).apply(x, rng)
    mask = changed(x, y)
    mask = mask[mask.any(dim=(1, 2))]
    area = mask.float().mean(dim=(1, 2))
    height, width = extents(mask)
    # A side may gain or lose a pixel where the rectangle begins between two.
    assert area.min() > 0.05 * 0.85
    assert area.max() < 0.1 * 1.15
    assert 0.04 < area.median() < 0.11
    assert (width / height).min() == pytest.approx(0.5, rel=0.25)
    assert (width / height).max() == pytest.approx(2.0, rel=0.25)
    assert (width > height).float().mean() == pytest.approx(0.5, abs=0.1)


def test_patches_are_pasted_everywhere(rng):
    x = distinct(2000, 12, 12)
    y = CutPastePatch(area=(0.1, 0.2), jitter=0.0, p=1.0).apply(x, rng)
    assert changed(x, y).any(dim=0).all()


def test_the_colour_shift_is_of_the_piece_alone_and_as_large_as_asked_for(rng):
    x = torch.full((200, 3, 16, 16), 0.5)
    assert torch.allclose(CutPastePatch(jitter=0.0, p=1.0).apply(x, rng), x, atol=1e-5)
    y = CutPastePatch(area=(0.1, 0.1), jitter=0.1, p=1.0).apply(x, rng)
    share = changed(x, y).float().mean(dim=(1, 2))
    assert share.max() < 0.15
    moved = (y - x).abs().amax(dim=(1, 2, 3))
    # Gray has no contrast, saturation or hue: brightness alone, by up to 10 % of 0.5.
    assert moved.mean() == pytest.approx(0.025, rel=0.2)
    assert moved.max() <= 0.05 + 1e-4


def test_a_turned_strip_lies_along_its_angle(rng):
    """By the direction in which the changed pixels spread most."""
    angles = torch.tensor([-45.0, -20.0, 0.0, 20.0, 45.0]).repeat(20) * math.pi / 180
    x = distinct(len(angles), 64, 64)
    length, width = torch.full((len(angles),), 30.0), torch.full((len(angles),), 4.0)
    mask = changed(x, cut_paste(x, length, width, angles, 0.0, rng))
    assert mask.float().sum(dim=(1, 2)).median() == pytest.approx(120, rel=0.1)
    for inside, angle in zip(mask, angles.tolist(), strict=True):
        points = inside.nonzero().float()
        spread = torch.linalg.eigh((points - points.mean(dim=0)).T.cov()).eigenvectors[:, -1]
        down, across = spread.tolist()
        measured = math.atan(across / down)
        assert measured == pytest.approx(angle, abs=0.1)


def test_a_turned_strip_is_read_upright(rng):
    """Along the strip the rows of the source follow each other, whatever the angle."""
    rows = (torch.arange(64) + 1.0) / 65
    x = rows.view(1, 1, 64, 1).expand(40, 1, 64, 64)
    quarter = torch.full((40,), math.pi / 2)
    size = torch.full((40,), 20.0), torch.full((40,), 6.0)
    y = cut_paste(x, *size, quarter, 0.0, rng)
    for before, after in zip(x[:, 0], y[:, 0], strict=True):
        lines, columns = (after != before).nonzero(as_tuple=True)
        middle = after[lines.median(), columns.min() + 2 : columns.max() - 1]
        steps = (middle.diff() * 65).round()
        assert (steps == 1).all()


def test_scars_have_the_papers_size_at_its_256_pixels(rng):
    x = distinct(40, 256, 256)
    y = CutPasteScar(degrees=0.0, jitter=0.0, p=1.0).apply(x, rng)
    height, width = extents(changed(x, y))
    assert 9 <= height.min() <= 13
    assert 22 <= height.max() <= 26
    assert 1 <= width.min() <= 4
    assert 12 <= width.max() <= 17


@pytest.mark.parametrize("side", [8, 28, 64])
def test_scars_of_small_pictures_are_strips_still(side, rng):
    x = distinct(300, side, side)
    y = CutPasteScar(jitter=0.0, p=1.0).apply(x, rng)
    pixels = changed(x, y).sum(dim=(1, 2))
    # Turned about a pixel, that one stays.
    assert pixels.median() >= 3
    assert (pixels >= 2).float().mean() > 0.95


def test_perlin_noise_is_smooth_centred_and_of_the_grain_asked_for(rng):
    coarse, fine = perlin(50, (64, 64), (2, 2), rng), perlin(50, (64, 64), (16, 16), rng)
    for noise in (coarse, fine):
        assert noise.shape == (50, 64, 64)
        assert noise.abs().max() <= 1
        assert abs(noise.mean()) < 0.05
        assert noise.std() > 0.2
    steps = [n.diff(dim=2).square().mean().sqrt() for n in (coarse, fine)]
    # A slope per cell is the same, so eight times as many cells are eight times as steep.
    assert steps[1] / steps[0] == pytest.approx(8, rel=0.25)


def test_perlin_noise_is_zero_at_the_corners_of_its_cells(rng):
    """One cell of 1,000 pixels: its corners are where the directions start."""
    noise = perlin(3, (1000, 1000), (1, 1), rng)
    assert noise[:, [0, 0, -1, -1], [0, -1, 0, -1]].abs().max() < 2e-3


def test_blots_are_made_of_another_picture(rng):
    x = torch.full((6, 1, 32, 32), 0.25)
    x[3:] = 0.75
    y = PerlinTexture(opacity=(1.0, 1.0), p=1.0).apply(x, rng)
    assert set(y.unique().tolist()) <= {0.25, 0.75}
    share = [
        changed(distinct(300, 32, 32), PerlinTexture(threshold=t, p=1.0).apply(d, rng))
        .float()
        .mean()
        for t in (0.2, 0.8)
        for d in (distinct(300, 32, 32),)
    ]
    assert share[0] > 3 * share[1] > 0


def test_opacity_blends(rng):
    x = torch.zeros(2, 1, 32, 32)
    x[1] = 1.0
    y = PerlinTexture(opacity=(0.25, 0.25), p=1.0).apply(x, rng)
    assert set(y[0].unique().tolist()) <= {0.0, 0.25}
    assert set(y[1].unique().tolist()) <= {0.75, 1.0}


def test_other_textures_never_give_the_picture_itself(rng):
    x = torch.arange(1, 6).float().div(20).view(5, 1, 1, 1).expand(5, 3, 4, 6)
    for _ in range(20):
        other = other_textures(x, rng)
        assert not torch.isclose(other, x).any()
        upright = torch.minimum(other, 1 - other)
        assert torch.isclose(upright.unique()[:, None], x.unique()).any(dim=1).all()
    alone = other_textures(x[:1], rng)
    assert torch.isclose(torch.minimum(alone, 1 - alone), x[:1]).all()


def test_light_is_a_linear_ramp_that_keeps_the_mean(rng):
    x = torch.full((300, 1, 20, 30), 0.5)
    y = LightingGradient(strength=(0.4, 0.4), p=1.0).apply(x, rng)
    assert y.mean(dim=(1, 2, 3)).sub(0.5).abs().max() < 1e-5
    for dim in (2, 3):
        assert y.diff(dim=dim).diff(dim=dim).abs().max() < 1e-5
    assert y.amax(dim=(1, 2, 3)).sub(0.7).abs().max() < 0.012
    slopes = torch.stack([y[:, 0, 1, 0] - y[:, 0, 0, 0], y[:, 0, 0, 1] - y[:, 0, 0, 0]])
    assert ((slopes > 0).float().mean(dim=1) - 0.5).abs().max() < 0.1


@pytest.mark.parametrize("name", DEFECTS)
def test_what_looks_like_a_defect_warns_where_training_is_normals_only(name, image_info):
    info = image_info(64, 1)
    augmentation = registry.augmentation(name)()
    assert augmentation.warning(info) is None
    warning = augmentation.warning(dataclasses.replace(info, normal="good"))
    assert "'good' samples only" in warning
    assert "overlook" in warning


def test_light_does_not_warn(image_info):
    info = dataclasses.replace(image_info(64, 1), normal="good")
    assert LightingGradient().warning(info) is None
