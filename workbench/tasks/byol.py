"""BYOL: predict what a slow teacher, an average of past students, says of the other view.

Idea. A student projects one view of an image, and a predictor guesses from it the teacher's
projection of the other view. The teacher gets no gradient: after each step it moves a little
towards the student. So it is an average of past students, steadier and somewhat better than each of
them, and the student improves by following it. Nothing pushes images apart.

Paper. J.-B. Grill et al., "Bootstrap Your Own Latent: A New Approach to Self-Supervised Learning",
arXiv 2006.07733, equations 1 and 2: with q the prediction and z' the teacher's projection, both of
length 1, the loss is |q - z'|^2 = 2 - 2 cos(q, z'), summed over both orders of the two views; the
teacher moves by xi <- tau xi + (1 - tau) theta, and tau rises from its start to 1 along a cosine
(section 3.3). Deviations: AdamW for LARS, narrower heads, a lower tau, one recipe for both views,
and both views in one pass, so that batch norm sees them together.

Teaches. What SimCLR teaches, with less need of large batches and strong colour shifts.

Fails. Without the predictor (``predictor=none``) the easiest way to agree with the teacher is one
answer for all images: on the digits the loss falls to 0 and all projections meet within some steps.
The slower the teacher, the slower that goes: at a momentum of .99 the projections stay where the
untrained network had them, close together. With a momentum near 1 the teacher of a short run stays
a random network. A falling loss is no sign of good features: a collapsed network has a loss of 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    Augmenter, Batch, BrokenPreset, Context, DataInfo, F, Illustration, IllustrationData, Needs,
    Optimum, Output, Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads, predictors, teacher
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.pairs import illustrate_pair, project_both, two_views


@dataclass(frozen=True)
class BYOL(Task):
    """See the module's docstring."""

    name = "byol"
    title = "BYOL"
    summary = "Predict what a slow teacher network says of the other view."
    family = "non-contrastive"
    modalities = ("image",)
    reference = "Grill et al. 2020, arXiv 2006.07733"
    needs = Needs(encoders=("conv", "vit"))
    optimum = Optimum("adamw", learning_rate=2e-3, weight_decay=1e-4)
    default_augment = "byol"
    joint_embedding = True
    sees = (
        "Sees two augmented views of each image; from each it must predict what a slow teacher "
        "network answers for the other."
    )
    starter = 5

    predictor: str = option(
        "mlp",
        label="Predictor",
        help="mlp: guesses the teacher's answer. none: the projection itself must be it; then all "
        "may collapse.",
        choices=("mlp", "none"),
    )
    # The paper's .996 is for 10^5 steps and more: in some thousand such a teacher hardly moves. On
    # the digits' validation split, one seed of 400 steps, kNN was .955 with .9 and .928 with .99.
    momentum: float = option(
        0.9,
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
        help="Dimensions in which student and teacher are compared.",
        low=2,
        high=8192,
        advanced=True,
    )

    broken = (
        BrokenPreset(
            "byol_no_predictor",
            "BYOL without predictor",
            "The student copies a teacher that is its own past, with nothing between them.",
            "Grill et al. 2020, arXiv 2006.07733, table 5",
            {"predictor": "none"},
        ),
    )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        projector = heads.projector((encoder.dim, self.hidden, self.out))
        return heads.assemble(
            encoder=encoder,
            projector=projector,
            predictor=predictors.predictor(self.predictor, self.out, self.hidden),
            teacher=teacher.teacher_of(encoder=encoder, projector=projector),
        )

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        return two_views(batch, augment, rng)

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        z = project_both(module, views)
        q = module.predictor(z).float()
        target = predictors.teacher_projects(module, views)
        with full_precision(z):
            loss = bootstrap(q, target)
        return Output(loss, {}, z)

    def after_step(self, module: Any, progress: float) -> None:
        teacher.move(module.teacher, module, teacher.momentum_at(self.momentum, progress))

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        question = "What will the teacher network's output for the other view be?"
        return illustrate_pair(views, batch, data, question, second="predicted")


def bootstrap(q: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Equation 2 summed over both orders of the views, averaged over the batch.

    q, target: float (2B, d), the student's predictions and the teacher's projections of the first
    views, then of the second; each prediction is compared with the target of its image's other
    view. 0 if all agree, also if all are one and the same; 4 if they have nothing to do with each
    other; at most 8.
    """
    other = target.roll(len(target) // 2, dims=0)
    return 2 * (2 - 2 * F.cosine_similarity(q, other, dim=1)).mean()
