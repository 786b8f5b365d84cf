"""A table of word vectors and their mean: the quickest encoder of texts, blind to their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.data.corpus import frequency
from workbench.encoders.base import Encoder
from workbench.lazy import lazy
from workbench.options import option

if TYPE_CHECKING:
    from torch import nn

    from workbench.data.dataset import DataInfo, Dataset
    from workbench.encoders.nets import text_bag, text_starts
else:
    text_bag = lazy("workbench.encoders.nets.text_bag")
    text_starts = lazy("workbench.encoders.nets.text_starts")


@dataclass(frozen=True)
class TextBag(Encoder):
    """256 dimensions. A step is a look-up, so that a minute on a processor sees each text hundreds
    of times. Tasks that ask for order or for single words do not take it."""

    name = "text_bag"
    title = "Bag of words"
    summary = "Mean of learned word vectors; quick, and cannot learn word order."
    family = "bag of words"
    modalities = ("text",)
    reference = "Arora et al. 2017, ICLR (weights by frequency)"
    kind = "bag"
    default_of_kind = True

    dim: int = option(256, label="Width", help="Dimensions of a word vector.", low=8, high=1024)
    weighting: str = option(
        "frequency",
        label="Weight of a word",
        help="frequency: frequent words count less. mean: all count alike.",
        choices=("frequency", "mean"),
    )
    residual: bool = option(
        False,
        label="Residual layer",
        help="Two layers after the mean are added to it.",
        advanced=True,
    )
    vectors: str = option(
        "corpus",
        label="Token vectors",
        help="What they are before training. corpus: word vectors from counts over the training "
        "texts (Levy et al. 2015); making them counts as training time.",
        choices=("random", "corpus"),
        advanced=True,
    )
    rare: float = option(
        frequency.RARE,
        label="Rare below",
        help="Words of this share of all words count half.",
        low=1e-6,
        high=1.0,
        advanced=True,
    )

    def start(self, net: nn.Module, data: Dataset) -> float:
        seconds = 0.0
        if self.weighting == "frequency":
            weights = frequency.frequency_weights(frequency.token_counts(data), self.rare)
            net.weigh(weights)  # type: ignore[operator]
        if self.vectors == "corpus":
            seconds = text_starts.start_from_corpus(net.embedding, data)  # type: ignore[arg-type]
        return seconds

    def build(self, info: DataInfo) -> nn.Module:
        return text_bag.VectorMean(info, dim=self.dim, residual=self.residual)
