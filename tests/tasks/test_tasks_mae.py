"""MAE: what is hidden, what is asked for, and the error, patch by patch."""

from __future__ import annotations

import pytest
import torch

from workbench.errors import RequestError
from workbench.tasks.base import IllustrationData
from workbench.tasks.mae import MAE, hidden_error
from workbench.tasks.parts.patches import normalise, pixels_of, split_patches


@pytest.mark.parametrize(("ratio", "seen"), [(0.75, 4), (0.05, 15), (0.98, 1)])
def test_every_patch_is_seen_or_hidden(ratio, seen, rng):
    kept, hidden = split_patches(50, 16, ratio, rng)
    assert kept.shape == (50, seen)
    both = torch.cat([kept, hidden], dim=1).sort(dim=1).values
    assert torch.equal(both, torch.arange(16).expand(50, 16))
    assert len({tuple(row) for row in hidden.tolist()}) > 10
    assert (kept.diff(dim=1) > 0).all()


def test_normalised_patches_have_mean_0_and_deviation_1(rng):
    patches = torch.rand(3, 5, 12, generator=rng)
    normal = normalise(patches)
    assert torch.allclose(normal.mean(dim=2), torch.zeros(3, 5), atol=1e-6)
    assert torch.allclose(normal.std(dim=2, unbiased=False), torch.ones(3, 5), atol=1e-4)
    assert normalise(torch.full((1, 1, 12), 0.7)).abs().max() < 1e-3


def test_the_error_counts_hidden_patches_only(rng):
    painted, target = torch.randn(2, 3, 6, 4, generator=rng)
    hidden = torch.tensor([[0, 2], [1, 5], [3, 4]])
    total, size, count = 0.0, 0.0, 0
    for sample in range(3):
        for patch in hidden[sample].tolist():
            for value in range(4):
                wanted = target[sample, patch, value].item()
                total += (painted[sample, patch, value].item() - wanted) ** 2
                size += wanted**2
                count += 1
    loss, explained = hidden_error(painted, target, hidden)
    assert loss.item() == pytest.approx((total / count) / (size / count), rel=1e-5)
    assert explained.item() == pytest.approx(1 - total / size, rel=1e-4)


def test_on_photographs_the_error_is_the_papers(rng):
    """Patches that all have a pattern have a mean square of 1, which divides nothing."""
    target = normalise(torch.rand(4, 16, 48, generator=rng))
    painted = torch.randn(target.shape, generator=rng)
    hidden = torch.arange(12).expand(4, -1)
    error = (painted - target)[:, :12].square().mean()
    assert hidden_error(painted, target, hidden)[0].item() == pytest.approx(error.item(), rel=1e-4)


@pytest.mark.parametrize("flat", [0.0, 0.5, 0.9])
def test_chance_is_1_however_many_patches_are_flat(flat, rng):
    patches = torch.rand(8, 20, 16, generator=rng)
    patches[:, : int(20 * flat)] = 0.3
    target = normalise(patches)
    loss, _ = hidden_error(torch.zeros_like(target), target, torch.arange(20).expand(8, -1))
    assert loss.item() == pytest.approx(1, rel=1e-5)


def test_blank_pictures_give_a_finite_loss():
    target = normalise(torch.zeros(2, 4, 16))
    loss, _ = hidden_error(torch.full_like(target, 0.1), target, torch.arange(4).expand(2, -1))
    assert loss.item() == pytest.approx(1, rel=1e-3)


def test_painting_the_mean_is_chance_and_painting_it_right_is_0(rng):
    target = normalise(torch.rand(4, 16, 16, generator=rng))
    hidden = torch.arange(8).expand(4, -1)
    assert hidden_error(torch.zeros_like(target), target, hidden)[0] == pytest.approx(1, rel=1e-3)
    loss, explained = hidden_error(target, target, hidden)
    assert (loss.item(), explained.item()) == (0, 1)


@pytest.mark.parametrize("norm_pix", ["patch", "picture", "none"])
@pytest.mark.parametrize("data", ["gray 28", "colour 32"])
def test_what_is_hidden_is_what_the_encoder_does_not_see(norm_pix, data, case_of):
    """Another picture behind the hidden patches changes nothing that is painted."""
    case = case_of(MAE(norm_pix=norm_pix), "vit", data)
    module = case.build().eval()
    views = case.views(module)
    (x,), (seen, hidden) = views.inputs, views.masks
    where = pixels_of(hidden, seen.shape[1] + hidden.shape[1], x)
    before = case.loss(module, views).loss
    views.inputs = (torch.where(where, 1 - x, x),)
    assert torch.allclose(case.loss(module, views).loss, before)
    views.inputs = (torch.where(where, x, 1 - x),)
    assert not torch.allclose(case.loss(module, views).loss, before)


def test_the_untrained_loss_is_about_chance(case_of):
    case = case_of(MAE(), "vit", "colour 32")
    module = case.build()
    loss = case.loss(module, case.views(module)).loss.item()
    assert loss == pytest.approx(case.task.chance(case.info, 12), abs=0.6)


def test_training_paints_better_than_the_mean(case_of):
    """A slope is told from the patches around: smooth pictures can be painted."""
    case = case_of(MAE(), "vit", "gray 28")
    ramp = torch.linspace(0, 255, 28).byte()
    case.batch.images = torch.stack([ramp.expand(1, 28, 28), ramp.expand(1, 28, 28).mT] * 6)
    module = case.build()
    optimizer = torch.optim.AdamW(module.parameters(), lr=1e-3)
    for step in range(20):
        out = case.loss(module, case.views(module, seed=step))
        optimizer.zero_grad()
        out.loss.backward()
        optimizer.step()
    assert out.loss < 0.8
    assert out.logs["explained"] > 0.2


def test_the_illustration_hides_what_is_hidden(case_of):
    case = case_of(MAE(norm_pix="none"), "vit", "gray 28")
    views = case.views(case.build())
    (x,), (seen, hidden) = views.inputs, views.masks
    where = pixels_of(hidden, seen.shape[1] + hidden.shape[1], x)[:, 0].numpy()
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    for row, inside, picture in zip(shown.rows, where, x, strict=True):
        _, visible, answer = (panel.image for panel in row)
        right = (picture[0] * 255).round().byte().numpy()
        assert (visible[inside] == 128).all()
        assert (visible[~inside] == right[~inside]).all()
        assert abs(answer[inside].astype(int) - right[inside].astype(int)).max() <= 1


def test_what_cannot_be_built_is_refused(case_of):
    case = case_of(MAE(), "vit", "gray 28")
    with pytest.raises(RequestError, match="not a multiple of 4"):
        MAE(decoder_width=30).check(case.info)
    from workbench.encoders.vit import ViTMini

    with pytest.raises(RequestError, match="cut the images into 1") as caught:
        MAE().build(ViTMini(patch=28).build(case.info), case.info)
    assert caught.value.field == "--set encoder.patch"
