"""Convolutional encoders: a small conv net and the residual nets of 18, 34 and 50 layers."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from workbench.encoders.base import Encoder
from workbench.lazy import lazy
from workbench.options import option

if TYPE_CHECKING:
    from torch import nn

    from workbench.data.dataset import DataInfo, Dataset
    from workbench.encoders.nets import conv, starts
else:
    conv = lazy("workbench.encoders.nets.conv")
    starts = lazy("workbench.encoders.nets.starts")

# Up to this side in pixels a 7 x 7 stem with pooling would leave feature maps of a pixel or two.
_SMALL_SIDE = 64


@dataclass(frozen=True)
class _ConvEncoder(Encoder):
    """Base of the convolutional nets: how they may start."""

    family = "convolutional"
    modalities = ("image",)
    kind = "conv"

    whiten: bool = option(
        False,
        label="Whitened first layer",
        help="The first layer starts from the principal directions of training patches.",
        advanced=True,
    )
    identity: bool = option(
        False,
        label="Identity start",
        help="Later 3 x 3 layers start by passing their inputs on.",
        advanced=True,
    )

    def start(self, net: nn.Module, data: Dataset) -> float:
        began = time.perf_counter()
        if self.whiten:
            starts.whiten_first_layer(net, data)  # type: ignore[arg-type]
        if self.identity:
            starts.identities(net)  # type: ignore[arg-type]
        return time.perf_counter() - began


@dataclass(frozen=True)
class SmallConv(_ConvEncoder):
    """Four convolutions: it learns visibly within seconds on a CPU."""

    name = "small_conv"
    title = "Small conv net"
    summary = "Four convolutions with batch norm; learns visibly in seconds."
    reference = "after LeCun et al. 1998, with batch norm (Ioffe & Szegedy 2015)"
    default_of_kind = True

    width: int = option(
        32,
        label="Width",
        help="Channels of the first layer; h has four times as many.",
        low=4,
        high=512,
    )

    def build(self, info: DataInfo) -> nn.Module:
        return conv.small_conv(info, self.width)


@dataclass(frozen=True)
class _ResNet(_ConvEncoder):
    """Base of the residual nets. The stem suits the image size."""

    reference = "He et al. 2015, arXiv 1512.03385"
    blocks: ClassVar[tuple[int, int, int, int]]
    bottleneck = False

    stem: str = option(
        "auto",
        label="Stem",
        help="small: 3 x 3 without pooling; large: 7 x 7 with pooling. Auto: small up to 64 px.",
        choices=("auto", "small", "large"),
    )

    def build(self, info: DataInfo) -> nn.Module:
        side = min(info.size or (32, 32))
        small = side <= _SMALL_SIDE if self.stem == "auto" else self.stem == "small"
        return conv.resnet(info, self.blocks, small, bottleneck=self.bottleneck)


@dataclass(frozen=True)
class ResNet18(_ResNet):
    """18 layers: h has 512 dimensions."""

    name = "resnet18"
    title = "ResNet-18"
    summary = "Residual net of 18 layers, 11 million weights; for GPUs or patience."
    blocks = (2, 2, 2, 2)


@dataclass(frozen=True)
class ResNet34(_ResNet):
    """34 layers: h has 512 dimensions."""

    name = "resnet34"
    title = "ResNet-34"
    summary = "Residual net of 34 layers, 21 million weights; for GPUs."
    blocks = (3, 4, 6, 3)


@dataclass(frozen=True)
class ResNet50(_ResNet):
    """50 layers in bottlenecks: h has 2,048 dimensions. The usual net of published results."""

    name = "resnet50"
    title = "ResNet-50"
    summary = "Residual net of 50 layers, 24 million weights; for GPUs."
    blocks = (3, 4, 6, 3)
    bottleneck = True
