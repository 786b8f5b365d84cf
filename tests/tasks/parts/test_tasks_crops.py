"""Multi-crop: sides and shares of small views, one pass a size, and cross-entropy between views."""

from __future__ import annotations

import math

import pytest
import torch

from workbench.augment.policy import Policy
from workbench.encoders.patching import patch_side
from workbench.errors import RequestError
from workbench.tasks.base import IllustrationData, Views
from workbench.tasks.parts.crops import (
    SMALL_SCALE,
    fitting_scale,
    illustrate_crops,
    multi_crop,
    project_crops,
    small_crop_notes,
    small_side,
    swapped_cross_entropy,
)
from workbench.tasks.parts.render import pixels
from workbench.tasks.swav import SwAV


@pytest.mark.parametrize(
    ("side", "patch", "small"),
    [(8, 2, 4), (28, 4, 12), (32, 4, 16), (64, 8, 32), (224, 16, 112), (9, 3, 6), (28, 28, 28)],
)
def test_small_sides_are_multiples_of_the_patch(side, patch, small):
    assert small_side(side, patch) == small


def test_small_sides_suit_the_patches_that_encoders_choose():
    for side in range(8, 129):
        small, patch = small_side(side, patch_side((side, side))), patch_side((side, side))
        assert small % patch == 0
        assert 4 <= small <= side


def test_small_crops_of_small_images_keep_5_pixels():
    assert fitting_scale((0.05, 0.4), 32) == (0.05, 0.4)
    assert fitting_scale((0.05, 0.4), 10) == (0.25, 0.4)
    assert fitting_scale((0.05, 0.4), 6) == pytest.approx((25 / 36, 25 / 36))
    assert fitting_scale((0.05, 0.4), 4) == (1.0, 1.0)


def test_a_note_says_that_crops_were_made_larger(case_of):
    info = case_of(SwAV(), "conv", "gray 28").info
    tiny = type(info)(**{**info.__dict__, "size": (8, 8)})
    assert small_crop_notes(info, 4) == ()
    assert small_crop_notes(tiny, 0) == ()
    (note,) = small_crop_notes(tiny, 4)
    assert "39% to 40%" in note


def test_views_are_large_ones_then_small_ones(case_of, rng):
    """What they show is measured: red says the column, green the row that a pixel came from."""
    case = case_of(SwAV(), "vit", "colour 32")
    ramp = torch.linspace(0, 255, 32).byte()
    case.batch.images[:, 0] = ramp
    case.batch.images[:, 1] = ramp[:, None]
    module = case.build()
    views = multi_crop(module, case.batch, Policy((), case.info), rng, large=2, small=3)
    assert [x.shape[2:] for x in views.inputs] == [(32, 32)] * 2 + [(16, 16)] * 3
    for x in views.inputs[2:]:
        extent = x.amax(dim=(2, 3)) - x.amin(dim=(2, 3))
        # A view of 16 pixels shows 15 of 16 of its extent between its outer pixels' centres.
        area = extent[:, 0] * extent[:, 1] * (16 / 15 * 31 / 32) ** 2
        assert area.min() > SMALL_SCALE[0] * 0.9
        assert area.max() < SMALL_SCALE[1] * 1.1
        assert area.std() > 0.01
    assert torch.equal(views.inputs[0], case.batch.clean())


@pytest.mark.parametrize("kind", ["conv", "vit"])
def test_views_of_two_sizes_are_projected_in_their_order(kind, case_of, rng):
    case = case_of(SwAV(), kind, "gray 28")
    module = case.build().eval()
    inputs = multi_crop(module, case.batch, case.augment, rng, small=2).inputs
    z = project_crops(module, inputs)
    assert z.shape == (4, 12, 128)
    for x, projected in zip(inputs, z, strict=True):
        assert torch.allclose(module.projector(module.encoder(x)), projected, atol=1e-5)


def test_one_sample_is_refused(case_of):
    module = case_of(SwAV(), "conv", "gray 28").build()
    with pytest.raises(RequestError, match="batch of 1 is too small"):
        project_crops(module, [torch.rand(1, 1, 28, 28)] * 2)


def by_loops(logits, targets):
    total, pairs = 0.0, 0
    for i in range(len(targets)):
        for v in range(len(logits)):
            if i == v:
                continue
            pairs += 1
            for sample in range(logits.shape[1]):
                scores = logits[v, sample]
                log_total = scores.exp().sum().log()
                for k in range(logits.shape[2]):
                    share = targets[i, sample, k]
                    total = total - share * (scores[k] - log_total) / logits.shape[1]
    return total / pairs


@pytest.mark.parametrize("views", [2, 5])
def test_value_and_gradient_are_those_of_the_sum_over_pairs(views, rng):
    logits = torch.randn(views, 3, 4, generator=rng).requires_grad_()
    targets = torch.rand(2, 3, 4, generator=rng).softmax(dim=2)
    ours, theirs = swapped_cross_entropy(logits, targets), by_loops(logits.double(), targets)
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)
    gradients = [torch.autograd.grad(loss, logits)[0] for loss in (ours, theirs)]
    assert torch.allclose(*gradients, atol=1e-5)


def test_a_view_is_never_compared_with_itself():
    """Each view alone agrees with its own target; swapped, they are as wrong as can be."""
    logits = 20 * torch.eye(2)[:, None]
    assert swapped_cross_entropy(logits, torch.eye(2)[:, None]).item() == pytest.approx(20)
    assert swapped_cross_entropy(logits, torch.eye(2).flip(0)[:, None]).item() < 1e-6


def test_constant_answers_are_at_chance(rng):
    targets = torch.rand(2, 5, 7, generator=rng).softmax(dim=2)
    loss = swapped_cross_entropy(torch.ones(3, 5, 7), targets)
    assert loss.item() == pytest.approx(math.log(7))


def test_the_illustration_shows_all_views_by_their_size(case_of, rng):
    case = case_of(SwAV(), "conv", "gray 28")
    views = multi_crop(case.build(), case.batch, case.augment, rng, small=1)
    shown = illustrate_crops(views, case.batch, IllustrationData(case.info), "What?")
    for row, panels in enumerate(shown.rows):
        captions = [panel.caption for panel in panels]
        assert captions == ["original", "large view 1", "large view 2", "small view 3"]
        for panel, x in zip(panels[1:], views.inputs, strict=True):
            assert (panel.image == pixels(x[row])).all()
    alike = Views(views.inputs[:2])
    shown = illustrate_crops(alike, case.batch, IllustrationData(case.info), "What?")
    assert [panel.caption for panel in shown.rows[0][1:]] == ["view 1", "view 2"]
