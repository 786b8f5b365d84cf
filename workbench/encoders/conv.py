"""Convolutional encoders: the small conv net and ResNet-18."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from workbench.encoders.base import Encoder, EncoderKind
from workbench.lazy import lazy
from workbench.options import option
from workbench.registry import Modality

if TYPE_CHECKING:
    from torch import nn

    from workbench.data.dataset import DataInfo
    from workbench.encoders.nets import conv
else:
    conv = lazy("workbench.encoders.nets.conv")

# Up to this side a 7 x 7 stem with pooling would leave feature maps of a pixel or two.
_SMALL_SIDE = 64


@dataclass(frozen=True)
class SmallConv(Encoder):
    """Four convolutions: what learns visibly within seconds on a CPU."""

    name: ClassVar[str] = "small_conv"
    title: ClassVar[str] = "Small conv net"
    summary: ClassVar[str] = "Four convolutions with batch norm; learns visibly in seconds."
    family: ClassVar[str] = "convolutional"
    modalities: ClassVar[tuple[Modality, ...]] = ("image",)
    reference: ClassVar[str] = "after LeCun et al. 1998, with batch norm (Ioffe & Szegedy 2015)"
    kind: ClassVar[EncoderKind] = "conv"

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
class ResNet18(Encoder):
    """ResNet-18 with a stem that suits the image size."""

    name: ClassVar[str] = "resnet18"
    title: ClassVar[str] = "ResNet-18"
    summary: ClassVar[str] = "Residual net of 18 layers, 11 million weights; for GPUs or patience."
    family: ClassVar[str] = "convolutional"
    modalities: ClassVar[tuple[Modality, ...]] = ("image",)
    reference: ClassVar[str] = "He et al. 2015, arXiv 1512.03385"
    kind: ClassVar[EncoderKind] = "conv"

    stem: str = option(
        "auto",
        label="Stem",
        help="small: 3 x 3 without pooling; large: 7 x 7 with pooling. Auto: small up to 64 px.",
        choices=("auto", "small", "large"),
    )

    def build(self, info: DataInfo) -> nn.Module:
        side = min(info.size or (32, 32))
        small = side <= _SMALL_SIDE if self.stem == "auto" else self.stem == "small"
        return conv.resnet(info, (2, 2, 2, 2), small)
