"""EMP-SSL: many patches of each image have one embedding, and the batch fills the space.

Idea. Instead of two views, many crops of a fixed size are taken from each image. Every crop is
pulled to the mean of the crops of its image. What keeps this from collapse is the total coding
rate of the batch: the number of bits needed to tell its embeddings apart, which is largest where
they fill all directions alike. More patches a step give a better mean, and so more is learned in
each pass over the data.

Paper. S. Tong, Y. Chen, Y. Ma, Y. LeCun, "EMP-SSL: Towards Self-Supervised Learning in One Training
Epoch", arXiv 2304.03977, equations 1 to 3; as in the authors' code, embeddings have length 1,
D is the cosine similarity to the mean, crops keep a quarter of the area and epsilon squared is .2.
The rate is divided by its dimensions here, so that one weight holds for any number of them;
agreement counts as 1 - cosine, so that 0 is perfect. 8 patches and not 20 to 200, which are for
GPUs. Representations are of whole images, not the mean over patches of an image.

Teaches. What parts of one image have in common: texture, colour, object parts; positions of parts
are thrown away. Few passes over the data suffice, as each shows many patches.

Fails. Where a part does not tell the whole (a stroke of a digit), patches of one image have little
in common, and larger ones are better. Without the coding rate (``agreement`` large) all patches
meet in one point. The loss has no chance level, and is negative when all goes well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    Augmenter, Batch, Context, DataInfo, F, Illustration, IllustrationData, Needs, Optimum, Output,
    Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads
from workbench.tasks.parts.crops import illustrate_crops, project_crops, small_side
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.pairs import several_views

_HIDDEN = 512
_QUARTER = 0.25
# Pixels a side of the smallest patch that auto takes. Of digits of 8 pixels, patches of a half did
# better than of two fifths: kNN .941 and .915 on the validation split after 150 steps.
_SMALLEST = 6


@dataclass(frozen=True)
class EMPSSL(Task):
    """See the module's docstring."""

    name = "emp_ssl"
    title = "EMP-SSL"
    summary = "Give many patches of an image one embedding; the batch fills space."
    family = "redundancy"
    modalities = ("image",)
    reference = "Tong et al. 2023, arXiv 2304.03977"
    needs = Needs(encoders=("conv", "vit"))
    optimum = Optimum("adamw", learning_rate=1e-3, weight_decay=1e-4)
    default_augment = "simclr"
    joint_embedding = True
    sees = (
        "Sees many augmented patches of each image; all patches of an image must get one "
        "embedding, while the embeddings of the batch fill all directions."
    )

    patches: int = option(
        8,
        label="Patches",
        help="Crops of each image a step. More learn more in one pass over the data, and take "
        "longer.",
        low=2,
        high=200,
    )
    share: float | None = option(
        None,
        label="Size of a patch",
        help="Share of the image's area that each patch keeps; auto: a quarter, more where that "
        "would be fewer than 6 pixels a side.",
        low=0.01,
        high=1.0,
    )
    enlarge: bool = option(
        True,
        label="Enlarge patches",
        help="Scale patches to the image's own size, as the paper does, instead of about half; "
        "each then costs four times as much.",
    )
    # The paper's 200 is about the most that its rate can reach, with batches of 100; so is 1 here.
    agreement: float = option(
        1.0,
        label="Agreement",
        help="Weight of: all patches of an image have one embedding. Large ones let all collapse.",
        low=0.0,
        high=1000.0,
    )
    epsilon: float = option(
        0.2,
        label="Coding error",
        help="Squared error up to which embeddings are coded: low rewards spread more strongly.",
        low=0.001,
        high=10.0,
        advanced=True,
    )
    out: int = option(
        128,
        label="Projection size",
        help="Dimensions of the embeddings; no more than images a batch can be filled.",
        low=2,
        high=8192,
        advanced=True,
    )

    def notes(self, info: DataInfo) -> tuple[str, ...]:
        if self.share is not None or info.size is None:
            return ()
        height, width = info.size
        share = share_for(min(info.size))
        return (f"Patches keep {share:.0%} of the area, for images of {height} x {width} pixels.",)

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        projector = heads.projector((encoder.dim, _HIDDEN, self.out))
        return heads.assemble(encoder=encoder, projector=projector)

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        assert batch.images is not None
        side = min(batch.images.shape[2:])
        size = None if self.enlarge else small_side(side, module.encoder.patch)
        share = share_for(side) if self.share is None else self.share
        scale = (share, share)
        return Views(several_views(batch, augment, rng, self.patches, size=size, scale=scale))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        z = project_crops(module, views.inputs)
        with full_precision(z):
            z = F.normalize(z, dim=2)
            every = torch.stack([ctx.gather(patch) for patch in z])
            similarity = similarity_to_mean(every)
            rate = torch.stack([coding_rate(patch, self.epsilon) for patch in every]).mean()
            rate = rate / z.shape[2]
            loss = self.agreement * (1 - similarity) - rate
        logs = {"similarity": similarity, "coding_rate": rate}
        return Output(loss, logs, z.flatten(0, 1))

    def project(self, module: Any, h: torch.Tensor) -> torch.Tensor:
        """The embedding as the loss takes it, of length 1."""
        return F.normalize(module.projector(h).float(), dim=1)

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        question = "Which description of the image do all its patches have in common?"
        return illustrate_crops(views, batch, data, question, what="patch")


def share_for(side: int) -> float:
    """Share of the area that patches of images of ``side`` pixels keep when it is left open."""
    return min(1.0, max(_QUARTER, (_SMALLEST / side) ** 2))


def similarity_to_mean(z: torch.Tensor) -> torch.Tensor:
    """Mean cosine similarity of each patch to the mean of its image's patches, in [-1, 1].

    z: float (V, B, d). 1 if all patches of each image agree. Equation 3's D.
    """
    return F.cosine_similarity(z, z.mean(dim=0, keepdim=True), dim=2).mean()


def coding_rate(z: torch.Tensor, epsilon: float) -> torch.Tensor:
    """Total coding rate, equation 1: half the log determinant of I + d / (B epsilon) Z^T Z.

    z: float (B, d), rows of length 1. epsilon: the paper's epsilon squared. 0 only if all are 0;
    half of log(1 + d / epsilon) if all are one; d / 2 log(1 + 1 / epsilon), the most, if they fill
    all directions alike, for which B >= d.
    """
    samples, dims = z.shape
    gram = z.T @ z * (dims / (samples * epsilon))
    rate: torch.Tensor = torch.linalg.slogdet(torch.eye(dims, device=z.device) + gram).logabsdet
    return rate / 2
