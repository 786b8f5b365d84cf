"""CutPaste: what is pasted where, that classes are as frequent, and the loss."""

from __future__ import annotations

import math

import pytest
import torch

from workbench.tasks.base import Batch, IllustrationData
from workbench.tasks.cutpaste import CLASSES, CutPaste
from workbench.tasks.parts.render import pixels


def whole(batch: Batch, rng: torch.Generator, **_: object) -> torch.Tensor:
    return batch.clean()


def distinct(size: int, side: int = 64) -> Batch:
    """Smooth images in which no two neighbours are alike."""
    rows, columns = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    image = (3 * rows + columns) * 255 // (4 * side)
    image = (image + 40 * ((rows + columns) % 2)).clamp(max=255).byte()
    return Batch(torch.arange(size), images=image.expand(size, 1, -1, -1))


@pytest.mark.parametrize("ways", [2, 3])
def test_each_class_shows_what_it_says(ways, case_of, rng):
    case = case_of(CutPaste(ways=ways), "conv", "gray 28")
    batch = distinct(60)
    views = case.task.views(case.build(), batch, whole, rng)
    (shown,), (target,) = views.inputs, views.targets
    assert torch.bincount(target).tolist() == [60 // ways] * ways
    changed = (shown != batch.clean()).any(dim=1)
    assert not changed[target == 0].any()
    boxes = {}
    for way in range(1, ways):
        rows, columns = changed[target == way].any(dim=2), changed[target == way].any(dim=1)
        assert rows.any(dim=1).all()
        boxes[way] = rows.sum(dim=1).float() * columns.sum(dim=1)
    # A patch fills its box; a scar is thin and turned in a smaller one.
    patch = changed[target == 1].sum(dim=(1, 2)) / boxes[1]
    assert patch.median() > 0.9
    if ways == 3:
        assert boxes[2].median() < boxes[1].median()
        assert (changed[target == 2].sum(dim=(1, 2)) / boxes[2]).median() < 0.8


def test_all_versions_show_each_picture_in_each_class(case_of, rng):
    case = case_of(CutPaste(all_versions=True), "conv", "gray 28")
    batch = distinct(7)
    views = case.task.views(case.build(), batch, whole, rng)
    assert len(views.inputs) == 3
    targets = torch.stack(views.targets)
    assert torch.equal(targets.sort(dim=0).values, torch.arange(3)[:, None].expand(3, 7))
    normal = [x[target == 0] for x, target in zip(views.inputs, views.targets, strict=True)]
    assert torch.equal(torch.cat(normal), batch.clean())


def test_which_version_a_picture_has_is_drawn_anew(case_of, rng):
    case = case_of(CutPaste(all_versions=False), "conv", "gray 28")
    module = case.build()
    drawn = [case.task.views(module, distinct(30), whole, rng).targets[0] for _ in range(40)]
    counts = torch.stack([(torch.stack(drawn) == way).sum(dim=0) for way in range(3)])
    assert counts.min() >= 2


@pytest.mark.parametrize("all_versions", [False, True])
def test_the_loss_is_the_cross_entropy_of_the_classes(all_versions, case_of):
    """Sample by sample, in value and gradient."""
    case = case_of(CutPaste(all_versions=all_versions), "conv", "colour 32")
    module = case.build().eval()
    views = case.views(module)
    case.loss(module, views).loss.backward()
    weight = next(module.encoder.body.parameters())
    gradient, weight.grad = weight.grad.clone(), None
    terms = []
    for shown, target in zip(views.inputs, views.targets, strict=True):
        for picture, right in zip(shown, target.tolist(), strict=True):
            logits = module.head(module.encoder(picture[None]))[0]
            terms.append(torch.log(logits.exp().sum()) - logits[right])
    mean = torch.stack(terms).mean()
    mean.backward()
    assert len(terms) == (36 if all_versions else 12)
    assert case.loss(module, views).loss.item() == pytest.approx(mean.item(), rel=1e-5)
    assert torch.allclose(gradient, weight.grad, atol=1e-5)


def test_chance_is_of_as_many_ways(case_of):
    info = case_of(CutPaste(), "conv", "gray 28").info
    assert CutPaste().chance(info, 64) == pytest.approx(math.log(3))
    assert CutPaste(ways=2).chance(info, 64) == pytest.approx(math.log(2))


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("all_versions", [False, True])
def test_small_batches_of_tiny_images_train(size, all_versions, case_of):
    case = case_of(CutPaste(all_versions=all_versions), "conv", "gray 28")
    module = case.build().eval()
    views = case.views(module, batch=distinct(size, 8))
    assert torch.isfinite(case.loss(module, views).loss)


def test_the_illustration_shows_the_pictures_and_their_classes(case_of):
    case = case_of(CutPaste(), "conv", "colour 32")
    views = case.views(case.build())
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    for row, panels in enumerate(shown.rows):
        seen = [panel for panel in panels if panel.role == "sees"]
        answers = [panel for panel in panels if panel.role == "answers"]
        for x, target, panel, answer in zip(
            views.inputs, views.targets, seen, answers, strict=True
        ):
            assert (panel.image == pixels(x[row])).all()
            assert answer.caption == CLASSES[int(target[row])]
            assert [mark for _, mark in answer.tokens].index("right") == int(target[row])


def test_it_learns_to_see_what_was_pasted(case_of):
    """Bright stripes with a strongly recoloured piece: the loss falls well below chance."""
    case = case_of(CutPaste(ways=2, area=(0.15, 0.3), jitter=0.5), "conv", "gray 28")
    stripes = (torch.arange(28) % 4 < 2).byte() * 100 + 60
    batch = Batch(torch.arange(48), images=stripes.view(1, 1, 1, 28).expand(48, 1, 28, 28))
    module = case.build()
    optimizer = torch.optim.AdamW(module.parameters(), lr=5e-3)
    losses = []
    for seed in range(40):
        rng = torch.Generator().manual_seed(seed)
        loss = case.loss(module, case.task.views(module, batch, whole, rng)).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] == pytest.approx(math.log(2), rel=0.3)
    assert sum(losses[-5:]) / 5 < 0.7 * math.log(2)
