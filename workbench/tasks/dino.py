"""DINO: give each view the distribution over outputs that a slowly moving teacher gives another.

Idea. Student and teacher have the same form. The teacher sees the large views, the student all of
them, and from each view it must give the teacher's distribution over ``outputs`` for another view
of the same image. The outputs have no meaning beforehand. The teacher is a moving average of the
student. Two things hold this up against each other: centring subtracts the running mean of the
teacher's outputs, so that no single output wins always, and sharpening (a low teacher temperature)
keeps them from becoming all alike.

Paper. M. Caron, H. Touvron, I. Misra, H. Jegou, J. Mairal, P. Bojanowski, A. Joulin, "Emerging
Properties in Self-Supervised Vision Transformers", arXiv 2104.14294, equations 1 to 4 and algorithm
1; last layer with rows of length 1, frozen at first. Fewer outputs than the paper's 65,536, a
teacher that moves faster, as runs are short, and batch norm in the head, as it suits conv nets. The
teacher's temperature does not grow. What is evaluated is the student's encoder; in the paper it is
the teacher's.

Teaches. As SimCLR, without negatives; with small crops, to see the whole in a part.

Fails. Without centring few outputs win for all images (300 steps on digits: entropy of the answers
.23 instead of 3.1, mean cosine .83 instead of .28). Without sharpening (teacher temperature 1) all
outputs become alike, and the loss stays at log(outputs), the chance level, where it starts.
The collapse check judges the direction of the projection that the last layer compares with its
rows, not the outputs: there an offset that all images share would look like collapse, and such an
offset is what centring takes away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    Augmenter, Batch, Context, DataInfo, F, Illustration, IllustrationData, Needs, Optimum, Output,
    Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads
from workbench.tasks.parts.crops import (
    illustrate_crops, multi_crop, project_crops, small_crop_notes, swapped_cross_entropy,
)  # fmt: skip
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.teacher import momentum_at, move, teacher_of

_LARGE = 2
_HIDDEN, _OUT = 512, 128
# Share of the centre that stays each step (the paper, appendix D).
_CENTRE_STAYS = 0.9


@dataclass(frozen=True)
class DINO(Task):
    """See the module's docstring."""

    name = "dino"
    title = "DINO"
    summary = "Answer to one view as a slowly moving teacher answers to another."
    family = "distillation"
    modalities = ("image",)
    reference = "Caron et al. 2021, arXiv 2104.14294"
    needs = Needs(encoders=("conv", "vit"))
    # At twice the rate kNN was .944 instead of .955 (digits, validation split, 300 steps).
    optimum = Optimum("adamw", learning_rate=1e-3, weight_decay=1e-4)
    default_augment = "simclr"
    joint_embedding = True
    sees = (
        "Sees augmented views of each image; from each it must give the answer that the teacher "
        "network gives to another large view."
    )

    small_crops: int = option(
        0,
        label="Small crops",
        help="Further views for the student: small parts of the image, at about half the side.",
        low=0,
        high=12,
    )
    centring: bool = option(
        True,
        label="Centring",
        help="Subtract the running mean of the teacher's outputs, so that no output wins always.",
    )
    teacher_temperature: float = option(
        0.04,
        label="Teacher temperature",
        help="Low sharpens the teacher's answers; near 1 nothing keeps them from being all alike.",
        low=0.005,
        high=10.0,
    )
    student_temperature: float = option(
        0.1,
        label="Student temperature",
        help="How sure the student's answers are for given similarities.",
        low=0.005,
        high=10.0,
    )
    # The paper's .996 hardly moves the teacher within a thousand steps.
    momentum: float = option(
        0.99,
        label="Teacher momentum",
        help="Share of the teacher that stays each step; grows to 1 over the run.",
        low=0.0,
        high=1.0,
    )
    outputs: int = option(
        256,
        label="Outputs",
        help="Dimensions of the answers.",
        low=2,
        high=65_536,
    )
    frozen: float = option(
        0.05,
        label="Frozen at first",
        help="Share of the run in which the last layer stays as it began.",
        low=0.0,
        high=1.0,
        advanced=True,
    )

    def notes(self, info: DataInfo) -> tuple[str, ...]:
        return small_crop_notes(info, self.small_crops)

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        projector = heads.projector((encoder.dim, _HIDDEN, _OUT))
        last = nn.Linear(_OUT, self.outputs, bias=False)
        return heads.assemble(
            encoder=encoder,
            projector=projector,
            last=last,
            teacher=teacher_of(encoder=encoder, projector=projector, last=last),
            centre=torch.zeros(self.outputs),
            answers=torch.zeros(self.outputs),
        )

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        return multi_crop(module, batch, augment, rng, large=_LARGE, small=self.small_crops)

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        with torch.no_grad():
            seen = project_crops(module.teacher, views.inputs[:_LARGE])
        z = project_crops(module, views.inputs)
        with full_precision(z):
            z = F.normalize(z, dim=2)
            rows = module.last.weight
            student = similarities(z, rows.detach() if ctx.progress < self.frozen else rows)
            teacher = similarities(F.normalize(seen, dim=2), module.teacher.last.weight)
            centre = module.centre if self.centring else torch.zeros_like(module.centre)
            targets = ((teacher - centre) / self.teacher_temperature).softmax(dim=2)
            loss = swapped_cross_entropy(student / self.student_temperature, targets)
        if module.training:
            # What after_step moves the centre to.
            module.answers.copy_(ctx.gather(teacher.flatten(0, 1)).mean(dim=0))
        same = student[:_LARGE].detach().argmax(dim=2).flip(0) == targets.argmax(dim=2)
        entropy = torch.special.entr(targets).sum(dim=2).mean()
        logs = {"teacher_followed": same.float().mean(), "teacher_entropy": entropy}
        return Output(loss, logs, z[:_LARGE].flatten(0, 1))

    def after_step(self, module: Any, progress: float) -> None:
        module.centre.lerp_(module.answers, 1 - _CENTRE_STAYS)
        move(module.teacher, module, momentum_at(self.momentum, progress))

    def project(self, module: Any, h: torch.Tensor) -> torch.Tensor:
        """The direction of the projection, which is what the last layer sees."""
        return F.normalize(module.projector(h).float(), dim=1)

    def chance(self, info: DataInfo, batch_size: int) -> float:
        return math.log(self.outputs)

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        question = "What does the teacher network answer to another large view of the same image?"
        return illustrate_crops(views, batch, data, question)


def similarities(z: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """float (V, B, K) in [-1, 1]: the last layer, weight-normalised with length 1.

    z: float (V, B, d) of length 1. rows: float (K, d), of any length.
    """
    return z @ F.normalize(rows, dim=1).T
