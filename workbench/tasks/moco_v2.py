"""MoCo v2: find the other view of an image among a queue of keys from earlier batches.

Idea. A query network embeds one view of each image, a slow key network the other. Each query has to
find its own key among those that earlier batches left in a queue: as many negatives as the queue
has places, however small the batch. The keys of the queue come from older networks; so that they
can still be compared, the key network moves slowly: it is an average of past query networks.

Paper. K. He et al., "Momentum Contrast for Unsupervised Visual Representation Learning", arXiv
1911.05722, equation 1 (InfoNCE): -log(exp(q.k / T) / sum over k' of exp(q.k' / T)), where k' is the
own key or one of the queue; equation 2: the key network moves by xi <- m xi + (1 - m) theta with
constant m. X. Chen et al., arXiv 2003.04297 (v2): a head of two layers, T = 0.2, stronger
augmentations. Deviations: AdamW for SGD, a lower m, a queue no larger than the data. There is no
shuffled batch norm (section 3.3): it needs several devices; on one device a network may recognise
its own key by the statistics of its batch.

Teaches. What SimCLR teaches, with small batches.

Fails. With few images the queue holds an image's own older key as a negative: it is told to be
unlike itself. A fast key network (``momentum=0``) makes old keys useless; one with a momentum near
1 stays the random network of the start. At chance the loss is log(K + 1), with K keys in the queue.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    Augmenter, Batch, Context, DataInfo, F, Illustration, IllustrationData, Needs, Optimum, Output,
    Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads, queue, teacher
from workbench.tasks.parts.numerics import at_least, full_precision
from workbench.tasks.parts.pairs import illustrate_pair, two_views


@dataclass(frozen=True)
class MoCoV2(Task):
    """See the module's docstring."""

    name = "moco_v2"
    title = "MoCo v2"
    summary = "Find the other view among a queue of keys from earlier batches."
    family = "contrastive"
    modalities = ("image",)
    reference = "He et al. 2020, arXiv 1911.05722; Chen et al. 2020, 2003.04297"
    needs = Needs(encoders=("conv", "vit"))
    optimum = Optimum("adamw", learning_rate=2e-3, weight_decay=1e-4)
    default_augment = "simclr"
    joint_embedding = True
    sees = (
        "Sees two augmented views of each image; for the first it must find the second among the "
        "keys of earlier batches."
    )

    temperature: float = option(
        0.2,  # the paper's
        label="Temperature",
        help="How much the most similar wrong keys count: low means only those.",
        low=0.01,
        high=100.0,
    )
    queue_size: int | None = option(
        None,
        label="Queue",
        help="Keys of earlier batches to tell the own key from. auto: half as many as there are "
        f"training images, at most {queue.LARGEST}.",
        low=1,
        high=1_000_000,
    )
    # The paper's .999 is for 10^5 steps and more: in some thousand such a network hardly moves.
    momentum: float = option(
        0.99,
        label="Key network's momentum",
        help="Share of itself that the key network keeps at each step.",
        low=0.0,
        high=1.0,
    )
    hidden: int = option(
        512,
        label="Projection head width",
        help="Units of the hidden layer between representation and projection.",
        low=8,
        high=8192,
        advanced=True,
    )
    out: int = option(
        128,
        label="Projection size",
        help="Dimensions in which queries and keys are compared.",
        low=2,
        high=8192,
        advanced=True,
    )

    def notes(self, info: DataInfo) -> tuple[str, ...]:
        return queue.places_notes(self.queue_size, info)

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        # Without a batch norm, as in the paper.
        projector = nn.Sequential(
            nn.Linear(encoder.dim, self.hidden), nn.ReLU(), nn.Linear(self.hidden, self.out)
        )
        return heads.assemble(
            encoder=encoder,
            projector=projector,
            teacher=teacher.teacher_of(encoder=encoder, projector=projector),
            queue=queue.ring(queue.places(self.queue_size, info), self.out),
        )

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        return two_views(batch, augment, rng)

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        first, second = views.inputs
        at_least(len(first), 2, "batch norm compares samples")
        z = module.projector(module.encoder(first)).float()
        with torch.no_grad():
            k = module.teacher.projector(module.teacher.encoder(second)).float()
        with full_precision(z):
            keys = F.normalize(k, dim=1)
            loss, found = info_nce(F.normalize(z, dim=1), keys, module.queue.keys, self.temperature)
        queue.offer(module.queue, ctx.gather(keys))
        return Output(loss, {"key_found": found}, z)

    def after_step(self, module: Any, progress: float) -> None:
        teacher.move(module.teacher, module, self.momentum)
        queue.push(module.queue)

    def chance(self, info: DataInfo, batch_size: int) -> float:
        return math.log(queue.places(self.queue_size, info) + 1)

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        question = "Which key, among this one and those of the queue, shows the same image?"
        return illustrate_pair(views, batch, data, question, second="found")


def info_nce(
    queries: torch.Tensor, keys: torch.Tensor, others: torch.Tensor, temperature: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Equation 1, averaged over the batch, and the share whose own key is the most similar.

    queries, keys: float (B, d); others: float (K, d), the queue; all of length 1. Both results are
    scalars. The loss is log(K + 1) if all similarities are equal, and no key is then found.
    """
    own = (queries * keys).sum(dim=1, keepdim=True)
    wrong = queries @ others.T
    logits = torch.cat([own, wrong], dim=1) / temperature
    target = torch.zeros(len(logits), dtype=torch.int64, device=logits.device)
    found = (own > wrong.amax(dim=1, keepdim=True)).float().mean()
    return F.cross_entropy(logits, target), found.detach()
