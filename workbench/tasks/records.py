"""The records that a task takes and gives: batches, views, outputs, scores and illustrations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from workbench.lazy import torch

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from workbench.data.dataset import DataInfo
    from workbench.encoders.base import EncoderKind

# What a panel of an illustration is to the model.
# predicted, found: a view whose output is to be predicted, or that is to be found among others.
Role = Literal["original", "sees", "answers", "predicted", "found"]


@dataclass(frozen=True)
class Needs:
    """What a task needs of data and encoder.

    encoders: kinds of encoder it works with, the preferred first. labels: whether the batch must
    carry labels (only the ``supervised`` reference needs them). sentences: fewest sentences of a
    text. length: fewest tokens of the longest text. side: smallest side of an image, in pixels.
    """

    encoders: tuple[EncoderKind, ...]
    labels: bool = False
    sentences: int = 0
    length: int = 0
    side: int = 0


@dataclass(frozen=True)
class Optimum:
    """The optimizer settings that suit a task; learning_rate is the peak of the schedule.

    base_batch: the batch size that the learning rate holds for. For another batch size the trainer
    scales the rate, linearly for sgd and by the square root for adamw. passes: over the training
    samples, after which a timed run ends, because more teach single samples; None for no limit.
    """

    optimizer: Literal["adamw", "sgd"] = "adamw"
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    base_batch: int = 256
    betas: tuple[float, float] = (0.9, 0.999)
    passes: float | None = None


@dataclass
class Batch:
    """One batch of images or texts, on the training device.

    index: int64 (B,), position in the training split. images: uint8 (B, C, H, W). tokens: int64
    (B, L), PAD at the end. sentences: int64 (B, S), where sentences begin within each text, padded
    with -1. continues: bool (vocabulary,), whether a token id continues the word of the token
    before it (one table for all batches). labels: int64 (B,), None unless the task's
    ``needs.labels``.
    """

    index: torch.Tensor
    images: torch.Tensor | None = None
    tokens: torch.Tensor | None = None
    sentences: torch.Tensor | None = None
    labels: torch.Tensor | None = None
    continues: torch.Tensor | None = None

    @property
    def size(self) -> int:
        return int(self.index.shape[0])

    def repeated(self, times: int) -> Batch:
        """All samples ``times`` times, one whole batch after the other."""

        def again(x: torch.Tensor | None) -> torch.Tensor | None:
            return None if x is None else x.repeat(times, *[1] * (x.ndim - 1))

        return Batch(
            self.index.repeat(times),
            images=again(self.images),
            tokens=again(self.tokens),
            sentences=again(self.sentences),
            labels=again(self.labels),
            continues=self.continues,
        )

    def clean(self) -> torch.Tensor:
        """The samples as an encoder takes them: float images in [0, 1], or token ids."""
        if self.images is not None:
            return self.images.float().div_(255.0)
        if self.tokens is None:
            raise ValueError("a batch holds images or tokens")
        return self.tokens


class Augmenter(Protocol):
    """The type of ``augment`` in ``Task.views``: the run's policy (workbench.augment.policy)."""

    def __call__(
        self,
        batch: Batch,
        rng: torch.Generator,
        *,
        size: int | None = None,
        scale: tuple[float, float] | None = None,
    ) -> torch.Tensor:
        """One augmented view of each sample, as an encoder takes it.

        size: side of the view in pixels if it differs from the data's (multi-crop).
        scale: smallest and largest share of the area that a crop keeps, in place of the shares
        that the augmentations set. A policy without crops then gets one.
        """


@dataclass
class Views:
    """What the model sees (inputs) and must answer (targets), and where (masks).

    All tensors are on the training device; their sizes and meaning are the task's own. ``loss``
    and ``illustrate`` read the same ones.
    """

    inputs: tuple[torch.Tensor, ...]
    targets: tuple[torch.Tensor, ...] = ()
    masks: tuple[torch.Tensor, ...] = ()


def _identity(x: torch.Tensor) -> torch.Tensor:
    return x


@dataclass
class Context:
    """What a loss may know of the run: progress in [0, 1], and how to gather over devices."""

    step: int = 0
    progress: float = 0.0
    gather: Callable[[torch.Tensor], torch.Tensor] = _identity


@dataclass
class Output:
    """loss: scalar. logs: scalars to plot. z: projections of the batch, None without projector."""

    loss: torch.Tensor
    logs: Mapping[str, torch.Tensor] = field(default_factory=dict)
    z: torch.Tensor | None = None


@dataclass(frozen=True)
class HeldOut:
    """A score of the task's own answers on held-out samples (perplexity, BLEU).

    features: "trained", "random init" or "raw input" (the answer that copies the question).
    low, high: 95 % interval. n: samples.
    """

    protocol: str
    metric: str
    features: Literal["trained", "random init", "raw input"]
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Panel:
    """One picture or text of an illustration.

    image: uint8 (H, W) or (H, W, 3). tokens with marks: each token and what happened to it
    ("", "masked", "replaced", "moved", ...). role: what it is to the model.
    """

    caption: str
    role: Role
    image: npt.NDArray[np.uint8] | None = None
    tokens: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True)
class Illustration:
    """question: what the model must answer, in one sentence. rows: one row of panels a sample."""

    question: str
    rows: tuple[tuple[Panel, ...], ...]


@dataclass(frozen=True)
class IllustrationData:
    """What ``illustrate`` may use besides the views: the data's description and its vocabulary."""

    info: DataInfo
    vocabulary: Sequence[str] = ()
