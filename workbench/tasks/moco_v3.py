"""MoCo v3: predict which of the batch's teacher keys is the other view of the same image.

Idea. A student embeds both views and predicts, from each, the slow teacher's key of the other view:
that key must be more similar to the prediction than the keys of the other images of the batch. The
question is SimCLR's and the network is BYOL's: a teacher that is an average of past students, and a
predictor. There is no queue as in MoCo v2: a large batch holds enough negatives.

Paper. X. Chen, S. Xie, K. He, "An Empirical Study of Training Self-Supervised Vision Transformers",
arXiv 2104.02057, equation 1 and algorithm 1: with queries q of one view and keys k of the other,
ctr(q, k) = 2 T * cross entropy of q k' / T, and the loss is ctr(q1, k2) + ctr(q2, k1). The factor
2 T keeps gradients alike when the temperature is changed. Both heads have a batch norm in every
layer; the momentum rises to 1 along a cosine. Deviations: a lower momentum than for residual nets,
narrower heads, the projector of two layers for transformers too, and both views in one pass, so
that batch norm sees them together. The frozen patch projection that steadies large vision
transformers is not here: these are small.

Teaches. What SimCLR teaches; it was made for vision transformers and works with either.

Fails. With few images a batch there are few negatives and the task is easy. A momentum near 1
leaves the teacher of a short run the random network of the start. At chance the loss is
4 T log(B), with B images a batch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    Augmenter, Batch, Context, DataInfo, F, Illustration, IllustrationData, Needs, Optimum, Output,
    Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads, predictors, teacher
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.pairs import illustrate_pair, project_both, two_views


@dataclass(frozen=True)
class MoCoV3(Task):
    """See the module's docstring."""

    name = "moco_v3"
    title = "MoCo v3"
    summary = "Predict which of the batch's teacher keys is the other view."
    family = "contrastive"
    modalities = ("image",)
    reference = "Chen et al. 2021, arXiv 2104.02057"
    needs = Needs(encoders=("conv", "vit"))
    optimum = Optimum("adamw", learning_rate=2e-3, weight_decay=1e-4)
    default_augment = "byol"
    joint_embedding = True
    sees = (
        "Sees two augmented views of each image. From one view it must predict which key of the "
        "batch, given by a slow teacher network, is the other view's."
    )

    # The paper's for vision transformers.
    temperature: float = option(
        0.2,
        label="Temperature",
        help="How much the most similar wrong keys count: low means only those.",
        low=0.01,
        high=100.0,
    )
    # The paper's start for vision transformers; a higher one hardly moves in some thousand steps.
    momentum: float = option(
        0.99,
        label="Teacher's momentum",
        help="Share of itself that the teacher keeps at each step; rises to 1 over the run.",
        low=0.0,
        high=1.0,
    )
    hidden: int = option(
        512,
        label="Head width",
        help="Units of the hidden layer of projection head and predictor.",
        low=8,
        high=8192,
        advanced=True,
    )
    out: int = option(
        128,
        label="Projection size",
        help="Dimensions in which predictions and keys are compared.",
        low=2,
        high=8192,
        advanced=True,
    )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        head = heads.projector((encoder.dim, self.hidden, self.out))
        projector = predictors.with_output_norm(head)
        guess = heads.projector((self.out, self.hidden, self.out))
        return heads.assemble(
            encoder=encoder,
            projector=projector,
            predictor=predictors.with_output_norm(guess),
            teacher=teacher.teacher_of(encoder=encoder, projector=projector),
        )

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        return two_views(batch, augment, rng)

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        z = project_both(module, views)
        q = module.predictor(z).float()
        k = predictors.teacher_projects(module, views)
        with full_precision(z):
            (q1, q2), (k1, k2) = ([ctx.gather(part) for part in x.chunk(2)] for x in (q, k))
            first, found_second = contrast(q1, k2, self.temperature)
            second, found_first = contrast(q2, k1, self.temperature)
        return Output(first + second, {"partner_found": (found_first + found_second) / 2}, z)

    def after_step(self, module: Any, progress: float) -> None:
        teacher.move(module.teacher, module, teacher.momentum_at(self.momentum, progress))

    def chance(self, info: DataInfo, batch_size: int) -> float:
        return 4 * self.temperature * math.log(batch_size)

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        question = "Which of the teacher's keys in the batch is that of the other view?"
        return illustrate_pair(views, batch, data, question, second="found")


def contrast(
    queries: torch.Tensor, keys: torch.Tensor, temperature: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """ctr(q, k) of algorithm 1, averaged over the batch, and the share that found its own key.

    queries, keys: float (B, d), not normalised, of the same images in the same order. Both results
    are scalars. The loss is 2 T log(B) if all similarities are equal, and near 0 if each query
    is its key and no other's.
    """
    similarity = F.normalize(queries, dim=1) @ F.normalize(keys, dim=1).T
    own = torch.arange(len(queries), device=queries.device)
    loss = 2 * temperature * F.cross_entropy(similarity / temperature, own)
    return loss, (similarity.argmax(dim=1) == own).float().mean().detach()
