"""VICReg: make two views of an image equal while every dimension stays spread and unlike others.

Idea. Pulling the two views of each image together is easy if everything is mapped to one point.
VICReg forbids that by two terms on the batch: each dimension of the projection must keep a standard
deviation of at least 1 (variance), and no two dimensions may say the same (covariance). There are
no negatives, no teacher and no predictor: what holds the method up is in the loss, term by term.

Paper. A. Bardes, J. Ponce, Y. LeCun, "VICReg: Variance-Invariance-Covariance Regularization for
Self-Supervised Learning", arXiv 2105.04906, equations 1 to 6. As in the authors' code, for which
their coefficients 25, 25, 1 hold, invariance is a mean over dimensions too, and variance a mean
over both views.

Teaches. What SimCLR teaches, from the same augmentations; and, by its coefficients, what collapse
is: without variance all points meet, without covariance one dimension is copied into all others.

Fails. If variance or covariance outweigh invariance, the views need not agree and features are
noise; batches smaller than the projection's dimensions estimate the covariance badly. Its loss has
no chance level, and a falling loss is no sign of good features: read its three parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    Augmenter, Batch, BrokenPreset, Context, DataInfo, F, Illustration, IllustrationData, Needs,
    Optimum, Output, Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.pairs import illustrate_pair, project_both, two_views

# Keeps the gradient of the standard deviation finite where a dimension is constant (section 4.1).
_EPSILON = 1e-4


@dataclass(frozen=True)
class VICReg(Task):
    """See the module's docstring."""

    name = "vicreg"
    title = "VICReg"
    summary = "Make two views equal, keep every dimension spread and unlike others."
    family = "redundancy"
    modalities = ("image",)
    reference = "Bardes et al. 2022, arXiv 2105.04906"
    needs = Needs(encoders=("conv", "vit"))
    # AdamW takes the place of LARS, which is for batches of thousands.
    optimum = Optimum("adamw", learning_rate=1e-3, weight_decay=1e-4)
    default_augment = "simclr"
    joint_embedding = True
    sees = (
        "Sees two augmented views of each image; their projections must be equal, while each "
        "dimension varies over the batch and no two dimensions vary together."
    )
    starter = 2

    invariance: float = option(
        25.0,
        label="Invariance",
        help="Weight of: the two views of an image have equal projections.",
        low=0.0,
        high=1000.0,
    )
    variance: float = option(
        25.0,
        label="Variance",
        help="Weight of: each dimension keeps a standard deviation of 1. At 0 all collapses.",
        low=0.0,
        high=1000.0,
    )
    covariance: float = option(
        1.0,
        label="Covariance",
        help="Weight of: no two dimensions vary together. At 0 dimensions copy each other.",
        low=0.0,
        high=1000.0,
    )
    width: int = option(
        256,
        label="Projection head width",
        help="Units of both hidden layers and dimensions of the projection.",
        low=2,
        high=8192,
        advanced=True,
    )

    broken = (
        BrokenPreset(
            "vicreg_no_variance",
            "VICReg without variance",
            "Nothing keeps the projections apart: all images may become one point.",
            "Bardes et al. 2022, arXiv 2105.04906, table 7",
            {"variance": 0.0},
        ),
        BrokenPreset(
            "vicreg_no_covariance",
            "VICReg without covariance",
            "Dimensions may copy one another: the projections keep their spread and lose all but "
            "one direction.",
            "Bardes et al. 2022, arXiv 2105.04906, table 7",
            {"covariance": 0.0},
        ),
        BrokenPreset(
            "vicreg_outweighed",
            "VICReg with variance and covariance at 100",
            "The two terms that spread the projections outweigh the one that makes views agree a "
            "hundred times.",
            "Meta's eb_jepa, examples/image_jepa: chance accuracy with these coefficients",
            {"invariance": 1.0, "variance": 100.0, "covariance": 100.0},
        ),
    )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        projector = heads.projector((encoder.dim, self.width, self.width, self.width))
        return heads.assemble(encoder=encoder, projector=projector)

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        return two_views(batch, augment, rng)

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        z = project_both(module, views)
        with full_precision(z):
            first, second = (ctx.gather(part) for part in z.chunk(2))
            invariance = invariance_term(first, second)
            variance = (variance_term(first) + variance_term(second)) / 2
            covariance = covariance_term(first) + covariance_term(second)
            loss = (
                self.invariance * invariance
                + self.variance * variance
                + self.covariance * covariance
            )
        logs = {"invariance": invariance, "variance": variance, "covariance": covariance}
        return Output(loss, logs, z)

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        question = "Which description of the image is the same for both views?"
        return illustrate_pair(views, batch, data, question, second="sees")


def invariance_term(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Mean squared difference of the projections (B, d) of two views. Equation 5, divided by d.

    0 if the views agree.
    """
    return F.mse_loss(first, second)


def variance_term(z: torch.Tensor) -> torch.Tensor:
    """Mean over dimensions of how far the standard deviation over the batch falls short of 1.

    z: (B, d) with B >= 2. Equations 1 and 2: 0 from std 1 on, .99 if z is constant.
    """
    std = torch.sqrt(z.var(dim=0) + _EPSILON)
    return F.relu(1.0 - std).mean()


def covariance_term(z: torch.Tensor) -> torch.Tensor:
    """Sum of squared off-diagonal covariances, divided by d. Equations 3 and 4.

    z: (B, d) with B >= 2. 0 if the dimensions are uncorrelated; d - 1 if all are one of variance 1.
    """
    centred = z - z.mean(dim=0)
    covariance = centred.T @ centred / (len(z) - 1)
    return (covariance - covariance.diagonal().diag()).square().sum() / z.shape[1]
