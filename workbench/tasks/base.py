"""What a pretext task is. One file a task: idea, options, views, loss.

A task is a frozen dataclass of options; it holds no tensors. ``build`` makes the module (encoder,
heads, and queue, teacher or centre as buffers or submodules, so that a checkpoint is a state
dict); ``views`` makes what the model sees and must answer; ``loss`` compares. The trainer calls

    module = task.build(encoder, info)
    views = task.views(module, batch, augment, rng)
    out = task.loss(module, views, ctx)          # backward, optimizer step
    task.after_step(module, progress)

and names no task. ``illustrate`` renders the very tensors that ``views`` made.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from workbench.config import AugmentStep
from workbench.errors import RequestError
from workbench.lazy import lazy
from workbench.registry import Declared

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch
    from torch import nn

    from workbench.data.dataset import DataInfo
    from workbench.encoders.base import Encoder, EncoderKind
else:
    torch = lazy("torch")


@dataclass(frozen=True)
class Needs:
    """What a task asks of data and encoder.

    encoders: kinds of encoder it works with, the preferred first. labels: whether the batch must
    carry labels (only the ``supervised`` reference says so). sentences: fewest sentences a text.
    length: fewest tokens of the longest text. side: smallest image side in pixels.
    """

    encoders: tuple[EncoderKind, ...]
    labels: bool = False
    sentences: int = 0
    length: int = 0
    side: int = 0


@dataclass
class Batch:
    """One batch, for pixels and tokens alike, on the training device.

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

    def clean(self) -> torch.Tensor:
        """The samples as an encoder takes them: float images in [0, 1], or token ids."""
        if self.images is not None:
            return self.images.float().div_(255.0)
        if self.tokens is None:
            raise ValueError("a batch holds images or tokens")
        return self.tokens


class Augmenter(Protocol):
    """What ``views`` gets as ``augment``: the policy of the run (workbench.augment.policy)."""

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
        scale: smallest and largest share of the area that a crop keeps, in place of what the
        augmentations say of crops; a policy without crops gets one.
        """


@dataclass
class Views:
    """What the model sees (inputs) and must answer (targets), of any sizes, and where (masks).

    All tensors are on the training device. The names are the task's own business; ``illustrate``
    and ``loss`` read the same ones.
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
    """What a task says of its own answers on held-out samples (perplexity, BLEU).

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
    role: Literal["original", "sees", "answers"]
    image: npt.NDArray[np.uint8] | None = None
    tokens: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True)
class Illustration:
    """question: what the model must answer, in one sentence. rows: one row of panels a sample."""

    question: str
    rows: tuple[tuple[Panel, ...], ...]


@dataclass(frozen=True)
class Optimum:
    """How a task likes to be optimised: optimizer, peak learning rate, weight decay.

    base_batch: the batch size the learning rate holds for; the trainer scales it linearly for sgd
    and by the square root for adamw.
    """

    optimizer: Literal["adamw", "sgd"] = "adamw"
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    base_batch: int = 256
    betas: tuple[float, float] = (0.9, 0.999)


@dataclass(frozen=True)
class Task(Declared):
    """Base of all pretext tasks. Subclasses are frozen dataclasses of options.

    family: contrastive, non-contrastive, redundancy, clustering, distillation, masked, predictive,
    language, reference. default_augment: a preset by name. joint_embedding: whether it has a
    projection z that the collapse check judges. sees: what the model sees and must answer, in one
    sentence for people. encoder_options: options of the encoder that this task sets where the user
    says nothing (a language model's encoder is causal). caution: what runs of minutes do not show,
    and why, in one or two sentences for people; empty where they show a gain.
    """

    needs: ClassVar[Needs]
    encoder_options: ClassVar[Mapping[str, Any]] = {}
    optimum: ClassVar[Optimum] = Optimum()
    default_augment: ClassVar[str] = "none"
    joint_embedding: ClassVar[bool] = False
    sees: ClassVar[str] = ""
    caution: ClassVar[str] = ""

    @classmethod
    def describe(cls) -> dict[str, Any]:
        """As all declarations, with what the task shows and asks, and its file's docstring."""
        about = inspect.cleandoc(sys.modules[cls.__module__].__doc__ or "")
        return {**super().describe(), "sees": cls.sees, "caution": cls.caution, "about": about}

    def check(self, info: DataInfo) -> None:
        """Raise RequestError, with the remedy, if this task cannot learn from the data."""
        if info.modality not in self.modalities:
            raise RequestError(
                f"'{self.name}' is for {' and '.join(self.modalities)} data, "
                f"and '{info.name}' is {info.modality} data.",
                field="--task",
                remedy=f"See the tasks for it with: workbench list tasks ({info.modality}).",
            )
        if info.size is not None and min(info.size) < self.needs.side:
            raise RequestError(
                f"'{self.name}' needs images of at least {self.needs.side} pixels a side.",
                field="--size",
                remedy=f"Give --size {self.needs.side} or more.",
            )
        if self.needs.labels and info.label is None:
            raise RequestError(
                f"'{self.name}' learns from labels, and '{info.name}' has none.",
                field="--task",
                remedy="Name the column with --label COLUMN, or take a task without labels.",
            )
        if info.length is not None and info.length < self.needs.length:
            raise RequestError(
                f"'{self.name}' needs texts of at least {self.needs.length} tokens; "
                f"the longest of '{info.name}' has {info.length}.",
                field="--task",
                remedy="Take a task for short texts, such as mlm.",
            )
        if info.sentences is not None and info.sentences < self.needs.sentences:
            raise RequestError(
                f"'{self.name}' needs texts of at least {self.needs.sentences} sentences; "
                f"half of these have {info.sentences:g} or fewer.",
                field="--task",
                remedy="Take a task for single sentences, such as mlm.",
            )

    def check_encoder(self, encoder: Encoder) -> None:
        """Raise RequestError if the encoder's options defeat this task (an unmasked future)."""

    def notes(self, info: DataInfo) -> tuple[str, ...]:
        """What was decided for the user because of the data, one plain sentence each."""
        return ()

    def augment_for(self, info: DataInfo) -> tuple[AugmentStep, ...]:
        """The augmentations that suit this task and this data, when the user names none."""
        from workbench.augment.presets import steps

        return steps(self.default_augment, info)

    def build(self, encoder: nn.Module, info: DataInfo) -> nn.Module:
        """The module to train; its attribute ``encoder`` is the encoder."""
        raise NotImplementedError

    def views(
        self, module: nn.Module, batch: Batch, augment: Augmenter, rng: torch.Generator
    ) -> Views:
        """What the model sees and must answer for this batch. No gradients are recorded here.

        module is what ``build`` made: masks need its encoder's patches, random tokens its
        vocabulary. Every draw comes from ``rng`` (a generator on the batch's device).
        """
        raise NotImplementedError

    def loss(self, module: nn.Module, views: Views, ctx: Context) -> Output:
        """The loss of one step. Pure maths lives in functions of the task's file."""
        raise NotImplementedError

    def after_step(self, module: nn.Module, progress: float) -> None:
        """What follows an optimizer step: moving the teacher, filling the queue."""

    def parameter_groups(self, module: nn.Module) -> list[dict[str, Any]]:
        """Optimizer groups; biases and norms are not decayed, ``fixed_lr`` skips the schedule."""
        decay = [p for p in module.parameters() if p.requires_grad and p.ndim > 1]
        plain = [p for p in module.parameters() if p.requires_grad and p.ndim <= 1]
        return [{"params": decay}, {"params": plain, "weight_decay": 0.0}]

    def project(self, module: nn.Module, h: torch.Tensor) -> torch.Tensor | None:
        """The projection z of representations h; None for tasks without a projector."""
        if not self.joint_embedding:
            return None
        z: torch.Tensor = module.projector(h)  # type: ignore[operator]
        return z

    def chance(self, info: DataInfo, batch_size: int) -> float | None:
        """The loss of a model that knows nothing, where that is defined."""
        return None

    def held_out(
        self, module: nn.Module, untrained: nn.Module, batches: Iterable[Batch]
    ) -> tuple[HeldOut, ...]:
        """Scores of the task's own answers on test samples, where they say more than the loss.

        module, untrained: what ``build`` made, after training and fresh, on the batches' device
        and in eval mode. batches: un-augmented test samples, each once, in the same order for
        every run of one data set.
        """
        return ()

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        """The views as pictures or marked tokens: what the model sees and must answer."""
        raise NotImplementedError


@dataclass(frozen=True)
class IllustrationData:
    """What ``illustrate`` may use besides the views: the data's description and its vocabulary."""

    info: DataInfo
    vocabulary: Sequence[str] = ()
