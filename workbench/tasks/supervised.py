"""Supervised reference: learn the labels themselves. No pretext task, and no self-supervision.

Idea. The one task here that is shown the labels: it classifies augmented views of the training
samples. It answers "how far would this encoder get in this time, if we had a label for every
sample?". Its scores are a reference for the tasks without labels, not a rival.

Paper. None to follow: cross-entropy of a linear layer on the representation, as in A. Krizhevsky,
I. Sutskever, G. Hinton, "ImageNet Classification with Deep Convolutional Neural Networks" (2012),
with ``label_smoothing`` of C. Szegedy et al., arXiv 1512.00567, section 7:
    -sum over classes k of q_k log p_k,   q_k = (1 - s) [k is the label] + s / classes.

Teaches. What tells the classes apart, and little else: what they share is thrown away, so that
other questions (factors, defects) are often answered worse than from features without labels.

Fails. With few labels a class it learns them by heart; labels that are wrong are learned as well.
Samples without a label are left out of the loss. It refuses data with fewer than two classes, such
as training on normals only. The loss starts near log(classes), the chance level.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from workbench.augment.presets import steps
from workbench.tasks.api import (
    AugmentStep, Augmenter, Batch, Context, DataInfo, F, Illustration, IllustrationData, Needs,
    Optimum, Output, Panel, RequestError, Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.render import image_panel, original_panel, token_panel

# What stands for a missing label in every data set.
MISSING = -1


@dataclass(frozen=True)
class Supervised(Task):
    """See the module's docstring."""

    name = "supervised"
    title = "Supervised (uses the labels)"
    summary = "Reference, not self-supervised: learn the labels themselves, to compare with."
    family = "reference"
    modalities = ("image", "text")
    reference = "Krizhevsky et al. 2012"
    needs = Needs(encoders=("conv", "vit", "text", "bag"), labels=True)
    optimum = Optimum("adamw", learning_rate=1e-3, weight_decay=1e-4)
    default_augment = "mae"
    sees = "Sees an augmented view of a sample and its label; it must name the label. Uses labels."

    label_smoothing: float = option(
        0.0,
        label="Label smoothing",
        help="Share of the answer that is spread over all classes, against overconfidence.",
        low=0.0,
        high=0.9,
        advanced=True,
    )

    def check(self, info: DataInfo) -> None:
        super().check(info)
        if info.normal is not None or _classes(info) < 2:
            only = info.normal or "one class"
            raise RequestError(
                f"'{self.name}' tells classes apart, and '{info.name}' trains on '{only}' only.",
                field="--task",
                remedy="Take a task that needs no labels, such as cutpaste, or another --label.",
            )

    def notes(self, info: DataInfo) -> tuple[str, ...]:
        return (
            f"This reference run is trained with the labels ({_classes(info)} classes): compare "
            "the tasks without labels with it, and do not rank it among them.",
        )

    def augment_for(self, info: DataInfo) -> tuple[AugmentStep, ...]:
        return super().augment_for(info) if info.modality == "image" else steps("eda", info)

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        return heads.assemble(encoder=encoder, head=nn.Linear(encoder.dim, _classes(info)))

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        if batch.labels is None:
            raise ValueError("a batch for this task carries labels")
        return Views((augment(batch, rng),), (batch.labels,))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        (x,), (target,) = views.inputs, views.targets
        logits = module.head(module.encoder(x))
        with full_precision(logits):
            loss, accuracy = labelled_loss(logits.float(), target, self.label_smoothing)
        return Output(loss, {"accuracy": accuracy})

    def chance(self, info: DataInfo, batch_size: int) -> float:
        return math.log(max(2, _classes(info)))

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        (x,), (target,) = views.inputs, views.targets
        names = data.info.label.classes if data.info.label else ()
        rows: list[tuple[Panel, ...]] = []
        for row, label in enumerate(target.tolist()):
            answer = Panel("no label: left out", "answers", tokens=(("no label", ""),))
            if label != MISSING:
                answer = Panel(
                    f"label: {names[label]}", "answers", tokens=((names[label], "right"),)
                )
            if batch.images is not None:
                seen = image_panel(x[row], "augmented view", "sees")
            else:
                seen = token_panel(x[row], [""] * len(x[row]), data, "augmented view", "sees")
            rows.append((original_panel(batch, row, data), seen, answer))
        return Illustration("Which label does the sample have?", tuple(rows))


def labelled_loss(
    logits: torch.Tensor, target: torch.Tensor, smoothing: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean cross-entropy, and accuracy, over the samples that have a label; 0 if none has.

    logits: float (B, classes); target: int64 (B,), -1 where missing. The loss is log(classes) for
    equal logits.
    """
    count = (target != MISSING).sum().clamp_min(1)
    losses = F.cross_entropy(
        logits, target, ignore_index=MISSING, label_smoothing=smoothing, reduction="none"
    )
    right = (logits.detach().argmax(dim=1) == target).sum()
    return losses.sum() / count, right / count


def _classes(info: DataInfo) -> int:
    return len(info.label.classes) if info.label is not None else 0
