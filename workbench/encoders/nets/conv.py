"""A small convolutional net and residual nets. ``maps`` gives feature maps, ``forward`` pools."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from workbench.data.dataset import DataInfo
from workbench.encoders.nets.pixels import Normalise, patchify, unpatchify
from workbench.encoders.patching import patch_side

_TINY = 16


class Conv2d(nn.Conv2d):
    """A convolution with stride 1 along a side of one pixel, where a stride changes nothing.

    In bf16 on a processor, torch 2.13 does not write the weights' gradient for such a stride: it
    is whatever was in memory. Small crops and tiles become that small.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        stride = [
            1 if side == 1 else step for side, step in zip(x.shape[2:], self.stride, strict=True)
        ]
        return F.conv2d(x, self.weight, self.bias, stride, self.padding)


class ConvNet(nn.Module):
    """Normalise, then ``body``; h is the mean over the last feature maps, float (B, dim).

    For masked tasks it also reads images patch by patch, as a fully convolutional masked
    autoencoder does (FCMAE: Woo et al. 2023, 2301.00808): hidden patches are painted in the mean
    colour, and the token of a patch is read off the feature maps at its place.
    """

    def __init__(self, info: DataInfo, body: nn.Module, dim: int):
        super().__init__()
        size = info.size or (32, 32)
        self.normalise = Normalise(info)
        self.body = body
        self.dim = dim
        self.patch = patch_side(size)
        self.grid = (size[0] // self.patch, size[1] // self.patch)

    def maps(self, x: torch.Tensor) -> torch.Tensor:
        """float (B, dim, h, w) of images in [0, 1]."""
        out: torch.Tensor = self.body(self.normalise(x))
        return out

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.maps(x).mean(dim=(2, 3))

    def patchify(self, x: torch.Tensor) -> torch.Tensor:
        """float (B, P, C * patch * patch) of images (B, C, H, W); patches row by row."""
        return patchify(x, self.patch)

    def unpatchify(self, patches: torch.Tensor) -> torch.Tensor:
        """The inverse of ``patchify`` for images of the data's own size."""
        return unpatchify(patches, self.patch, self.grid)

    def tokens(
        self,
        x: torch.Tensor,
        keep: torch.Tensor | None = None,
        masked: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """float (B, P, dim), or (B, K, dim) of the patches ``keep``, int64 (B, K), from them alone.

        masked: bool (B, P), patches that are hidden; they get tokens all the same.
        """
        grid = (x.shape[2] // self.patch, x.shape[3] // self.patch)
        seen = self.normalise(x)
        if keep is not None or masked is not None:
            shown = torch.ones(len(x), grid[0] * grid[1], device=x.device)
            if masked is not None:
                shown = (~masked).float()
            if keep is not None:
                shown = torch.zeros_like(shown).scatter(1, keep, 1.0)
            # Normalised pixels are 0 where they have the mean colour.
            seen = seen * F.interpolate(shown.view(-1, 1, *grid), x.shape[2:], mode="nearest")
        maps = F.interpolate(self.body(seen), grid, mode="bilinear", align_corners=False)
        tokens = maps.flatten(2).transpose(1, 2)
        return (
            tokens if keep is None else tokens.gather(1, keep[:, :, None].expand(-1, -1, self.dim))
        )


def small_conv(info: DataInfo, width: int) -> ConvNet:
    """Four 3 x 3 convolutions of widths w, 2w, 4w, 4w; each halves the side until it is 2."""
    channels, side = info.channels or 3, min(info.size or (32, 32))
    widths = (width, 2 * width, 4 * width, 4 * width)
    layers: list[nn.Module] = []
    before = channels
    for index, after in enumerate(widths):
        # For tiny images the first layer keeps the side, so that strokes of one pixel are seen. For
        # larger ones it would cost as much as all other layers.
        halve = side > 2 and (index > 0 or side > _TINY)
        side = -(-side // 2) if halve else side
        layers += [
            Conv2d(before, after, 3, stride=2 if halve else 1, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(inplace=True),
        ]
        before = after
    return ConvNet(info, nn.Sequential(*layers), widths[-1])


class Residual(nn.Module):
    """Two 3 x 3 convolutions with a shortcut (He et al., 1512.03385, figure 2).

    Sums and ReLUs after a norm are computed in place. This saves memory traffic, and no gradient
    needs the norm's output.
    """

    def __init__(self, before: int, after: int, stride: int):
        super().__init__()
        self.first = Conv2d(before, after, 3, stride, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(after)
        self.second = Conv2d(after, after, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(after)
        self.shortcut = _shortcut(before, after, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = self.first_norm(self.first(x)).relu_()
        out = self.second_norm(self.second(out))
        whole: torch.Tensor = out.add_(self.shortcut(x)).relu_()
        return whole


class Bottleneck(nn.Module):
    """1 x 1, 3 x 3 and 1 x 1 convolutions with a shortcut (1512.03385, figure 5).

    ``width`` channels inside, four times as many outside. The 3 x 3 convolution strides, where the
    paper's first 1 x 1 does (as in torchvision: no pixel is skipped).
    """

    expand = 4

    def __init__(self, before: int, width: int, stride: int):
        super().__init__()
        after = self.expand * width
        self.narrow = Conv2d(before, width, 1, bias=False)
        self.narrow_norm = nn.BatchNorm2d(width)
        self.middle = Conv2d(width, width, 3, stride, padding=1, bias=False)
        self.middle_norm = nn.BatchNorm2d(width)
        self.widen = Conv2d(width, after, 1, bias=False)
        self.widen_norm = nn.BatchNorm2d(after)
        self.shortcut = _shortcut(before, after, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = self.narrow_norm(self.narrow(x)).relu_()
        out = self.middle_norm(self.middle(out)).relu_()
        out = self.widen_norm(self.widen(out))
        whole: torch.Tensor = out.add_(self.shortcut(x)).relu_()
        return whole


def _shortcut(before: int, after: int, stride: int) -> nn.Module:
    """The input itself where it has the shape of the output, else a 1 x 1 convolution of it."""
    if stride == 1 and before == after:
        return nn.Identity()
    return nn.Sequential(Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))


def resnet(
    info: DataInfo,
    blocks: tuple[int, int, int, int],
    small_stem: bool,
    *,
    bottleneck: bool = False,
) -> ConvNet:
    """A residual net of basic blocks, or of bottlenecks (h is then four times as wide).

    small_stem: 3 x 3 without pooling, for small images.
    """
    channels = info.channels or 3
    layers: list[nn.Module]
    if small_stem:
        layers = [Conv2d(channels, 64, 3, padding=1, bias=False)]
    else:
        layers = [Conv2d(channels, 64, 7, stride=2, padding=3, bias=False)]
    layers += [nn.BatchNorm2d(64), nn.ReLU(inplace=True)]
    if not small_stem:
        layers.append(nn.MaxPool2d(3, stride=2, padding=1))
    before = 64
    for stage, count in enumerate(blocks):
        width = 64 * 2**stage
        for index in range(count):
            stride = 2 if stage > 0 and index == 0 else 1
            if bottleneck:
                layers.append(Bottleneck(before, width, stride))
                before = Bottleneck.expand * width
            else:
                layers.append(Residual(before, width, stride))
                before = width
    net = ConvNet(info, nn.Sequential(*layers), before)
    for module in net.modules():
        if isinstance(module, Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return net
