"""Text transformers over the vocabulary of the training split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from workbench.encoders import text_start
from workbench.encoders.base import Encoder
from workbench.errors import RequestError
from workbench.lazy import lazy
from workbench.options import option

if TYPE_CHECKING:
    from torch import nn

    from workbench.data.dataset import DataInfo, Dataset
    from workbench.encoders.nets import text, text_starts
else:
    text = lazy("workbench.encoders.nets.text")
    text_starts = lazy("workbench.encoders.nets.text_starts")


@dataclass(frozen=True)
class _TextTransformer(Encoder):
    """Base of all sizes."""

    family = "transformer"
    modalities = ("text",)
    reference = "Vaswani et al. 2017, arXiv 1706.03762"
    kind = "text"
    heads: ClassVar[int]

    dim: int = option(
        64,
        label="Width",
        help="Dimensions of a token (a multiple of the heads).",
        low=8,
        high=1024,
    )
    depth: int = option(1, label="Depth", help="Transformer blocks.", low=1, high=24)
    causal: bool = option(
        False,
        label="Causal",
        help="No token sees a later one, as a language model needs it.",
        advanced=True,
    )
    dropout: float = option(
        0.0,
        label="Dropout",
        help="Share of values set to 0 at random while training.",
        low=0.0,
        high=0.9,
        advanced=True,
    )

    pool: str = option(
        "last",
        label="Read from",
        help="A text is the mean over its tokens: as the last block gives them, or the mean of "
        "these and of those that enter the first block (first+last).",
        choices=("last", "first+last"),
        advanced=True,
    )
    vectors: str = option(
        "random",
        label="Token vectors",
        help=text_start.HELP,
        choices=text_start.STARTS,
        advanced=True,
    )

    def check(self, info: DataInfo) -> None:
        if self.dim % self.heads:
            raise RequestError(
                f"'{self.dim}' is not a multiple of {self.heads}.",
                field="--set encoder.dim",
                remedy=f"Give {self.dim // self.heads * self.heads}.",
            )

    def start(self, net: nn.Module, data: Dataset) -> float:
        if self.vectors == "random":
            return 0.0
        return text_starts.start_from(self.vectors, net.embedding, data)  # type: ignore[arg-type]

    def build(self, info: DataInfo) -> nn.Module:
        return text.TextTransformer(
            info,
            dim=self.dim,
            depth=self.depth,
            heads=self.heads,
            causal=self.causal,
            dropout=self.dropout,
            first_too=self.pool == "first+last",
        )


@dataclass(frozen=True)
class TextMini(_TextTransformer):
    """64 dimensions, 1 block, 4 heads.

    So small because half a minute on a processor is then a thousand steps and not a hundred
    (benchmarks/RESULTS.md, "What was tried": two blocks of 128 hardly learned).
    """

    name = "text_mini"
    title = "Mini text transformer"
    summary = "Transformer over word pieces, one block, for minutes on a CPU."
    default_of_kind = True
    heads = 4


@dataclass(frozen=True)
class TextSmall(_TextTransformer):
    """512 dimensions, 4 blocks, 8 heads, as BERT-Small."""

    name = "text_small"
    title = "Small text transformer"
    summary = "Transformer of BERT-Small's size, for GPUs or patience."
    reference = "Turc et al. 2019, arXiv 1908.08962"
    heads = 8

    dim: int = option(
        512,
        label="Width",
        help="Dimensions of a token (a multiple of the heads).",
        low=8,
        high=1024,
    )
    depth: int = option(4, label="Depth", help="Transformer blocks.", low=1, high=24)
