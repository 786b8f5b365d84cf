"""Image encoders: shapes at every size, and what each kind offers more."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from workbench import options, registry
from workbench.encoders.conv import ResNet18, ResNet34, ResNet50, SmallConv
from workbench.encoders.nets.vit import positions
from workbench.encoders.vit import ViTMini, ViTSmall, ViTTiny
from workbench.errors import RequestError

IMAGE = [cls for cls in registry.encoders().values() if "image" in cls.modalities]
CONV = [cls for cls in IMAGE if cls.kind == "conv"]
VIT = [cls for cls in IMAGE if cls.kind == "vit"]


def pictures(size: int, channels: int, height: int, width: int | None = None) -> torch.Tensor:
    rng = torch.Generator().manual_seed(1)
    return torch.rand(size, channels, height, width or height, generator=rng)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", [8, 20, 28, 32, 64, 96])
@pytest.mark.parametrize("cls", IMAGE, ids=lambda cls: cls.name)
def test_h_is_one_vector_a_picture(cls, side, channels, image_info):
    info = image_info(side, channels)
    cls().check(info)
    module = cls().build(info)
    x = pictures(2, channels, side)
    h = module(x)
    assert h.shape == (2, module.dim)
    assert h.dtype == torch.float32
    assert torch.isfinite(h).all()
    assert not torch.allclose(h[0], h[1])


@pytest.mark.parametrize("cls", IMAGE, ids=lambda cls: cls.name)
def test_pictures_need_not_be_square_and_may_have_two_channels(cls, image_info):
    info = image_info(24, 2, 36)
    module = cls().build(info)
    assert module(pictures(2, 2, 24, 36)).shape == (2, module.dim)


@pytest.mark.parametrize("cls", IMAGE, ids=lambda cls: cls.name)
def test_a_state_dict_is_all_there_is(cls, image_info):
    """Weights, batch-norm statistics and the normalisation of pixels."""
    old = cls().build(image_info(32, 3))
    old(pictures(4, 3, 32))
    other = dataclasses.replace(image_info(32, 3), mean=(0.1,) * 3, std=(0.9,) * 3)
    new = cls().build(other).eval()
    old.eval()
    x = pictures(2, 3, 32)
    with torch.no_grad():
        assert not torch.allclose(old(x), new(x))
        new.load_state_dict(old.state_dict())
        assert torch.equal(old(x), new(x))


@pytest.mark.parametrize("cls", IMAGE, ids=lambda cls: cls.name)
def test_the_global_seed_decides_the_weights(cls, image_info):
    states = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        states.append(torch.cat([p.flatten() for p in cls().build(image_info()).parameters()]))
    assert torch.equal(states[0], states[1])
    assert not torch.equal(states[0], states[2])


@pytest.mark.parametrize("cls", IMAGE, ids=lambda cls: cls.name)
def test_pixels_are_normalised_by_the_training_split(cls, image_info):
    """Mean and deviation are taken out: (2x, 2 mean, 2 std) gives the same as (x, mean, std)."""
    info = image_info()
    module = cls().build(info).eval()
    double = cls().build(dataclasses.replace(info, mean=(0.8,), std=(0.5,))).eval()
    own = {k: v for k, v in module.state_dict().items() if not k.startswith("normalise.")}
    assert double.load_state_dict(own, strict=False).unexpected_keys == []
    x = pictures(2, 1, 28)
    with torch.no_grad():
        assert torch.allclose(module(x), double(2 * x), atol=1e-4)


def test_a_constant_channel_does_not_blow_up(image_info):
    info = dataclasses.replace(image_info(), mean=(0.0,), std=(0.0,))
    assert torch.isfinite(SmallConv().build(info)(torch.zeros(2, 1, 28, 28))).all()


@pytest.mark.parametrize("cls", CONV, ids=lambda cls: cls.name)
def test_h_is_the_mean_of_the_maps(cls, image_info):
    module = cls().build(image_info(32, 3)).eval()
    x = pictures(2, 3, 32)
    with torch.no_grad():
        maps = module.maps(x)
        assert maps.ndim == 4
        assert torch.allclose(module(x), maps.mean(dim=(2, 3)))
        last = module(x.contiguous(memory_format=torch.channels_last))
        assert torch.allclose(module(x), last, atol=1e-4)


@pytest.mark.parametrize("cls", [ResNet18, ResNet34, ResNet50], ids=lambda cls: cls.name)
def test_residual_nets_halve_the_side_three_times_after_the_stem(cls, image_info):
    for side, stem in ((32, 1), (96, 4)):
        module = cls().build(image_info(side)).eval()
        maps = module.maps(pictures(1, 1, side))
        assert maps.shape == (1, module.dim, side // stem // 8, side // stem // 8)


@pytest.mark.parametrize("side", [2, 8, 20, 28, 32, 96])
def test_the_small_net_leaves_no_less_than_two_pixels_a_side(side, image_info):
    maps = SmallConv().build(image_info(side)).maps(pictures(1, 1, side))
    assert min(maps.shape[2:]) >= 2


@pytest.mark.parametrize("cls", [ResNet18, ResNet34, ResNet50], ids=lambda cls: cls.name)
def test_the_stem_suits_the_size_unless_it_is_given(cls, image_info):
    def first(stem: str, side: int) -> tuple[int, ...]:
        return cls(stem=stem).build(image_info(side)).body[0].kernel_size

    assert first("auto", 64) == first("small", 96) == (3, 3)
    assert first("auto", 96) == first("large", 32) == (7, 7)


@pytest.mark.parametrize(
    ("size", "patch"),
    [
        *(((8, 8), 2), ((20, 20), 2), ((28, 28), 4), ((32, 32), 4), ((64, 64), 8)),
        *(((96, 96), 12), ((34, 34), 2), ((24, 36), 3), ((31, 31), 1)),
    ],
)
def test_patches_divide_the_picture_into_about_eight_a_side(size, patch, image_info):
    module = ViTMini().build(image_info(size[0], 1, size[1]))
    assert module.patch == patch
    assert module.grid == (size[0] // patch, size[1] // patch)


def test_patches_are_cut_row_by_row_and_put_back(image_info):
    module = ViTMini(patch=4).build(image_info(8, 3, 12))
    x = pictures(2, 3, 8, 12)
    patches = module.patchify(x)
    assert patches.shape == (2, 6, 3 * 16)
    assert torch.equal(patches[:, 4].view(2, 3, 4, 4), x[:, :, 4:8, 4:8])
    assert torch.equal(module.unpatchify(patches), x)


def test_kept_patches_are_all_that_is_seen(image_info, rng):
    module = ViTMini(patch=4).build(image_info(16)).eval()
    x = pictures(2, 1, 16)
    everything = torch.arange(16).expand(2, 16)
    with torch.no_grad():
        assert torch.allclose(module.tokens(x, keep=everything), module.tokens(x), atol=1e-5)
        backwards = module.tokens(x, keep=everything.flip(1))
        assert torch.allclose(backwards.flip(1), module.tokens(x), atol=1e-5)
        keep = torch.tensor([[0, 5, 9], [1, 2, 15]])
        seen = module.tokens(x, keep=keep)
        assert seen.shape == (2, 3, module.dim)
        patches = module.patchify(x)
        hidden = torch.ones(2, 16, 1, dtype=torch.bool)
        hidden.scatter_(1, keep[:, :, None], False)
        other = module.unpatchify(torch.where(hidden, 1 - patches, patches))
        assert torch.allclose(module.tokens(other, keep=keep), seen, atol=1e-5)


def test_the_mask_token_stands_for_what_is_masked(image_info):
    module = ViTMini(patch=4).build(image_info(16)).eval()
    x = pictures(2, 1, 16)
    masked = torch.rand(2, 16) < 0.5
    patches = module.patchify(x)
    other = module.unpatchify(torch.where(masked[:, :, None], 1 - patches, patches))
    with torch.no_grad():
        assert torch.allclose(module.tokens(x, masked=masked), module.tokens(other, masked=masked))
        assert not torch.allclose(module.tokens(x), module.tokens(other))


@pytest.mark.parametrize(
    ("encoder", "dim", "parameters"),
    [
        # torchvision's, less a classifier of 1,000 classes.
        (ResNet18(stem="large"), 512, 11_689_512 - 513_000),
        (ResNet34(stem="large"), 512, 21_797_672 - 513_000),
        (ResNet50(stem="large"), 2048, 25_557_032 - 2_049_000),
        # timm's deit_tiny and deit_small at 224 pixels, less the classifier and the positions of
        # 196 patches and a class token. Our mask token takes the place of the class token.
        (ViTTiny(patch=16), 192, 5_717_416 - 193_000 - 197 * 192),
        (ViTSmall(patch=16), 384, 22_050_664 - 385_000 - 197 * 384),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_published_nets_have_as_many_weights_as_published(encoder, dim, parameters, image_info):
    module = encoder.build(image_info(224, 3))
    assert module.dim == dim
    assert sum(p.numel() for p in module.parameters()) == parameters


@pytest.mark.parametrize("cls", VIT, ids=lambda cls: cls.name)
def test_transformers_take_smaller_views(cls, image_info):
    module = cls(patch=4).build(image_info(32, 3))
    for side in (4, 12, 32, 40):
        h = module(pictures(2, 3, side))
        assert h.shape == (2, module.dim)
        assert torch.isfinite(h).all()


@pytest.mark.parametrize("cls", CONV, ids=lambda cls: cls.name)
def test_conv_nets_take_smaller_views(cls, image_info):
    module = cls().build(image_info(64, 3)).eval()
    for side in (12, 32):
        assert module(pictures(2, 3, side)).shape == (2, module.dim)


@pytest.mark.parametrize("cls", IMAGE, ids=lambda cls: cls.name)
def test_the_gradient_reaches_every_weight(cls, image_info):
    module = cls().build(image_info(16, 3))
    module(pictures(4, 3, 16)).square().sum().backward()
    for name, parameter in module.named_parameters():
        if name != "mask_token":
            assert parameter.grad is not None, name
            assert parameter.grad.any(), name


def test_any_size_that_the_patch_divides_is_encoded(image_info):
    module = ViTMini(patch=4).build(image_info(16))
    assert module.tokens(pictures(2, 1, 8, 20)).shape == (2, 10, module.dim)


def test_positions_tell_every_place_apart():
    places = positions(7, 9, 32, torch.device("cpu"))
    assert places.shape == (63, 32)
    assert torch.cdist(places, places).fill_diagonal_(9).min() > 0.3
    assert torch.equal(places[9 + 2, :16], places[9 + 5, :16])
    assert torch.equal(places[9 + 2, 16:], places[18 + 2, 16:])


def test_where_a_thing_lies_changes_h(image_info):
    module = ViTMini().build(image_info(28)).eval()
    x = torch.zeros(1, 1, 28, 28)
    x[:, :, :8, :8] = 1
    with torch.no_grad():
        assert not torch.allclose(module(x), module(x.flip(3)), atol=1e-4)


def test_patches_that_do_not_fit_are_refused(image_info):
    encoder = options.build(ViTMini, {"patch": 5})
    with pytest.raises(RequestError, match="patches of 5 pixels do not divide") as caught:
        encoder.check(image_info(28))
    assert caught.value.field == "--set encoder.patch"
    assert "4" in caught.value.remedy


def test_a_stride_along_one_pixel_has_a_gradient_in_half_precision():
    """torch 2.13 does not write it on processors; crops give inputs of one pixel a side."""
    from workbench.encoders.nets.conv import Conv2d

    torch.manual_seed(0)
    layer = Conv2d(4, 8, 3, stride=2, padding=1, bias=False)
    x = torch.randn(6, 4, 1, 1)
    layer(x).square().sum().backward()
    exact = layer.weight.grad.clone()
    for _ in range(5):
        layer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            out = layer(x)
        out.float().square().sum().backward()
        assert torch.allclose(layer.weight.grad, exact, rtol=0.05, atol=0.05)


def test_a_stride_that_changes_something_is_kept():
    from torch import nn

    from workbench.encoders.nets.conv import Conv2d

    ours = Conv2d(3, 5, 3, stride=2, padding=1)
    plain = nn.Conv2d(3, 5, 3, stride=2, padding=1)
    plain.load_state_dict(ours.state_dict())
    for size in ((8, 8), (1, 8), (1, 1), (5, 2)):
        x = torch.randn(2, 3, *size)
        assert torch.equal(ours(x), plain(x))
