"""SimSiam: one network predicts its own answer for the other view, and does not collapse.

Idea. Both views of an image are projected; a small predictor guesses the projection of one view
from that of the other. Nothing pushes images apart: no negatives, no teacher, no term for variance.
One constant answer for all images would be a perfect guess. One thing keeps the network from it:
the target is held fixed (stop-gradient), so that guesses move towards answers and never answers
towards guesses.

Paper. X. Chen, K. He, "Exploring Simple Siamese Representation Learning", arXiv 2011.10566,
equations 1 to 4: with D(p, z) = -cos(p, z), the loss is D(p1, stop(z2)) / 2 + D(p2, stop(z1)) / 2.
The projector ends in a batch norm, the predictor is a bottleneck and keeps its learning rate to
the end (table 1). Deviations: AdamW for SGD, narrower heads of two layers, and both views in one
pass, so that batch norm sees them together.

Teaches. What SimCLR teaches, without negatives; and what keeps a method from collapse, by taking it
away: ``stop_gradient=false`` and ``predictor`` ``none`` or ``fixed``.

Fails. Without stop-gradient or without predictor the loss runs to -1, the best there is; a low loss
says nothing here. With ``output_norm=none`` all images then meet in one point. The batch norm at
the projector's end forbids that: with it they meet in one line instead, on the digits within some
dozens of steps (dimensional collapse). With a fixed predictor the loss stays high, as the paper
says, and on the digits the features get worse than the untrained network's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    Augmenter, Batch, BrokenPreset, Context, DataInfo, F, Illustration, IllustrationData, Needs,
    Optimum, Output, Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads, predictors
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.pairs import illustrate_pair, project_both, two_views


@dataclass(frozen=True)
class SimSiam(Task):
    """See the module's docstring."""

    name = "simsiam"
    title = "SimSiam"
    summary = "Predict the network's own answer for the other view, held fixed."
    family = "non-contrastive"
    modalities = ("image",)
    reference = "Chen & He 2021, arXiv 2011.10566"
    needs = Needs(encoders=("conv", "vit"))
    optimum = Optimum("adamw", learning_rate=2e-3, weight_decay=1e-4)
    default_augment = "simclr"
    joint_embedding = True
    sees = (
        "Sees two augmented views of each image; from each it must predict what it answers itself "
        "for the other."
    )

    stop_gradient: bool = option(
        True,
        label="Stop-gradient",
        help="Hold the target fixed: only the guess moves. Without it all may collapse.",
    )
    predictor: str = option(
        "mlp",
        label="Predictor",
        help="mlp: learns along. none: guess and projection are one. fixed: keeps its random "
        "weights.",
        choices=("mlp", "none", "fixed"),
    )
    output_norm: str = option(
        "batch",
        label="Norm of the projection",
        help="batch: a batch norm ends the projection head, as in the paper. A collapse is then "
        "one to a line. none: no batch norm. A collapse is then one to a point.",
        choices=("batch", "none"),
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
    # A quarter of the projection, the paper's bottleneck (512 of 2048).
    bottleneck: int = option(
        32,
        label="Predictor width",
        help="Units of the predictor's hidden layer.",
        low=2,
        high=8192,
        advanced=True,
    )

    broken = (
        BrokenPreset(
            "simsiam_no_stop_gradient",
            "SimSiam without stop-gradient",
            "Both views move towards each other, so that one point for all images is the best "
            "answer. The projection has no batch norm at its end, which would hold the spread up "
            "by itself.",
            "Chen & He 2020, arXiv 2011.10566, section 4.1",
            {"stop_gradient": False, "output_norm": "none"},
        ),
        BrokenPreset(
            "simsiam_no_predictor",
            "SimSiam without predictor",
            "The projections of two views are compared directly.",
            "Chen & He 2020, arXiv 2011.10566, section 4.2",
            {"predictor": "none", "output_norm": "none"},
        ),
        BrokenPreset(
            "simsiam_fixed_predictor",
            "SimSiam with a fixed predictor",
            "The predictor keeps its random weights: the paper's run then did not learn, and did "
            "not collapse either.",
            "Chen & He 2020, arXiv 2011.10566, section 4.2",
            {"predictor": "fixed"},
        ),
    )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        projector = heads.projector((encoder.dim, self.hidden, self.out))
        if self.output_norm == "batch":
            projector = predictors.with_output_norm(projector)
        predictor = predictors.predictor(self.predictor, self.out, self.bottleneck)
        return heads.assemble(encoder=encoder, projector=projector, predictor=predictor)

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        return two_views(batch, augment, rng)

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        z = project_both(module, views)
        p = module.predictor(z).float()
        target = z.detach() if self.stop_gradient else z
        with full_precision(z):
            loss = siamese(p, target)
        return Output(loss, {}, z)

    def parameter_groups(self, module: Any) -> list[dict[str, Any]]:
        """The predictor's rate does not fall: it has to keep up with the projections (4.2)."""
        own = {id(p) for p in module.predictor.parameters()}
        groups = []
        for group in super().parameter_groups(module):
            for fixed in (False, True):
                chosen = [p for p in group["params"] if (id(p) in own) == fixed]
                groups.append({**group, "params": chosen, "fixed_lr": fixed})
        return groups

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        question = "What will my own output for the other view be?"
        return illustrate_pair(views, batch, data, question, second="predicted")


def siamese(p: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Equation 2 (4 with a target that carries no gradient), averaged over the batch.

    p, target: float (2B, d), predictions and projections of the first views, then of the second;
    each prediction is compared with the target of its image's other view. -1 if all agree, also if
    all are one and the same; 0 if they have nothing to do with each other; at most 1.
    """
    other = target.roll(len(target) // 2, dims=0)
    return -F.cosine_similarity(p, other, dim=1).mean()
