"""Pictures from places and from h, and the error relative to the mean colour."""

from __future__ import annotations

import pytest
import torch

from workbench.encoders.conv import SmallConv
from workbench.encoders.vit import ViTMini
from workbench.tasks.parts import painting


def loops(painted, target, where, power) -> float:
    """The error over that of painting 0, pixel by pixel."""
    wrong = blank = 0.0
    for index in torch.cartesian_prod(*(torch.arange(n) for n in target.shape)).tolist():
        sample, channel, row, column = index
        if where is None or where[sample, 0, row, column]:
            right = target[sample, channel, row, column].item()
            wrong += abs(painted[sample, channel, row, column].item() - right) ** power
            blank += abs(right) ** power
    return wrong / blank


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize("everywhere", [True, False])
def test_the_error_is_that_of_loops_in_value_and_gradient(power, everywhere, rng):
    painted, target = torch.randn(2, 2, 3, 4, 5, generator=rng, dtype=torch.float64)
    where = None if everywhere else torch.rand(2, 1, 4, 5, generator=rng) < 0.4
    painted.requires_grad_()
    loss = painting.relative_error(painted, target, where, power)
    assert loss.item() == pytest.approx(loops(painted, target, where, power), rel=1e-5)
    (gradient,) = torch.autograd.grad(loss, painted)
    for index in ((0, 0, 1, 2), (1, 2, 3, 4), (0, 1, 0, 0)):
        step = torch.zeros_like(target)
        step[index] = 1e-6
        up, down = (loops(painted.detach() + s * step, target, where, power) for s in (1, -1))
        assert gradient[index].item() == pytest.approx((up - down) / 2e-6, abs=1e-5)


@pytest.mark.parametrize("power", [1, 2])
def test_the_mean_colour_is_1_and_all_right_is_0(power, rng):
    target = torch.randn(2, 3, 4, 4, generator=rng)
    zero = torch.zeros_like(target)
    assert painting.relative_error(zero, target, power=power).item() == pytest.approx(1)
    assert painting.relative_error(target, target, power=power).item() == 0


def test_where_nothing_is_asked_the_loss_is_0_with_a_gradient():
    painted = torch.ones(2, 1, 4, 4, requires_grad=True)
    loss = painting.relative_error(painted, torch.ones(2, 1, 4, 4), torch.zeros(2, 1, 4, 4) > 0)
    loss.backward()
    assert loss.item() == 0
    assert not painted.grad.any()


def test_a_picture_in_the_mean_colour_gives_a_finite_loss():
    loss = painting.relative_error(torch.full((1, 1, 4, 4), 0.1), torch.zeros(1, 1, 4, 4))
    assert loss.item() == pytest.approx(1)


@pytest.mark.parametrize(
    ("size", "expected"),
    [((8, 8), (8, 8)), ((32, 32), (32, 32)), ((64, 64), (32, 32)), ((33, 20), (17, 10))],
)
def test_the_canvas_is_a_whole_part_of_the_picture(size, expected):
    assert painting.canvas(size) == expected


def test_a_smaller_canvas_is_told(case_of):
    from workbench.tasks.denoising import Denoising

    info = case_of(Denoising(), "conv", "gray 28").info
    assert painting.canvas_note(info) == ()
    large = painting.canvas_note(type(info)(**{**vars(info), "size": (64, 64)}))
    assert "32 x 32" in large[0]


def test_shrinking_takes_means(rng):
    x = torch.rand(2, 3, 8, 8, generator=rng)
    small = painting.shrink(x, (4, 4))
    assert small[1, 2, 3, 0].item() == pytest.approx(x[1, 2, 6:, :2].mean().item(), abs=1e-6)
    assert painting.shrink(x, (8, 8)) is x


def test_relative_pictures_have_no_mean_colour_and_equal_contrast(rng):
    x = torch.rand(3, 3, 8, 8, generator=rng)
    shown = painting.relative(x)
    assert torch.allclose(shown.mean(dim=(2, 3)), torch.zeros(3, 3), atol=1e-5)
    assert torch.allclose(shown.square().mean(dim=(1, 2, 3)), torch.ones(3), atol=1e-3)
    assert torch.allclose(painting.relative(0.2 + 0.5 * x), shown, atol=1e-3)
    assert painting.relative(torch.full((1, 1, 4, 4), 0.7)).abs().max() < 1e-3


@pytest.mark.parametrize("encoder", [SmallConv(width=8), ViTMini(patch=7)])
def test_the_mean_of_the_places_is_h(encoder, case_of, rng):
    from workbench.tasks.denoising import Denoising

    module = encoder.build(case_of(Denoising(), "conv", "gray 28").info).eval()
    x = torch.rand(2, 1, 28, 28, generator=rng)
    maps = painting.maps_of(module, x)
    assert maps.shape[2:] == ((2, 2) if module.patch != 7 else (4, 4))
    assert torch.allclose(maps.mean(dim=(2, 3)), module(x), atol=1e-5)


def test_each_place_paints_its_own_pixels(rng):
    """Places of 2 x 2 in a picture of 7 x 8: cells of 4 x 4, the lower ones cut off."""
    maps = torch.randn(3, 5, 2, 2, generator=rng)
    layer = torch.nn.Linear(5, 2 * 4 * 4)
    picture = painting.paint_places(layer, maps, torch.zeros(3, 2, 7, 8))
    assert picture.shape == (3, 2, 7, 8)
    for row in range(2):
        for column in range(2):
            cell = layer(maps[:, :, row, column]).view(3, 2, 4, 4)
            shown = picture[:, :, 4 * row : 4 * row + 4, 4 * column : 4 * column + 4]
            assert torch.allclose(shown, cell[:, :, : 3 if row else 4], atol=1e-6)


@pytest.mark.parametrize("encoder", [SmallConv(width=8), ViTMini()])
def test_the_linear_painter_fits_the_encoder_and_leaves_it_as_it_was(encoder, case_of):
    from workbench.tasks.denoising import Denoising

    info = case_of(Denoising(), "conv", "colour 32").info
    module = encoder.build(info)
    before = {k: v.clone() for k, v in module.state_dict().items()}
    layer = painting.linear_painter(module, info)
    x = torch.rand(2, 3, 32, 32)
    assert painting.paint_places(layer, painting.maps_of(module, x), x).shape == x.shape
    assert module.training
    fresh = encoder.build(info)
    fresh.load_state_dict(before)
    painting.linear_painter(fresh, info)
    assert all(torch.equal(before[k], v) for k, v in fresh.state_dict().items())


def test_spread_marks_whole_patches():
    marked = torch.tensor([[True, False, False, False, False, True]])
    pixels = painting.spread(marked, torch.zeros(1, 3, 4, 6))[0, 0]
    assert pixels.tolist() == [[True] * 2 + [False] * 4] * 2 + [[False] * 4 + [True] * 2] * 2


def test_a_painter_makes_a_picture_of_its_size():
    assert painting.painter(16, 8, 3, (5, 7))(torch.randn(2, 16)).shape == (2, 3, 5, 7)
