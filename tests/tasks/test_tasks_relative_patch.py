"""Relative patch: which side is which, what the network may see, and the loss."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch

from workbench.errors import RequestError
from workbench.tasks.base import Batch, IllustrationData
from workbench.tasks.parts.render import pixels
from workbench.tasks.relative_patch import PLACES, RelativePatch

# Rows and columns from the middle tile, in the order of PLACES.
OFFSETS = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]


def whole(batch: Batch, rng: torch.Generator, **_: object) -> torch.Tensor:
    return batch.clean()


def places(size: int = 12, side: int = 30) -> Batch:
    """Images of three channels: 8 times the row, 8 times the column, and 0."""
    rows, columns = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    image = torch.stack([8 * rows, 8 * columns, 0 * rows]).byte()
    return Batch(torch.arange(size), images=image.expand(size, -1, -1, -1))


def test_the_places_are_named_for_what_they_are():
    for name, (down, right) in zip(PLACES, OFFSETS, strict=True):
        assert ("above" in name, "below" in name) == (down < 0, down > 0)
        assert ("left" in name, "right" in name) == (right < 0, right > 0)


@pytest.mark.parametrize("all_neighbours", [True, False])
def test_the_target_says_where_the_neighbour_lies(all_neighbours, case_of, rng):
    task = RelativePatch(all_neighbours=all_neighbours)
    case = case_of(task, "conv", "colour 32")
    views = task.views(case.build(), places(), whole, rng)
    (shown,), (target,) = views.inputs, views.targets
    assert target.shape == (12, 8 if all_neighbours else 1)
    middle = (shown * 255 / 8).mean(dim=(3, 4))
    # Cells of 10 pixels; tiles of 8 that move by a pixel to either side at most.
    apart = (middle[:, 1:, :2] - middle[:, :1, :2]) / 10
    wanted = torch.tensor(OFFSETS).float()[target]
    assert (apart - wanted).abs().max() < 0.25
    if all_neighbours:
        assert torch.equal(target.sort(dim=1).values, torch.arange(8).expand(12, -1))


def test_one_drawn_neighbour_is_each_as_often(case_of, rng):
    task = RelativePatch(all_neighbours=False)
    views = task.views(case_of(task, "conv", "colour 32").build(), places(2000, 18), whole, rng)
    counts = torch.bincount(views.targets[0][:, 0], minlength=8)
    assert (counts / 2000 - 1 / 8).abs().max() < 0.03


@pytest.mark.parametrize(
    ("task", "least", "mean"),
    [(RelativePatch(), 0, 2), (RelativePatch(gap=1 / 3, jitter=0.3), 1, 3)],
    ids=["default", "as in the paper"],
)
def test_gaps_between_tiles_vary(task, least, mean, case_of, rng):
    views = task.views(case_of(task, "conv", "colour 32").build(), places(400), whole, rng)
    shown, target = views.inputs[0] * 255 / 8, views.targets[0]
    right = (target == PLACES.index("right")).nonzero()
    gaps = torch.stack(
        [shown[row, at + 1, 1, 0, 0] - shown[row, 0, 1, 0, -1] - 1 for row, at in right.tolist()]
    )
    assert gaps.min() >= least
    assert gaps.mean() == pytest.approx(mean, abs=0.25)
    assert gaps.std() > 0.3


@pytest.mark.parametrize("kind", ["conv", "vit"])
def test_the_loss_is_the_cross_entropy_of_the_places(kind, case_of):
    """Pair by pair, each tile through the encoder by itself; value and gradient."""
    case = case_of(RelativePatch(), kind, "gray 28")
    module = case.build().eval()
    views = case.views(module, batch=Batch(torch.arange(3), images=case.batch.images[:3]))
    case.loss(module, views).loss.backward()
    weight = next(module.head.parameters())
    gradient, weight.grad = weight.grad.clone(), None
    total = torch.zeros(())
    for shown, targets in zip(views.inputs[0], views.targets[0], strict=True):
        codes = [module.encoder(tile[None]) for tile in shown]
        for code, right in zip(codes[1:], targets.tolist(), strict=True):
            logits = module.head(torch.cat([codes[0], code], dim=1))[0]
            total = total + torch.log(logits.exp().sum()) - logits[right]
    mean = total / (3 * 8)
    mean.backward()
    assert case.loss(module, views).loss.item() == pytest.approx(mean.item(), rel=1e-5)
    assert torch.allclose(gradient, weight.grad, atol=1e-5)
    assert case.task.chance(case.info, 64) == pytest.approx(math.log(8))


def test_dropped_colours_leave_one_channel_a_tile(case_of):
    case = case_of(RelativePatch(drop_colours=True), "conv", "colour 32")
    dropped = case.views(case.build()).inputs[0]
    varied = (dropped.std(dim=(3, 4)) > 0.02).sum(dim=2)
    assert (varied == 1).all()
    plain = case_of(RelativePatch(), "conv", "colour 32")
    assert ((plain.views(plain.build()).inputs[0].std(dim=(3, 4)) > 0.02).sum(dim=2) == 3).all()
    gray = case_of(RelativePatch(drop_colours=True), "conv", "gray 28")
    assert torch.isfinite(gray.loss(gray.build(), gray.views(gray.build())).loss)


def test_tiny_images_are_refused(case_of):
    info = case_of(RelativePatch(), "conv", "gray 28").info
    RelativePatch().check(dataclasses.replace(info, size=(18, 40)))
    with pytest.raises(RequestError, match="at least 18 pixels") as caught:
        RelativePatch().check(dataclasses.replace(info, size=(8, 8)))
    assert caught.value.field == "--size"
    assert caught.value.remedy == "Give --size 18 or more."


@pytest.mark.parametrize("size", [1, 2])
def test_small_batches_of_the_smallest_images_train(size, case_of):
    case = case_of(RelativePatch(), "conv", "colour 32")
    module = case.build()
    assert torch.isfinite(case.loss(module, case.views(module, batch=places(size, 18))).loss)


def test_the_illustration_shows_a_pair_and_its_place(case_of):
    case = case_of(RelativePatch(), "conv", "colour 32")
    views = case.views(case.build())
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    for row, (_, middle, neighbour, answer) in enumerate(shown.rows):
        assert (middle.image == pixels(views.inputs[0][row, 0])).all()
        assert (neighbour.image == pixels(views.inputs[0][row, 1])).all()
        right = int(views.targets[0][row, 0])
        assert answer.caption == PLACES[right]
        assert [mark for _, mark in answer.tokens].index("right") == right
        assert [mark for _, mark in answer.tokens].count("right") == 1


def test_it_learns_where_parts_lie(case_of):
    """Tiles that show their row and column: the loss soon falls far below chance."""
    case = case_of(RelativePatch(hidden=64), "conv", "colour 32")
    module, batch = case.build(), places(16)
    optimizer = torch.optim.AdamW(module.parameters(), lr=3e-3)
    losses = []
    for seed in range(15):
        rng = torch.Generator().manual_seed(seed)
        loss = case.loss(module, case.task.views(module, batch, whole, rng)).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] == pytest.approx(math.log(8), rel=0.2)
    assert losses[-1] < 0.5 * math.log(8)
