"""Vision transformers: a mini one for minutes on a CPU, and the published tiny and small ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from workbench.encoders.base import Encoder
from workbench.encoders.patching import patch_side
from workbench.errors import RequestError
from workbench.lazy import lazy
from workbench.options import option

if TYPE_CHECKING:
    from torch import nn

    from workbench.data.dataset import DataInfo
    from workbench.encoders.nets import vit
else:
    vit = lazy("workbench.encoders.nets.vit")


@dataclass(frozen=True)
class _VisionTransformer(Encoder):
    """Base of all sizes."""

    family = "transformer"
    modalities = ("image",)
    reference = "Dosovitskiy et al. 2020, arXiv 2010.11929"
    kind = "vit"
    dim: ClassVar[int]
    depth: ClassVar[int]
    heads: ClassVar[int]

    patch: int | None = option(
        None,
        label="Patch side",
        help="Side of a patch in pixels; it must divide the image. Auto: about 8 patches a side, "
        "4 for tiny images.",
        low=1,
        high=64,
    )

    def check(self, info: DataInfo) -> None:
        if (
            self.patch is not None
            and info.size is not None
            and any(side % self.patch for side in info.size)
        ):
            raise RequestError(
                f"patches of {self.patch} pixels do not divide images of {info.size}.",
                field="--set encoder.patch",
                remedy=f"Give {patch_side(info.size)}, or another --size.",
            )

    def build(self, info: DataInfo) -> nn.Module:
        patch = patch_side(info.size or (32, 32)) if self.patch is None else self.patch
        return vit.VisionTransformer(
            info, patch=patch, dim=self.dim, depth=self.depth, heads=self.heads
        )


@dataclass(frozen=True)
class ViTMini(_VisionTransformer):
    """64 dimensions, 2 blocks, 4 heads: so small that half a minute on a processor shows something
    (I-JEPA on shapes: 113 steps and a gain; with 4 blocks of 128, 47 steps and a loss)."""

    name = "vit_mini"
    title = "Mini vision transformer"
    summary = "Vision transformer of 0.1 million weights, for minutes on a CPU."
    default_of_kind = True
    dim = 64
    depth = 2
    heads = 4


@dataclass(frozen=True)
class ViTTiny(_VisionTransformer):
    """The published tiny size: 192 dimensions, 12 blocks, 3 heads."""

    name = "vit_tiny"
    title = "Tiny vision transformer"
    summary = "Vision transformer of 5 million weights (ViT-Ti); for GPUs."
    reference = "Touvron et al. 2020 (DeiT), arXiv 2012.12877, table 1"
    dim = 192
    depth = 12
    heads = 3


@dataclass(frozen=True)
class ViTSmall(_VisionTransformer):
    """The published small size: 384 dimensions, 12 blocks, 6 heads."""

    name = "vit_small"
    title = "Small vision transformer"
    summary = "Vision transformer of 21 million weights (ViT-S); for GPUs."
    reference = "Touvron et al. 2020 (DeiT), arXiv 2012.12877, table 1"
    dim = 384
    depth = 12
    heads = 6
