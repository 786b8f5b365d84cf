"""A table of word vectors and their mean: the quickest encoder of texts, blind to their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.data.corpus import frequency
from workbench.encoders import text_start
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

# On validation, 10 labels a class: by frequency wins 9 points on newsgroups20 (99 tokens a text)
# and loses 5 on tickets (70). With ``rare`` .01 it loses 1 on intents (26) and 5 on trec6 (14).
_LONG = 80


@dataclass(frozen=True)
class TextBag(Encoder):
    """256 dimensions, and as many of the start. A step is a look-up, so that a minute on a
    processor sees each text hundreds of times. Tasks that ask for order or for single words do not
    take it.
    """

    name = "text_bag"
    title = "Bag of words"
    summary = "Mean of learned word vectors; quick, and cannot learn word order."
    family = "bag of words"
    modalities = ("text",)
    reference = "Deerwester et al. 1990, JASIS (start); Arora et al. 2017, ICLR (weights)"
    kind = "bag"
    default_of_kind = True

    dim: int = option(256, label="Width", help="Dimensions of a word vector.", low=8, high=1024)
    weighting: str = option(
        "auto",
        label="Weight of a word",
        help="frequency: frequent words count less. mean: all count alike. auto: frequency where "
        f"texts have {_LONG} tokens or more on average, for in long texts frequent words drown the "
        "others; else mean.",
        choices=("auto", "frequency", "mean"),
    )
    residual: bool = option(
        False,
        label="Residual layer",
        help="Two layers after the mean are added to it.",
        advanced=True,
    )
    vectors: str = option(
        "texts",
        label="Token vectors",
        help=text_start.HELP,
        choices=text_start.STARTS,
        advanced=True,
    )
    keep_start: bool = option(
        True,
        label="Keep the start",
        help="h has a second half: the mean of the vectors as they were before training. So what "
        "the start told is not unlearned. Without effect on random vectors.",
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

    def notes(self, data: Dataset) -> tuple[str, ...]:
        if self.weighting != "auto":
            return ()
        how = "frequent words count less" if self._by_frequency(data) else "all words count alike"
        return (f"Bag of words: {how} (texts have {_mean_length(data):.0f} tokens on average).",)

    def _by_frequency(self, data: Dataset) -> bool:
        if self.weighting == "auto":
            return _mean_length(data) >= _LONG
        return self.weighting == "frequency"

    def start(self, net: nn.Module, data: Dataset) -> float:
        seconds = 0.0
        if self._by_frequency(data):
            weights = frequency.frequency_weights(frequency.token_counts(data), self.rare)
            net.weigh(weights)  # type: ignore[operator]
        if self.vectors != "random":
            seconds = text_starts.start_from(self.vectors, net.embedding, data)  # type: ignore[arg-type]
        if self._keeps_start:
            net.remember_start()  # type: ignore[operator]
        return seconds

    @property
    def _keeps_start(self) -> bool:
        return self.keep_start and self.vectors != "random"

    def build(self, info: DataInfo) -> nn.Module:
        return text_bag.VectorMean(
            info, dim=self.dim, residual=self.residual, keep_start=self._keeps_start
        )


def _mean_length(data: Dataset) -> float:
    """Tokens of a training text, on average."""
    rows = data.rows("train")
    tokens = int(data.offsets[rows.stop] - data.offsets[rows.start])
    return tokens / max(1, data.info.counts["train"])
