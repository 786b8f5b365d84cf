"""Inpainting: where the hole is, that nobody sees into it, and that only it is asked for."""

from __future__ import annotations

import pytest
import torch

from workbench.errors import RequestError
from workbench.tasks.base import IllustrationData
from workbench.tasks.inpainting import Inpainting, hole_size, holes


def test_a_hole_has_the_share_and_the_proportions_of_the_picture():
    assert hole_size((8, 8), 0.25) == (4, 4)
    assert hole_size((64, 32), 0.25) == (32, 16)
    assert hole_size((8, 8), 0.02) == (1, 1)


def test_central_holes_are_in_the_middle(rng):
    hole = holes(2, (8, 8), (4, 2), "centre", rng)
    expected = torch.zeros(8, 8, dtype=torch.bool)
    expected[2:6, 3:5] = True
    assert torch.equal(hole, expected.expand(2, 1, 8, 8))


def test_random_holes_are_whole_blocks_everywhere(rng):
    hole = holes(400, (8, 10), (3, 4), "random", rng)[:, 0]
    corners = set()
    for one in hole:
        rows, columns = one.any(dim=1).nonzero()[:, 0], one.any(dim=0).nonzero()[:, 0]
        assert one.sum() == 12
        assert len(rows) == 3
        assert len(columns) == 4
        corners.add((rows[0].item(), columns[0].item()))
    assert len(corners) == 6 * 7


@pytest.mark.parametrize("kind", ["conv", "vit"])
def test_the_hole_is_asked_for_and_not_seen(kind, case_of):
    case = case_of(Inpainting(norm_pix=False), kind, "colour 32")
    module = case.build().eval()
    views = case.views(module)
    (seen,), (x,), (hole,) = views.inputs, views.targets, views.masks
    assert (seen[hole.expand_as(seen)] == 0.5).all()
    assert torch.equal(seen[~hole.expand_as(seen)], x[~hole.expand_as(x)])
    before = case.loss(module, views).loss
    views.targets = (torch.where(hole, x, 1 - x),)
    assert torch.equal(case.loss(module, views).loss, before)
    views.targets = (torch.where(hole, 1 - x, x),)
    assert not torch.allclose(case.loss(module, views).loss, before)


@pytest.mark.parametrize("norm_pix", [True, False])
def test_the_loss_is_the_squared_error_in_the_hole(norm_pix, case_of):
    case = case_of(Inpainting(norm_pix=norm_pix), "conv", "gray 28")
    module = case.build().eval()
    views = case.views(module)
    (seen,), (x,), (hole,) = views.inputs, views.targets, views.masks
    painted = module.painter(module.encoder(seen))
    wrong = blank = 0.0
    for i in range(12):
        target = (x[i] - 0.5) / 0.29
        if norm_pix:
            target = (x[i] - x[i].mean()) / x[i].std(unbiased=False)
        wrong += ((painted[i] - target)[hole[i]] ** 2).sum().item()
        blank += (target[hole[i]] ** 2).sum().item()
    assert case.loss(module, views).loss.item() == pytest.approx(wrong / blank, rel=1e-4)


def test_large_pictures_are_painted_small(case_of):
    """At half the size, only what lies in the hole counts still."""
    case = case_of(Inpainting(norm_pix=False), "conv", "gray 28")
    case.info = type(case.info)(**{**vars(case.info), "size": (64, 64)})
    case.batch.images = torch.randint(0, 256, (12, 1, 64, 64), dtype=torch.uint8)
    module = case.build().eval()
    assert case.task.notes(case.info)
    views = case.views(module)
    (x,), (hole,) = views.targets, views.masks
    before = case.loss(module, views).loss
    rim = torch.nn.functional.max_pool2d(hole.float(), 3, 1, 1) > 0
    views.targets = (torch.where(rim, x, 1 - x),)
    assert torch.equal(case.loss(module, views).loss, before)


def test_training_paints_better_than_the_mean_colour(case_of):
    case = case_of(Inpainting(), "conv", "gray 28")
    ramp = torch.linspace(0, 255, 28).byte()
    case.batch.images = torch.stack([ramp.expand(1, 28, 28), ramp.expand(1, 28, 28).mT] * 6)
    module = case.build()
    optimizer = torch.optim.AdamW(module.parameters(), lr=3e-3)
    for step in range(30):
        loss = case.loss(module, case.views(module, seed=step)).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.7


def test_the_illustration_shows_the_hole_and_what_was_there(case_of):
    case = case_of(Inpainting(), "conv", "gray 28")
    views = case.views(case.build())
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    for i, row in enumerate(shown.rows):
        seen, answer = (panel.image for panel in row[1:])
        right = (views.targets[0][i, 0] * 255).round().byte().numpy()
        inside = views.masks[0][i, 0].numpy()
        assert (seen == (views.inputs[0][i, 0] * 255).round().byte().numpy()).all()
        assert (answer[inside] == right[inside]).all()
        assert (answer[~inside] == 128).all()


def test_a_hole_of_everything_is_refused(case_of):
    info = case_of(Inpainting(), "conv", "gray 28").info
    tiny = type(info)(**{**vars(info), "size": (4, 4)})
    Inpainting(share=0.5).check(tiny)
    with pytest.raises(RequestError, match="takes all") as caught:
        Inpainting(share=0.9).check(tiny)
    assert caught.value.field == "--set share"
