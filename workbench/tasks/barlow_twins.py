"""Barlow Twins: two views agree in every dimension, and no dimension repeats another.

Idea. The projections of two views of a batch are standardised, dimension by dimension, and
correlated with each other: a matrix with one row a dimension of the first view and one column a
dimension of the second. It should be the identity. Ones on the diagonal mean that what
augmentations change has no effect; zeros elsewhere mean that each dimension says something of its
own.

Paper. J. Zbontar, L. Jing, I. Misra, Y. LeCun, S. Deny, "Barlow Twins: Self-Supervised Learning via
Redundancy Reduction", arXiv 2103.03230, equations 1 and 2. The paper's lambda of .0051 is for 8192
dimensions and batches of 2048. Here projections have 256 dimensions and batches 128 samples: see
the option for how it was chosen. AdamW takes the place of LARS.

Teaches. What SimCLR and VICReg teach, from the same augmentations. A constant projection has no
correlation, so there is no collapse to a point, without negatives or a teacher.

Fails. At ``redundancy`` 0 all dimensions may say the same, which is a collapse to a line; with a
large weight dimensions are uncorrelated and the views need not agree. Correlations are estimated
from the batch: chance alone gives entries of about 1 / sqrt(batch), so that small batches blur the
target. The loss has no chance level; it falls while redundancy falls, whether or not features are
good.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    Augmenter, Batch, Context, DataInfo, Illustration, IllustrationData, Needs, Optimum, Output,
    Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.pairs import illustrate_pair, project_both, two_views

# Added to variances, as batch norm does in the authors' code; keeps constant dimensions finite.
_EPSILON = 1e-5


@dataclass(frozen=True)
class BarlowTwins(Task):
    """See the module's docstring."""

    name = "barlow_twins"
    title = "Barlow Twins"
    summary = "Make two views agree in every dimension, with no dimension repeated."
    family = "redundancy"
    modalities = ("image",)
    reference = "Zbontar et al. 2021, arXiv 2103.03230"
    needs = Needs(encoders=("conv", "vit"))
    # Twice the usual rate, as for SimCLR (digits, validation split: kNN .945 against .942).
    optimum = Optimum("adamw", learning_rate=2e-3, weight_decay=1e-4)
    default_augment = "simclr"
    joint_embedding = True
    sees = (
        "Sees two augmented views of each image; each dimension of their projections must agree, "
        "and no two dimensions may vary together."
    )

    # Chance alone gives off-diagonal squares of 1 / batch, so that dimensions * lambda / batch says
    # how they weigh beside the diagonal: .02 in the paper (8192 * .0051 / 2048), .04 here. At .005
    # kNN was the same on the digits' validation split, and projections used few directions.
    redundancy: float = option(
        0.02,
        label="Redundancy",
        help="Weight of: no two dimensions vary together (the paper's lambda). At 0 dimensions "
        "copy each other.",
        low=0.0,
        high=100.0,
    )
    width: int = option(
        256,
        label="Projection head width",
        help="Units of both hidden layers and dimensions of the projection.",
        low=2,
        high=8192,
        advanced=True,
    )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        projector = heads.projector((encoder.dim, self.width, self.width, self.width))
        return heads.assemble(encoder=encoder, projector=projector)

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        return two_views(batch, augment, rng)

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        z = project_both(module, views)
        with full_precision(z):
            correlation = cross_correlation(*(ctx.gather(part) for part in z.chunk(2)))
            agreement = agreement_term(correlation)
            redundancy = redundancy_term(correlation)
            loss = agreement + self.redundancy * redundancy
        return Output(loss, {"agreement": agreement, "redundancy": redundancy}, z)

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        question = "Which numbers are the same for both views, each telling something new?"
        return illustrate_pair(views, batch, data, question, second="sees")


def cross_correlation(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Equation 2: float (d, d), correlations over the batch, each in [-1, 1].

    first, second: float (B, d) with B >= 2, projections of two views. Entry (i, j) belongs to
    dimension i of the first and j of the second. Constant dimensions have correlation 0.
    """
    return _standardised(first).T @ _standardised(second) / len(first)


def agreement_term(correlation: torch.Tensor) -> torch.Tensor:
    """Sum of (1 - C_ii)^2, the first part of equation 1: 0 if the views agree, d if unrelated."""
    return (1 - correlation.diagonal()).square().sum()


def redundancy_term(correlation: torch.Tensor) -> torch.Tensor:
    """Sum of C_ij^2 over i != j, the second part of equation 1: d (d - 1) if all are one."""
    return (correlation - correlation.diagonal().diag()).square().sum()


def _standardised(z: torch.Tensor) -> torch.Tensor:
    centred = z - z.mean(dim=0)
    return centred / torch.sqrt(centred.square().mean(dim=0) + _EPSILON)
