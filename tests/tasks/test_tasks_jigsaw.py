"""Jigsaw: which tile went where, what the network may see, and the loss."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch

from workbench import options
from workbench.errors import RequestError
from workbench.tasks.base import Batch, IllustrationData
from workbench.tasks.jigsaw import Jigsaw
from workbench.tasks.parts import tiles
from workbench.tasks.parts.render import pixels


def whole(batch: Batch, rng: torch.Generator, **_: object) -> torch.Tensor:
    return batch.clean()


def cells(side: int, grid: int, size: int = 12) -> Batch:
    """Images whose every cell has a shade of its own, 10 more than the last."""
    cell = side // grid
    shade = torch.arange(grid * grid).view(grid, grid) * 10
    image = shade.repeat_interleave(cell, 0).repeat_interleave(cell, 1).byte()
    return Batch(torch.arange(size), images=image.expand(size, 1, -1, -1))


@pytest.mark.parametrize("grid", [2, 3])
def test_the_target_names_the_order_the_tiles_are_in(grid, case_of, rng):
    case = case_of(Jigsaw(grid=grid), "conv", "gray 28")
    module = case.build()
    side = 28 // grid * grid
    views = case.task.views(module, cells(side, grid), whole, rng)
    shown = (views.inputs[0] * 25.5).round().long()
    came_from = shown.amax(dim=(2, 3, 4))
    assert torch.equal(came_from, shown.amin(dim=(2, 3, 4)))
    target, order = views.targets
    assert torch.equal(came_from, module.orders[target])
    assert torch.equal(came_from, order)
    assert len(target.unique()) > 3


def test_every_order_is_asked_for(case_of, rng):
    case = case_of(Jigsaw(), "conv", "gray 28")
    views = case.task.views(case.build(), cells(28, 2, 2000), whole, rng)
    counts = torch.bincount(views.targets[0], minlength=24)
    assert counts.shape == (24,)
    assert (counts / 2000 - 1 / 24).abs().max() < 0.02


@pytest.mark.parametrize("kind", ["conv", "vit"])
def test_the_loss_is_the_cross_entropy_of_the_order(kind, case_of):
    """Tile by tile through the encoder, one sample after another; value and gradient."""
    case = case_of(Jigsaw(permutations=7), kind, "colour 32")
    module = case.build().eval()
    views = case.views(module)
    case.loss(module, views).loss.backward()
    weight = next(module.head.parameters())
    gradient, weight.grad = weight.grad.clone(), None
    total = torch.zeros(())
    for shown, right in zip(views.inputs[0], views.targets[0].tolist(), strict=True):
        codes = torch.cat([module.encoder(tile[None])[0] for tile in shown])
        logits = module.head(codes[None])[0]
        total = total + torch.log(logits.exp().sum()) - logits[right]
    mean = total / case.batch.size
    mean.backward()
    assert case.loss(module, views).loss.item() == pytest.approx(mean.item(), rel=1e-5)
    assert torch.allclose(gradient, weight.grad, atol=1e-5)
    assert case.task.chance(case.info, 64) == pytest.approx(math.log(7))


def test_the_grid_follows_the_size_and_says_so(case_of):
    info = case_of(Jigsaw(), "conv", "gray 28").info
    large = dataclasses.replace(info, size=(48, 64))
    assert Jigsaw().chance(info, 1) == pytest.approx(math.log(24))
    assert Jigsaw().chance(large, 1) == pytest.approx(math.log(64))
    assert "2 x 2 tiles, shuffled in 24 ways" in Jigsaw().notes(info)[0]
    assert "3 x 3 tiles, shuffled in 64 ways" in Jigsaw().notes(large)[0]
    assert Jigsaw(grid=2, permutations=24).notes(info) == ()


def test_what_cannot_be_cut_is_refused(case_of):
    info = case_of(Jigsaw(), "conv", "gray 28").info
    tiny, less = (dataclasses.replace(info, size=(side, side)) for side in (8, 7))
    Jigsaw().check(tiny)
    Jigsaw(grid=3).check(info)
    with pytest.raises(RequestError, match="3 x 3 cuts images of 8 x 8") as caught:
        Jigsaw(grid=3).check(tiny)
    assert caught.value.field == "--set grid"
    assert caught.value.remedy == "Give --set grid=2, or --size 12 or more."
    with pytest.raises(RequestError, match="at least 8 pixels") as caught:
        Jigsaw().check(less)
    assert caught.value.field == "--size"
    with pytest.raises(RequestError, match="24 permutations, not 25") as caught:
        Jigsaw(permutations=25).check(info)
    assert caught.value.field == "--set permutations"
    with pytest.raises(RequestError):
        options.build(Jigsaw, {"grid": "4"}, prefix="--set ")


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("side", [8, 9])
def test_tiny_images_and_batches_train(side, size, case_of, rng):
    case = case_of(Jigsaw(), "conv", "gray 28")
    case.info = dataclasses.replace(case.info, size=(side, side))
    module = case.build().eval()
    views = case.views(module, batch=cells(side // 2 * 2, 2, size))
    assert torch.isfinite(case.loss(module, views).loss)


def test_without_gap_and_jitter_the_tiles_make_the_whole_picture(case_of, rng):
    """What the defaults forbid: edges that continue each other."""
    case = case_of(Jigsaw(gap=0.0, jitter=0.0), "conv", "gray 28")
    views = case.task.views(case.build(), case.batch, whole, rng)
    back = tiles.shuffle(views.inputs[0], views.targets[1].argsort(dim=1))
    rows = [torch.cat([back[:, 0], back[:, 1]], 3), torch.cat([back[:, 2], back[:, 3]], 3)]
    assert torch.allclose(torch.cat(rows, 2), case.batch.clean())
    apart = case_of(Jigsaw(), "conv", "gray 28")
    assert apart.views(apart.build()).inputs[0].shape == (12, 4, 1, 12, 12)


def test_the_illustration_shows_the_tiles_and_their_order(case_of):
    case = case_of(Jigsaw(), "conv", "colour 32")
    views = case.views(case.build())
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    for row, panels in enumerate(shown.rows):
        _, seen, answer, solved = panels
        side = views.inputs[0].shape[3]
        order = views.targets[1][row].tolist()
        assert [int(token) - 1 for token, _ in answer.tokens] == order
        for place, origin in enumerate(order):
            tile = pixels(views.inputs[0][row, place])
            for panel, at in ((seen, place), (solved, origin)):
                top, left = at // 2 * (side + 2), at % 2 * (side + 2)
                assert (panel.image[top : top + side, left : left + side] == tile).all()


def test_it_learns_where_parts_belong(case_of):
    """Images with a shade for each corner: the order can be told, and soon is."""
    case = case_of(Jigsaw(), "conv", "gray 28")
    noise = torch.randint(0, 40, (32, 1, 28, 28), generator=torch.Generator().manual_seed(0))
    batch = Batch(torch.arange(32), images=(cells(28, 2, 32).images * 6 + noise).byte())
    module = case.build()
    optimizer = torch.optim.AdamW(module.parameters(), lr=3e-3)
    losses = []
    for seed in range(25):
        rng = torch.Generator().manual_seed(seed)
        loss = case.loss(module, case.task.views(module, batch, whole, rng)).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] == pytest.approx(math.log(24), rel=0.2)
    assert losses[-1] < 0.5 * math.log(24)
