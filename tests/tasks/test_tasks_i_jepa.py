"""I-JEPA: the blocks, who sees what, the error, and how the teacher moves."""

from __future__ import annotations

import copy

import pytest
import torch

from workbench.errors import RequestError
from workbench.tasks.base import Context, IllustrationData
from workbench.tasks.i_jepa import IJEPA, predict
from workbench.tasks.parts.blocks import block_shape, context_and_targets, gather, place
from workbench.tasks.parts.patches import pixels_of

SHARES = ((0.15, 0.2), (0.85, 1.0))


@pytest.mark.parametrize(
    ("share", "aspect", "most", "expected"),
    [
        (0.25, 1.0, 64, (4, 4)),
        (0.125, 2.0, 64, (4, 2)),
        (0.125, 0.5, 64, (2, 4)),
        (0.9, 1, 6, (2, 3)),
    ],
)
def test_the_shape_is_the_nearest_allowed(share, aspect, most, expected):
    assert sorted(block_shape((8, 8), share, aspect, 1, most)) == sorted(expected)
    if aspect != 1:
        assert block_shape((8, 8), share, aspect, 1, most) == expected


def test_blocks_are_rectangles_anywhere_inside(rng):
    blocks = place(300, 2, (5, 4), (2, 3), rng)
    assert blocks.shape == (300, 2, 6)
    corners = set()
    for block in blocks.flatten(0, 1).tolist():
        row, column = divmod(block[0], 4)
        expected = [(row + i) * 4 + column + j for i in range(2) for j in range(3)]
        assert block == expected
        assert column <= 1
        assert row <= 3
        corners.add((row, column))
    assert len(corners) == 4 * 2


@pytest.mark.parametrize("grid", [(4, 4), (5, 7), (7, 7), (8, 8), (14, 14), (1, 5)])
@pytest.mark.parametrize("count", [1, 4])
def test_no_target_is_in_the_context_on_any_grid(grid, count):
    patches = grid[0] * grid[1]
    for seed in range(10):
        rng = torch.Generator().manual_seed(seed)
        context, blocks = context_and_targets(64, grid, count, *SHARES, rng)
        assert context.shape[0] == blocks.shape[0] == 64
        assert blocks.shape[1] == count
        assert context.shape[1] >= max(1, patches // 8)
        assert (context.diff(dim=1) > 0).all()
        assert context.max() < patches
        assert blocks.max() < patches
        for seen, hidden in zip(context.tolist(), blocks.flatten(1).tolist(), strict=True):
            assert not set(seen) & set(hidden)


def test_each_image_has_blocks_of_its_own_and_each_batch_a_shape(rng):
    shapes = set()
    for _ in range(20):
        context, blocks = context_and_targets(32, (8, 8), 4, *SHARES, rng)
        assert len({tuple(one) for one in blocks.flatten(1).tolist()}) > 25
        assert len({tuple(one) for one in context.tolist()}) > 25
        share = blocks.shape[2] / 64
        assert 0.12 <= share <= 0.22
        shapes.add(blocks.shape[2])
    assert len(shapes) > 1


def test_the_loss_is_smooth_l1_to_the_teachers_normalised_tokens(case_of):
    case = case_of(IJEPA(), "vit", "gray 28")
    module = case.build().eval()
    with torch.no_grad():
        module.teacher.encoder.embed.weight.mul_(1.5)
    views = case.views(module)
    (x,), (context, blocks, _) = views.inputs, views.masks
    predicted = predict(module, module.encoder.tokens(x, keep=context), context, blocks)
    tokens = module.teacher.encoder.tokens(x)
    total = torch.zeros(())
    for sample in range(len(x)):
        for block in range(blocks.shape[1]):
            for n, patch in enumerate(blocks[sample, block].tolist()):
                token = tokens[sample, patch]
                centred = token - token.mean()
                wanted = centred / (centred.square().mean() + 1e-5).sqrt()
                gap = (predicted[sample, block, n] - wanted).abs()
                total = total + torch.where(gap < 1, gap**2 / 2, gap - 0.5).mean()
    expected = total / blocks.numel()
    assert case.loss(module, views).loss.item() == pytest.approx(expected.item(), rel=1e-5)


def test_gather_takes_the_tokens_of_each_block(rng):
    tokens = torch.randn(3, 10, 4, generator=rng)
    blocks = torch.randint(10, (3, 2, 5), generator=rng)
    got = gather(tokens, blocks)
    assert torch.equal(got[1, 0, 3], tokens[1, blocks[1, 0, 3]])
    assert torch.equal(got[2, 1, 4], tokens[2, blocks[2, 1, 4]])


@pytest.mark.parametrize("kind", ["vit", "conv"])
def test_the_encoder_does_not_see_the_hidden_blocks_and_the_teacher_does(kind, case_of):
    case = case_of(IJEPA(), kind, "colour 32")
    module = case.build().eval()
    views = case.views(module)
    (x,), (context, blocks, grid) = views.inputs, views.masks
    seen = pixels_of(context, int(grid.prod()), x)
    other = torch.where(seen, x, 1 - x)
    same, changed = (
        predict(module, module.encoder.tokens(y, keep=context), context, blocks) for y in (x, other)
    )
    assert torch.allclose(same, changed, atol=1e-5)
    before = case.loss(module, views).loss
    views.inputs = (other,)
    assert not torch.allclose(case.loss(module, views).loss, before)


def test_no_gradient_reaches_the_teacher(case_of):
    case = case_of(IJEPA(), "vit", "gray 28")
    module = case.build()
    case.loss(module, case.views(module)).loss.backward()
    assert all(p.grad is None and not p.requires_grad for p in module.teacher.parameters())


def test_without_stop_gradient_the_encoder_gives_the_targets(case_of):
    """Then the teacher does not matter, and gradients flow through the targets too."""
    case = case_of(IJEPA(stop_gradient=False), "vit", "gray 28")
    module = case.build().eval()
    views = case.views(module)
    loss = case.loss(module, views).loss
    (free,) = torch.autograd.grad(loss, module.encoder.embed.weight)
    with torch.no_grad():
        module.teacher.encoder.embed.weight.zero_()
    assert torch.equal(case.loss(module, views).loss, loss)
    # The teacher made equal to the encoder gives the same loss, and another gradient.
    module.teacher.encoder.load_state_dict(module.encoder.state_dict())
    stopped = IJEPA().loss(module, views, Context()).loss
    (stopped_gradient,) = torch.autograd.grad(stopped, module.encoder.embed.weight)
    assert torch.allclose(stopped, loss, atol=1e-6)
    assert not torch.allclose(stopped_gradient, free)


def test_the_teacher_moves_slowly_and_ever_slower(case_of):
    case = case_of(IJEPA(momentum=0.9), "vit", "gray 28")
    module = case.build()
    with torch.no_grad():
        module.encoder.embed.weight.add_(1.0)
    old = copy.deepcopy(module.teacher.encoder.embed.weight)
    case.task.after_step(module, 0.0)
    assert torch.allclose(module.teacher.encoder.embed.weight, old + 0.1, atol=1e-6)
    moved = module.teacher.encoder.embed.weight.clone()
    case.task.after_step(module, 1.0)
    assert torch.allclose(module.teacher.encoder.embed.weight, moved, atol=1e-6)


def test_target_std_tells_collapse(case_of):
    case = case_of(IJEPA(), "vit", "gray 28")
    module = case.build()
    healthy = case.loss(module, case.views(module)).logs["target_std"]
    case.batch.images = case.batch.images[:1].expand(12, -1, -1, -1)
    views = case.views(module)
    views.inputs = (views.inputs[0][:1].expand(12, -1, -1, -1),)
    assert healthy > 0.1
    assert case.loss(module, views).logs["target_std"].item() == pytest.approx(0, abs=1e-5)


def test_a_few_steps_make_the_loss_fall(case_of):
    case = case_of(IJEPA(), "vit", "gray 28")
    module = case.build()
    optimizer = torch.optim.AdamW(case.task.parameter_groups(module), lr=1e-3)
    losses = []
    for step in range(15):
        loss = case.loss(module, case.views(module, seed=step)).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        case.task.after_step(module, step / 15)
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]


def test_the_illustration_shows_context_and_blocks(case_of):
    case = case_of(IJEPA(targets=3), "vit", "gray 28")
    views = case.views(case.build())
    (x,), (context, blocks, _) = views.inputs, views.masks
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    chosen = [context, *blocks.unbind(1)]
    for i, row in enumerate(shown.rows):
        assert len(row) == 5
        right = (x[i, 0] * 255).round().byte().numpy()
        for panel, patches in zip(row[1:], chosen, strict=True):
            inside = pixels_of(patches, 49, x)[i, 0].numpy()
            assert (panel.image[inside] == right[inside]).all()
            assert (panel.image[~inside] == 128).all()


def test_what_cannot_be_built_is_refused(case_of):
    from workbench.encoders.vit import ViTMini

    info = case_of(IJEPA(), "vit", "gray 28").info
    with pytest.raises(RequestError, match="too few for 4 blocks") as caught:
        IJEPA().build(ViTMini(patch=14).build(info), info)
    assert caught.value.field == "--set targets"
