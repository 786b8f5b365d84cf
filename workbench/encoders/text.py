"""Text transformers over the vocabulary of the training split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from workbench.encoders.base import Encoder, EncoderKind
from workbench.errors import RequestError
from workbench.lazy import lazy
from workbench.options import option
from workbench.registry import Modality

if TYPE_CHECKING:
    from torch import nn

    from workbench.data.dataset import DataInfo
    from workbench.encoders.nets import text
else:
    text = lazy("workbench.encoders.nets.text")


@dataclass(frozen=True)
class TextMini(Encoder):
    """128 dimensions, 2 blocks: a text transformer that learns within a minute on a CPU."""

    name: ClassVar[str] = "text_mini"
    title: ClassVar[str] = "Mini text transformer"
    summary: ClassVar[str] = "Transformer over word pieces, two blocks, for minutes on a CPU."
    family: ClassVar[str] = "transformer"
    modalities: ClassVar[tuple[Modality, ...]] = ("text",)
    reference: ClassVar[str] = "Vaswani et al. 2017, arXiv 1706.03762"
    kind: ClassVar[EncoderKind] = "text"
    heads: ClassVar[int] = 4

    dim: int = option(
        128, label="Width", help="Dimensions of a token (a multiple of 4).", low=8, high=1024
    )
    depth: int = option(2, label="Depth", help="Transformer blocks.", low=1, high=24)

    def check(self, info: DataInfo) -> None:
        if self.dim % self.heads:
            raise RequestError(
                f"'{self.dim}' is not a multiple of {self.heads}.",
                field="--set encoder.dim",
                remedy=f"Give {self.dim // self.heads * self.heads}.",
            )

    def build(self, info: DataInfo) -> nn.Module:
        return text.TextTransformer(info, dim=self.dim, depth=self.depth, heads=self.heads)
