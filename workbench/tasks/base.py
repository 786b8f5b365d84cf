"""The base of all pretext tasks. One file a task: idea, options, views, loss.

A task is a frozen dataclass of options; it holds no tensors. ``build`` makes the module (encoder,
heads, and queue, teacher or centre as buffers or submodules, so that a checkpoint is a state
dict). ``views`` makes what the model sees and must answer. ``loss`` compares. The trainer calls

    module = task.build(encoder, info)
    views = task.views(module, batch, augment, rng)
    out = task.loss(module, views, ctx)          # backward, optimizer step
    task.after_step(module, progress)

and names no task. ``illustrate`` draws the same tensors that ``views`` made.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.config import AugmentStep
from workbench.declared import Declared, Kind
from workbench.errors import RequestError
from workbench.lazy import nn, torch
from workbench.tasks.broken import BrokenPreset
from workbench.tasks.families import family_of
from workbench.tasks.records import (
    Augmenter,
    Batch,
    Context,
    HeldOut,
    Illustration,
    IllustrationData,
    Needs,
    Optimum,
    Output,
    Panel,
    Views,
)

if TYPE_CHECKING:
    from workbench.data.dataset import DataInfo
    from workbench.encoders.base import Encoder

# Plugins import the records from here.
__all__ = (
    "Augmenter",
    "Batch",
    "Context",
    "HeldOut",
    "Illustration",
    "IllustrationData",
    "Needs",
    "Optimum",
    "Output",
    "Panel",
    "Task",
    "Views",
)


@dataclass(frozen=True)
class Task(Declared):
    """Base of all pretext tasks. Subclasses are frozen dataclasses of options.

    family: a name in ``workbench.tasks.families``, or a new one. sees: what the model sees and
    must answer, in one sentence for people. caution: what runs of minutes do not show, and why, in
    one or two sentences for people; empty where they show a gain.
    needs: what it needs of data and encoder. encoder_options: options of the encoder that this
    task sets where the user says nothing (a language model's encoder is causal). optimum: the
    optimizer settings that suit it. default_augment: a preset by name. joint_embedding: whether it
    has a projection z that the collapse check judges.
    reads_order: whether it teaches the order of a text, so that its encoder is read on that too.
    fine_tuned: whether its paper fine-tunes the encoder, so that its runs are read that way too.
    starter: its place among the tasks that beginners see first, 0 for none; the starters show a
    gain in half a minute (benchmarks/RESULTS.md). broken: presets that break it on purpose. A
    subclass does not inherit these two.
    """

    declares: ClassVar[Kind] = "task"
    sees: ClassVar[str] = ""
    caution: ClassVar[str] = ""
    needs: ClassVar[Needs]
    encoder_options: ClassVar[Mapping[str, Any]] = {}
    optimum: ClassVar[Optimum] = Optimum()
    default_augment: ClassVar[str] = "none"
    joint_embedding: ClassVar[bool] = False
    reads_order: ClassVar[bool] = False
    fine_tuned: ClassVar[bool] = False
    starter: ClassVar[int] = 0
    broken: ClassVar[tuple[BrokenPreset, ...]] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "starter" not in vars(cls):
            cls.starter = 0
        if "broken" not in vars(cls):
            cls.broken = ()

    @classmethod
    def describe(cls) -> dict[str, Any]:
        """As all declarations, with what the task shows and asks, and its file's docstring."""
        about = inspect.cleandoc(sys.modules[cls.__module__].__doc__ or "")
        return {**super().describe(), "sees": cls.sees, "caution": cls.caution, "about": about}

    @classmethod
    def readout(cls) -> str:
        """How its representations are read out, in one or two words: its family's readout."""
        return family_of(cls.family).readout

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
