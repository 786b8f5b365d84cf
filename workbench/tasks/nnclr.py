"""NNCLR: the positive is another image, the nearest neighbour of the first view in a support queue.

Idea. SimCLR compares each image only with its own views: what two photographs of the same thing
share is never learned. NNCLR puts a neighbour in the place of one view: it looks up the projection
of the first view among those of earlier batches, takes the most similar one, and the second view
has to be recognised from it among all second views of the batch. So positives differ by more than
any augmentation can make them, and the features grow more general as the neighbours get better.

Paper. D. Dwibedi et al., "With a Little Help from My Friends: Nearest-Neighbor Contrastive Learning
of Visual Representations", arXiv 2104.14548, equation 3 with a predictor (section 3.2 and the
algorithm in the appendix): -log(exp(NN(z_i).p_i / T) / sum over k of exp(NN(z_i).p_k / T)), with
z of one view and p = predictor(z) of the other, averaged over both orders; the queue takes the
first views. Deviations: AdamW for LARS, narrower heads, the projector of two layers, a queue no
larger than the data, and both views in one pass, so that batch norm sees them together.

Teaches. What SimCLR teaches, with less need of augmentations: the neighbour is one already.

Fails. Wrong neighbours teach what is wrong: early in a run, or if the queue is too small to hold
an image of the same kind, images of other kinds are pulled together. If the queue holds all
images, the neighbour is often the image itself, and the method is SimCLR again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    Augmenter, Batch, Context, DataInfo, F, Illustration, IllustrationData, Needs, Optimum, Output,
    Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads, predictors, queue
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.pairs import illustrate_pair, project_both, two_views


@dataclass(frozen=True)
class NNCLR(Task):
    """See the module's docstring."""

    name = "nnclr"
    title = "NNCLR"
    summary = "Recognise an image from its nearest neighbour in a support queue."
    family = "contrastive"
    modalities = ("image",)
    reference = "Dwibedi et al. 2021, arXiv 2104.14548"
    needs = Needs(encoders=("conv", "vit"))
    optimum = Optimum("adamw", learning_rate=2e-3, weight_decay=1e-4)
    default_augment = "simclr"
    joint_embedding = True
    sees = (
        "Sees two augmented views of each image. It takes the nearest neighbour of one view in a "
        "queue of earlier images. For it, it must find the other view in the batch."
    )

    # The paper's.
    temperature: float = option(
        0.1,
        label="Temperature",
        help="How much the most similar wrong views count: low means only those.",
        low=0.01,
        high=100.0,
    )
    queue_size: int | None = option(
        None,
        label="Support queue",
        help="Projections of earlier batches among which neighbours are looked for. auto: half as "
        f"many as there are training images, at most {queue.LARGEST}.",
        low=1,
        high=1_000_000,
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
        help="Dimensions in which the views are compared.",
        low=2,
        high=8192,
        advanced=True,
    )

    def notes(self, info: DataInfo) -> tuple[str, ...]:
        return queue.places_notes(self.queue_size, info)

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        head = heads.projector((encoder.dim, self.hidden, self.out))
        return heads.assemble(
            encoder=encoder,
            projector=predictors.with_output_norm(head),
            predictor=predictors.predictor("mlp", self.out, self.hidden),
            queue=queue.ring(queue.places(self.queue_size, info), self.out),
        )

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        return two_views(batch, augment, rng)

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        z = project_both(module, views)
        p = module.predictor(z).float()
        with full_precision(z):
            unit = F.normalize(z.detach(), dim=1)
            friends = nearest(unit, module.queue.keys)
            likeness = (unit * friends).sum(dim=1).mean()
            (n1, n2), (p1, p2) = ([ctx.gather(part) for part in x.chunk(2)] for x in (friends, p))
            first, found_second = contrast(n1, p2, self.temperature)
            second, found_first = contrast(n2, p1, self.temperature)
        queue.offer(module.queue, ctx.gather(unit.chunk(2)[0]))
        found = (found_first + found_second) / 2
        logs = {"partner_found": found, "neighbour_similarity": likeness}
        return Output((first + second) / 2, logs, z)

    def after_step(self, module: Any, progress: float) -> None:
        queue.push(module.queue)

    def chance(self, info: DataInfo, batch_size: int) -> float:
        return math.log(batch_size)

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        question = "Which of the second views belongs to the first view's nearest neighbour?"
        return illustrate_pair(views, batch, data, question, second="found")


def nearest(z: torch.Tensor, keys: torch.Tensor) -> torch.Tensor:
    """NN(z, Q) of equation 4: float (B, d), for each z the most similar of the keys (K, d).

    Both of length 1. No gradient reaches z through the choice.
    """
    return keys[(z @ keys.T).argmax(dim=1)]


def contrast(
    friends: torch.Tensor, predictions: torch.Tensor, temperature: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Equation 3, averaged over the batch, and the share of friends that found their image.

    friends: float (B, d) of length 1, the neighbours of one view; predictions: float (B, d), not
    normalised, from the other view of the same images in the same order. Both results are scalars.
    The loss is log(B) if all similarities are equal, or if all friends and predictions are one.
    """
    similarity = friends @ F.normalize(predictions, dim=1).T
    own = torch.arange(len(friends), device=friends.device)
    loss = F.cross_entropy(similarity / temperature, own)
    return loss, (similarity.argmax(dim=1) == own).float().mean().detach()
