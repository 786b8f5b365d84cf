"""LeJEPA: predict the mean of an image's views, while all projections look like a Gaussian.

Idea. The projection of every view is pulled to the mean of the projections of the same image. What
keeps this from collapse is one test: seen along any direction, the projections of a batch should be
distributed as a standard Gaussian (SIGReg, sketched isotropic Gaussian regularisation). A few
random directions a step, drawn anew each time, stand for all. There are no negatives, no teacher,
no predictor and no stop-gradient; one weight sets the balance.

Paper. R. Balestriero, Y. LeCun, "LeJEPA: Provable and Scalable Self-Supervised Learning Without the
Heuristics", arXiv 2511.08544, algorithms 1 and 2: the statistic of Epps and Pulley (1983),
    B * integral of |mean of exp(i t x) - exp(-t^2 / 2)|^2 exp(-t^2 / 2) dt.
As in the authors' minimal example, the integral runs over half of the even function, from 0 to 3
by the trapezoidal rule, and counts twice. All views, of any size, are pulled to the mean of the
large ones. Fewer directions than the authors' 256, as projections have fewer dimensions.

Teaches. What VICReg teaches, more strictly: VICReg asks for the second moments of a Gaussian,
LeJEPA for its whole shape.

Fails. At ``weight`` 0 all views of all images meet in one point; at 1 they look Gaussian and need
not agree. The test's power grows with the batch: of few samples nearly any sample looks Gaussian.
The loss has no chance level; the authors report that it follows downstream accuracy within one
data set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    Augmenter, Batch, Context, DataInfo, F, Illustration, IllustrationData, Needs, Optimum, Output,
    Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads
from workbench.tasks.parts.crops import (
    illustrate_crops, multi_crop, project_crops, small_crop_notes,
)  # fmt: skip
from workbench.tasks.parts.numerics import full_precision

# Where the integral is cut off: the Gaussian weight is down to 1 % there.
_LAST = 3.0
_HIDDEN = 512


@dataclass(frozen=True)
class LeJEPA(Task):
    """See the module's docstring."""

    name = "lejepa"
    title = "LeJEPA"
    summary = "Make views agree while all projections together look Gaussian."
    family = "redundancy"
    modalities = ("image",)
    reference = "Balestriero & LeCun 2025, arXiv 2511.08544"
    needs = Needs(encoders=("conv", "vit"))
    optimum = Optimum("adamw", learning_rate=2e-3, weight_decay=1e-4)
    default_augment = "simclr"
    joint_embedding = True
    sees = (
        "Sees several augmented views of each image. Each must come near the mean of them all, "
        "while the projections of the batch stay spread like a Gaussian."
    )

    weight: float = option(
        0.05,
        label="Gaussian weight",
        help="Share of the loss that asks for Gaussian projections (the paper's lambda); the rest "
        "asks for agreement. At 0 all collapses.",
        low=0.0,
        high=1.0,
    )
    # As in the authors' minimal example. On the digits' validation split kNN was .950 after 150 of
    # 300 steps with four views, and .932 after 300 with two, which cost as much.
    large_views: int = option(
        4,
        label="Large views",
        help="Augmented views of each image; their mean is what every view must predict.",
        low=1,
        high=12,
    )
    small_crops: int = option(
        0,
        label="Small crops",
        help="Further views of each image: small parts of it, at about half the side.",
        low=0,
        high=12,
    )
    slices: int = option(
        64,
        label="Directions",
        help="How many random directions, new ones each step, test the spread of the projections.",
        low=1,
        high=4096,
        advanced=True,
    )
    knots: int = option(
        17,
        label="Knots",
        help="Points at which the integral of the test is evaluated.",
        low=3,
        high=201,
        advanced=True,
    )
    out: int = option(
        32,
        label="Projection size",
        help="Dimensions in which views are compared.",
        low=2,
        high=8192,
        advanced=True,
    )

    def notes(self, info: DataInfo) -> tuple[str, ...]:
        return small_crop_notes(info, self.small_crops)

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        projector = heads.projector((encoder.dim, _HIDDEN, _HIDDEN, self.out))
        return heads.assemble(encoder=encoder, projector=projector)

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        views = multi_crop(
            module, batch, augment, rng, large=self.large_views, small=self.small_crops
        )
        directions = torch.randn(self.out, self.slices, generator=rng, device=rng.device)
        return Views(views.inputs, masks=(F.normalize(directions, dim=0),))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        z = project_crops(module, views.inputs)
        with full_precision(z):
            every = torch.stack([ctx.gather(view) for view in z])
            prediction = prediction_term(every, self.large_views)
            gaussian = sigreg(every, views.masks[0], self.knots)
            loss = (1 - self.weight) * prediction + self.weight * gaussian
        logs = {"prediction": prediction, "gaussian": gaussian}
        return Output(loss, logs, z[: self.large_views].flatten(0, 1))

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        question = "Which description of the image do all its views have in common?"
        return illustrate_crops(views, batch, data, question)


def prediction_term(z: torch.Tensor, large: int) -> torch.Tensor:
    """Mean squared distance, a dimension, of every view to the mean of the first ``large`` ones.

    z: float (V, B, d). 0 if all views of each image agree.
    """
    return (z - z[:large].mean(dim=0)).square().mean()


def sigreg(z: torch.Tensor, directions: torch.Tensor, knots: int) -> torch.Tensor:
    """The Epps-Pulley statistic of each view along each direction, averaged.

    z: float (V, B, d). directions: float (d, M), columns of length 1. About 1.05 for samples of a
    standard Gaussian, whatever B; .4 B if all are 0.
    """
    t = torch.linspace(0, _LAST, knots, device=z.device)
    gauss = torch.exp(-t.square() / 2)
    angles = (z @ directions)[..., None] * t
    real, imaginary = angles.cos().mean(dim=1), angles.sin().mean(dim=1)
    distance = (real - gauss).square() + imaginary.square()
    return 2 * z.shape[1] * torch.trapezoid(distance * gauss, t, dim=2).mean()
