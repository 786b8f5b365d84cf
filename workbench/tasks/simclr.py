"""SimCLR: recognise the other view of the same image among all views of the batch.

Idea. Two augmented views of each image are embedded. Each view has to find its partner among the
2B - 1 other views of a batch of B images: a classification whose classes are the other views. What
the augmentations change (position, size, colour) does not help and is thrown away; what tells the
images apart is kept.

Paper. T. Chen, S. Kornblith, M. Norouzi, G. Hinton, "A Simple Framework for Contrastive Learning
of Visual Representations", arXiv 2002.05709, equation 1 (NT-Xent): with cosine similarity s and
temperature T, the loss of the pair (i, j) is
    -log( exp(s(z_i, z_j) / T) / sum over k != i of exp(s(z_i, z_k) / T) ),
averaged over both orders of all B pairs.

Teaches. Features that survive the augmentations: shape rather than position or tint. So the
augmentations are the task: what they leave alone can be used to cheat (colour histograms without
colour jitter), what they destroy cannot be learned (colour with it).

Fails. With few images a batch there are few negatives and the task is easy; images of one class
push each other apart like any others; at a very low temperature only the hardest negatives count,
at a very high one all views are pushed equally and little is learned. The loss starts at log(2B -
1), the chance level, and a run that stays there learns nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    Augmenter, Batch, BrokenPreset, Context, DataInfo, F, Illustration, IllustrationData, Needs,
    Optimum, Output, Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.pairs import illustrate_pair, project_both, two_views


@dataclass(frozen=True)
class SimCLR(Task):
    """See the module's docstring."""

    name = "simclr"
    title = "SimCLR"
    summary = "Recognise the other augmented view of the same image in the batch."
    family = "contrastive"
    modalities = ("image",)
    reference = "Chen et al. 2020, arXiv 2002.05709"
    needs = Needs(encoders=("conv", "vit"))
    # AdamW needs no warm-up of many epochs and no LARS, and suits conv nets and transformers alike.
    # Twice the usual rate: neighbours on the validation split agree sooner (digits, 200 steps).
    optimum = Optimum("adamw", learning_rate=2e-3, weight_decay=1e-4)
    default_augment = "simclr"
    joint_embedding = True
    sees = (
        "Sees two augmented views of each image. For each view it must find the other view of the "
        "same image among all views of the batch."
    )
    starter = 1

    # The paper's for ImageNet. On the digits' validation split, three seeds of 300 steps, kNN was
    # .986 with it, .980 with 0.2, .981 with 0.3 and 0.5.
    temperature: float = option(
        0.1,
        label="Temperature",
        help="How much the most similar wrong views count: low means only those.",
        low=0.01,
        high=100.0,
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
        help="Dimensions in which the views are compared.",
        low=2,
        high=8192,
        advanced=True,
    )

    broken = (
        BrokenPreset(
            "simclr_hot",
            "SimCLR at a temperature of 100",
            "All other views are pushed away equally, whether alike or not.",
            "Chen et al. 2020, arXiv 2002.05709, table 5",
            {"temperature": 100.0},
        ),
        BrokenPreset(
            "simclr_batch_4",
            "SimCLR with four images a batch",
            "Each view is compared with six others only, which is easy.",
            "Chen et al. 2020, arXiv 2002.05709, figure 9",
            train={"batch_size": 4},
        ),
        BrokenPreset(
            "simclr_no_augmentation",
            "SimCLR without augmentation",
            "Both views are the image itself: there is nothing to find out.",
            "Chen et al. 2020, arXiv 2002.05709, section 3",
            augment=(),
        ),
        BrokenPreset(
            "simclr_diverging",
            "SimCLR at a learning rate that diverges",
            "Steps so large that the weights fly apart.",
            "the learning rate a thousand times too high",
            train={"optimizer": "sgd", "learning_rate": 1000.0},
        ),
    )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        projector = heads.projector((encoder.dim, self.hidden, self.out))
        return heads.assemble(encoder=encoder, projector=projector)

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        return two_views(batch, augment, rng)

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        z = project_both(module, views)
        with full_precision(z):
            first, second = (ctx.gather(part) for part in z.chunk(2))
            loss, found = nt_xent(first, second, self.temperature)
        return Output(loss, {"partner_found": found}, z)

    def chance(self, info: DataInfo, batch_size: int) -> float:
        return math.log(2 * batch_size - 1)

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        question = "Which of all the other views in the batch shows the same image?"
        return illustrate_pair(views, batch, data, question, second="found")


def nt_xent(
    first: torch.Tensor, second: torch.Tensor, temperature: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Equation 1 of the paper, averaged over all 2B views, and the share that found its partner.

    first, second: float (B, d), projections of the two views, not normalised. Both results are
    scalars. The loss is log(2B - 1) if all similarities are equal.
    """
    z = F.normalize(torch.cat([first, second]), dim=1)
    similarity = z @ z.T / temperature
    similarity = similarity.masked_fill(
        torch.eye(len(z), dtype=torch.bool, device=z.device), -math.inf
    )
    partner = torch.arange(len(z), device=z.device).roll(len(first))
    found = (similarity.argmax(dim=1) == partner).float().mean()
    return F.cross_entropy(similarity, partner), found.detach()
