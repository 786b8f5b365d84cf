"""SwAV: say from one view to which clusters the other view of the same image was assigned.

Idea. A batch is shared out softly over prototypes (directions that are learned with the network),
so that each prototype gets the same amount. From one view the network must predict the shares of
the other view, and the other way round. Images are compared with prototypes and never with each
other; the equal amounts forbid that all go to one prototype. Small crops may be added: from each of
them, too, the assignments of both large views are predicted.

Paper. M. Caron, I. Misra, J. Mairal, P. Goyal, P. Bojanowski, A. Joulin, "Unsupervised Learning of
Visual Features by Contrasting Cluster Assignments", arXiv 2006.09882, equations 1 to 5; as in the
authors' code, 3 Sinkhorn-Knopp iterations, epsilon .05, temperature .1, prototypes of length 1 and
frozen at first. Fewer prototypes than the paper's 3000, which are for 1.3 million images; no queue,
which the paper needs where a batch is much smaller than the number of prototypes.

Teaches. Groups of images that stay together under the augmentations: often near to classes.

Fails. Without balance (``iterations`` 0) all images go to one prototype, and the loss to 0: on
digits within 300 steps. With many more prototypes than images a batch the shares say little; with
very few, unlike images must share one. The loss starts at log(prototypes), the chance level.
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
from workbench.tasks.parts.sinkhorn import sinkhorn

_LARGE = 2
_HIDDEN, _OUT = 512, 128


@dataclass(frozen=True)
class SwAV(Task):
    """See the module's docstring."""

    name = "swav"
    title = "SwAV"
    summary = "Say from one view to which clusters the other view was assigned."
    family = "clustering"
    modalities = ("image",)
    reference = "Caron et al. 2020, arXiv 2006.09882"
    needs = Needs(encoders=("conv", "vit"))
    optimum = Optimum("adamw", learning_rate=2e-3, weight_decay=1e-4)
    default_augment = "simclr"
    joint_embedding = True
    sees = (
        "Sees two augmented views of each image, and small crops if you ask for them. From each "
        "it must predict the clusters of the other large view."
    )
    starter = 6

    prototypes: int = option(
        128,
        label="Prototypes",
        help="Clusters that a batch is shared out over; not many more than images a batch.",
        low=2,
        high=10_000,
    )
    small_crops: int = option(
        0,
        label="Small crops",
        help="Further views of each image: small parts of it, at about half the side.",
        low=0,
        high=12,
    )
    iterations: int = option(
        3,
        label="Balancing rounds",
        help="Sinkhorn-Knopp iterations that give each prototype the same amount. At 0 nothing "
        "keeps all images from one prototype.",
        low=0,
        high=100,
    )
    temperature: float = option(
        0.1,
        label="Temperature",
        help="How sure predictions are: low means nearly all on the most similar prototype.",
        low=0.01,
        high=10.0,
    )
    epsilon: float = option(
        0.05,
        label="Softness of shares",
        help="How soft the assignments are: low means each view goes to one prototype.",
        low=0.001,
        high=10.0,
        advanced=True,
    )
    frozen: float = option(
        0.05,
        label="Frozen at first",
        help="Share of the run in which prototypes stay where they began.",
        low=0.0,
        high=1.0,
        advanced=True,
    )

    def notes(self, info: DataInfo) -> tuple[str, ...]:
        return small_crop_notes(info, self.small_crops)

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        projector = heads.projector((encoder.dim, _HIDDEN, _OUT))
        prototypes = nn.Parameter(F.normalize(torch.randn(self.prototypes, _OUT), dim=1))
        return heads.assemble(encoder=encoder, projector=projector, prototypes=prototypes)

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        return multi_crop(module, batch, augment, rng, large=_LARGE, small=self.small_crops)

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        z = project_crops(module, views.inputs)
        with full_precision(z):
            z = F.normalize(z, dim=2)
            frozen = ctx.progress < self.frozen
            prototypes = module.prototypes.detach() if frozen else module.prototypes
            scores = torch.stack([ctx.gather(view) for view in z]) @ prototypes.T
            shares = torch.stack(
                [sinkhorn(view, self.epsilon, self.iterations) for view in scores[:_LARGE]]
            )
            loss = swapped_cross_entropy(scores / self.temperature, shares)
        chosen = shares.argmax(dim=2)
        found = (scores[:_LARGE].detach().argmax(dim=2).flip(0) == chosen).float().mean()
        used = torch.zeros(self.prototypes, device=z.device).index_fill_(0, chosen.flatten(), 1.0)
        logs = {"cluster_found": found, "prototypes_used": used.mean()}
        return Output(loss, logs, z[:_LARGE].flatten(0, 1))

    def after_step(self, module: Any, progress: float) -> None:
        with torch.no_grad():
            module.prototypes.copy_(F.normalize(module.prototypes, dim=1))

    def project(self, module: Any, h: torch.Tensor) -> torch.Tensor:
        """The direction of the projection, which is what prototypes are compared with."""
        return F.normalize(module.projector(h).float(), dim=1)

    def chance(self, info: DataInfo, batch_size: int) -> float:
        return math.log(self.prototypes)

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        question = "To which clusters was the other large view of the same image assigned?"
        return illustrate_crops(views, batch, data, question)
