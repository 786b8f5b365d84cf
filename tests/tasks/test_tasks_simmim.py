"""SimMIM: hidden units, the mask token in the full grid, L1 on hidden pixels."""

from __future__ import annotations

import pytest
import torch

from workbench.encoders.vit import ViTMini
from workbench.errors import RequestError
from workbench.tasks.base import IllustrationData
from workbench.tasks.parts import painting
from workbench.tasks.simmim import SimMIM, hidden_units


@pytest.mark.parametrize(("ratio", "hidden"), [(0.6, 10), (0.05, 1), (0.98, 15)])
def test_units_are_hidden_whole(ratio, hidden, rng):
    masked = hidden_units(50, (8, 8), 2, ratio, rng).view(50, 4, 2, 4, 2).transpose(2, 3)
    units = masked.flatten(3)
    assert torch.equal(units.all(dim=3), units.any(dim=3))
    assert (units.all(dim=3).sum(dim=(1, 2)) == hidden).all()
    assert len({tuple(row) for row in masked.flatten(1).tolist()}) > 10


def test_units_are_cut_off_at_the_edge(rng):
    masked = hidden_units(200, (5, 4), 3, 0.5, rng).view(200, 5, 4)
    corner = masked[:, 3:, 3:]
    assert corner.any()
    assert torch.equal(corner.all(dim=2), corner.any(dim=2))
    assert masked.any(dim=(1, 2)).all()
    assert not masked.flatten(1).all(dim=1).any()


@pytest.mark.parametrize("kind", ["vit", "conv"])
@pytest.mark.parametrize("data", ["gray 28", "colour 32"])
def test_hidden_patches_are_asked_for_and_not_seen(kind, data, case_of):
    case = case_of(SimMIM(), kind, data)
    module = case.build().eval()
    views = case.views(module)
    (x,), (target,), (masked,) = views.inputs, views.targets, views.masks
    where = painting.spread(masked, x)
    before = case.loss(module, views).loss
    views.inputs = (torch.where(where, 1 - x, x),)
    assert torch.allclose(case.loss(module, views).loss, before)
    views.targets = (torch.where(where, target, -target),)
    assert torch.allclose(case.loss(module, views).loss, before)
    views.inputs = (torch.where(where, x, 1 - x),)
    assert not torch.allclose(case.loss(module, views).loss, before)


@pytest.mark.parametrize("norm_pix", [True, False])
def test_the_loss_is_l1_on_hidden_pixels_from_one_linear_layer(norm_pix, case_of):
    """The paper's, over that of the mean colour, patch by patch from the encoder's own tokens."""
    case = case_of(SimMIM(norm_pix=norm_pix), "vit", "colour 32")
    module = case.build().eval()
    views = case.views(module)
    (x,), (masked,) = views.inputs, views.masks
    assert isinstance(module.paint, torch.nn.Linear)
    tokens = module.encoder.tokens(x, masked=masked)
    wrong = blank = 0.0
    for sample in range(4, 12):
        for patch in masked[sample].nonzero()[:, 0].tolist():
            row, column = (4 * place for place in divmod(patch, 8))
            whole = (x[sample] - 0.5) / 0.29
            if norm_pix:
                whole = x[sample] - x[sample].mean(dim=(1, 2), keepdim=True)
                whole = whole / whole.square().mean().sqrt()
            right = whole[:, row : row + 4, column : column + 4]
            painted = module.paint(tokens[sample, patch]).view(3, 4, 4)
            wrong += (painted - right).abs().sum().item()
            blank += right.abs().sum().item()
    views = type(views)((x[4:],), (views.targets[0][4:],), (masked[4:],))
    assert case.loss(module, views).loss.item() == pytest.approx(wrong / blank, rel=1e-4)


def test_unlike_mae_the_encoder_works_on_hidden_places(case_of):
    """Its mask token is trained; MAE's encoder never meets one."""
    from workbench.tasks.mae import MAE

    trained = {}
    for task in (SimMIM(), MAE()):
        case = case_of(task, "vit", "gray 28")
        module = case.build()
        case.loss(module, case.views(module)).loss.backward()
        gradient = module.encoder.mask_token.grad
        trained[task.name] = gradient is not None and bool(gradient.any())
    assert trained == {"simmim": True, "mae": False}


@pytest.mark.parametrize("kind", ["vit", "conv"])
def test_training_paints_better_than_the_mean_colour(kind, case_of):
    case = case_of(SimMIM(), kind, "gray 28")
    ramp = torch.linspace(0, 255, 28).byte()
    case.batch.images = torch.stack([ramp.expand(1, 28, 28), ramp.expand(1, 28, 28).mT] * 6)
    module = case.build()
    optimizer = torch.optim.AdamW(module.parameters(), lr=2e-3)
    losses = []
    for step in range(25):
        out = case.loss(module, case.views(module, seed=step))
        optimizer.zero_grad()
        out.loss.backward()
        optimizer.step()
        losses.append(out.loss.item())
    assert losses[0] == pytest.approx(1, abs=0.5)
    assert losses[-1] < 0.8
    assert out.logs["explained"].item() == pytest.approx(1 - losses[-1], abs=1e-5)


@pytest.mark.parametrize("norm_pix", [True, False])
def test_the_illustration_hides_what_is_hidden(norm_pix, case_of):
    case = case_of(SimMIM(norm_pix=norm_pix), "vit", "gray 28")
    views = case.views(case.build())
    (x,), (masked,) = views.inputs, views.masks
    where = painting.spread(masked, x)[:, 0].numpy()
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    for row, inside, picture in zip(shown.rows, where, x, strict=True):
        _, visible, answer = (panel.image for panel in row)
        right = (picture[0] * 255).round().byte().numpy()
        assert (visible[inside] == 128).all()
        assert (visible[~inside] == right[~inside]).all()
        if norm_pix:
            shape = (picture[0] - picture.mean()) / picture.std(unbiased=False)
            right = ((0.5 + 0.2 * shape).clamp(0, 1) * 255).round().byte().numpy()
        assert abs(answer[inside].astype(int) - right[inside].astype(int)).max() <= 1


def test_units_as_large_as_the_picture_are_refused(case_of):
    info = case_of(SimMIM(), "vit", "gray 28").info
    with pytest.raises(RequestError, match="nothing to hide") as caught:
        SimMIM(unit=4).build(ViTMini(patch=7).build(info), info)
    assert caught.value.field == "--set unit"
