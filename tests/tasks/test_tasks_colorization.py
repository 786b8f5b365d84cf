"""Colorization: Lab, the classes, the weights, outlines for gray data, and the loss."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from workbench.tasks.base import IllustrationData
from workbench.tasks.colorization import Colorization, outlines, relative_entropy, weights_of
from workbench.tasks.parts import lab


@pytest.mark.parametrize(
    ("rgb", "expected"),
    # Values of the standard for sRGB under D65 (as in skimage's and Lindbloom's tables).
    [
        ((1, 1, 1), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((1, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 1, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 1), (32.30, 79.19, -107.86)),
    ],
)
def test_lab_of_known_colours(rgb, expected):
    got = lab.to_lab(torch.tensor(rgb, dtype=torch.float32).view(1, 3, 1, 1)).flatten()
    assert got.tolist() == pytest.approx(expected, abs=0.05)


def test_lab_and_back_is_the_same_picture(rng):
    x = torch.rand(2, 3, 8, 8, generator=rng)
    assert torch.allclose(lab.to_rgb(lab.to_lab(x)), x, atol=1e-3)


def test_the_papers_width_gives_about_its_313_classes():
    classes = lab.colour_classes(10.0)
    assert 250 < len(classes) < 330
    assert classes.unique(dim=0).shape == classes.shape
    assert (classes % 10 == 0).all()
    assert len(lab.colour_classes(20.0)) < 110


def test_the_nearest_class_is_found(rng):
    classes = lab.colour_classes(20.0)
    ab = 160 * torch.rand(2, 2, 3, 4, generator=rng) - 80
    nearest = lab.nearest(ab, classes)
    for b, row, column in ((0, 0, 0), (1, 2, 3), (0, 1, 2)):
        distance = ((classes - ab[b, :, row, column]) ** 2).sum(dim=1)
        assert distance[nearest[b, row, column]] == distance.min()


def test_weights_are_equation_4(rng):
    p = np.array([0.7, 0.2, 0.1, 0.0])
    w = np.array([1 / (0.5 * value + 0.5 / 4) for value in p])
    w /= (w * p).sum()
    assert np.allclose(weights_of(torch.tensor(p)).numpy(), w, atol=1e-5)


@pytest.mark.parametrize("rebalance", [True, False])
def test_the_loss_is_equation_2_over_that_of_the_best_constant_answer(rebalance, rng):
    logits = torch.randn(20, 4, generator=rng, dtype=torch.float64, requires_grad=True)
    target = torch.tensor([0] * 11 + [1] * 5 + [3] * 4)
    p = np.bincount(target.numpy(), minlength=4) / 20
    w = 1 / (0.5 * p + 0.5 / 4) if rebalance else np.ones(4)
    w = w / (w * p).sum()
    scores = logits.detach().numpy()
    right = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    loss = constant = 0.0
    for n, c in enumerate(target.tolist()):
        loss += -w[c] * math.log(right[n, c]) / 20
        constant += -w[c] * math.log(w[c] * p[c]) / 20
    got = relative_entropy(logits, target, rebalance)
    assert got.item() == pytest.approx(loss / constant, rel=1e-5)
    (gradient,) = torch.autograd.grad(got, logits)
    wanted = right.copy()
    wanted[np.arange(20), target.numpy()] -= 1
    wanted *= w[target.numpy()][:, None] / 20 / constant
    assert np.allclose(gradient.numpy(), wanted, atol=1e-5)


@pytest.mark.parametrize("rebalance", [True, False])
def test_knowing_how_frequent_colours_are_is_1_and_knowing_them_is_0(rebalance):
    target = torch.tensor([0] * 12 + [1] * 6 + [2] * 2)
    p = torch.tensor([0.6, 0.3, 0.1])
    best = (p * weights_of(p) if rebalance else p).log().expand(20, 3)
    assert relative_entropy(best, target, rebalance).item() == pytest.approx(1, abs=1e-5)
    worse = relative_entropy(torch.zeros(20, 3), target, rebalance)
    assert worse >= 1
    sure = 100 * torch.nn.functional.one_hot(target).float()
    assert relative_entropy(sure, target, rebalance).item() == pytest.approx(0, abs=1e-5)


def test_pictures_of_one_colour_give_a_finite_loss():
    loss = relative_entropy(torch.zeros(6, 3), torch.zeros(6, dtype=torch.int64), True)
    assert loss.item() == pytest.approx(math.log(3) / 0.1)


def test_only_lightness_is_seen(case_of):
    """A picture and the gray one of equal lightness look alike to the network."""
    case = case_of(Colorization(), "conv", "colour 32")
    module, rng = case.build(), torch.Generator()
    x = case.batch.clean()
    lightness = lab.to_lab(x)[:, :1]
    gray = lab.to_rgb(torch.cat([lightness, torch.zeros_like(x[:, :2])], dim=1))
    (seen,), (seen_gray,) = (
        case.task.views(module, case.batch, lambda batch, rng, y=y: y, rng).inputs
        for y in (x, gray)
    )
    assert torch.allclose(seen, seen_gray, atol=1e-3)
    assert torch.allclose(seen, lightness.expand(-1, 3, -1, -1) / 100)


def test_the_target_of_a_patch_is_the_class_of_its_colour(case_of):
    case = case_of(Colorization(), "conv", "colour 32")
    case.batch.images[:] = torch.tensor([200, 30, 40], dtype=torch.uint8).view(3, 1, 1)
    module = case.build()
    (target,) = case.views(module).targets
    assert target.shape == (12, *module.encoder.grid)
    red = lab.to_lab(torch.tensor([200, 30, 40]).view(1, 3, 1, 1) / 255)[0, 1:, 0, 0]
    assert ((module.classes[target] - red).abs() <= 10.01).all()
    assert target.unique().numel() == 1


def test_outlines_do_not_tell_inside_from_outside(rng):
    x = torch.rand(3, 1, 9, 9, generator=rng)
    assert torch.allclose(outlines(x), outlines(1 - x), atol=1e-6)
    assert torch.allclose(outlines(x), outlines(0.3 + 0.5 * x), atol=1e-5)
    assert outlines(x).amax(dim=(1, 2, 3)).tolist() == pytest.approx([1, 1, 1])
    assert not outlines(torch.full((1, 1, 8, 8), 0.4)).any()


def test_gray_data_are_asked_for_tones_from_outlines(case_of):
    case = case_of(Colorization(levels=3), "conv", "gray 28")
    (note,) = case.task.notes(case.info)
    assert "outlines" in note
    assert "3 levels" in note
    ramp = torch.linspace(0, 255, 28).byte().expand(12, 1, 28, 28)
    case.batch.images = ramp.clone()
    module, rng = case.build(), torch.Generator()
    views = case.task.views(module, case.batch, lambda batch, rng: batch.clean(), rng)
    (target,) = views.targets
    # Columns of 4 pixels have their means at 1.5, 5.5, ... of 27.
    expected = [int(3 * (4 * column + 1.5) / 27) for column in range(7)]
    assert torch.equal(target, torch.tensor(expected).expand(12, 7, 7))
    assert torch.equal(views.inputs[0], outlines(ramp.float() / 255))
    assert Colorization().notes(case_of(Colorization(), "conv", "colour 32").info) == ()


def test_training_learns_the_tones(case_of):
    case = case_of(Colorization(), "conv", "gray 28")
    square = torch.zeros(12, 1, 28, 28, dtype=torch.uint8)
    for i in range(12):
        square[i, 0, i : i + 14, 2 * i % 14 : 2 * i % 14 + 14] = 220
    case.batch.images = square
    module = case.build()
    optimizer = torch.optim.AdamW(module.parameters(), lr=3e-3)
    for step in range(30):
        out = case.loss(module, case.views(module, seed=step))
        optimizer.zero_grad()
        out.loss.backward()
        optimizer.step()
    assert out.loss < 1
    assert out.logs["accuracy"] > 0.5


@pytest.mark.parametrize("data", ["gray 28", "colour 32"])
def test_the_illustration_shows_what_is_seen_and_the_right_classes(data, case_of):
    case = case_of(Colorization(), "conv", data)
    module = case.build()
    views = case.views(module)
    (seen,), (target,) = views.inputs, views.targets
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    for i, row in enumerate(shown.rows):
        visible = (seen[i].clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy().squeeze()
        assert (row[1].image == visible).all()
        answer = row[2].image
        if data == "gray 28":
            tones = (module.classes[target[i], 0] * 255).round().byte().numpy()
            assert (answer[::4, ::4] == tones).all()
        else:
            back = lab.to_lab(torch.tensor(answer).permute(2, 0, 1)[None] / 255)[0]
            inside = (torch.tensor(answer) > 0).all(2) & (torch.tensor(answer) < 255).all(2)
            wanted = module.classes[target[i]].repeat_interleave(4, 0).repeat_interleave(4, 1)
            gap = (back[1:].permute(1, 2, 0) - wanted).abs().amax(dim=2)
            assert gap[inside].max() < 3
