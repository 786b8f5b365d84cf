"""Rotation: say by which quarter turn an image was turned.

Idea. Each image is turned by 0, 90, 180 or 270 degrees, and the network names the turn. To do so
it has to know which way up things usually are, and hence to see the things and their parts.

Paper. S. Gidaris, P. Singh, N. Komodakis, "Unsupervised Representation Learning by Predicting
Image Rotations" (RotNet), arXiv 1803.07728, equations 2 and 3: cross-entropy over the K = 4 turns,
averaged over all four turns of each image. Here each image is shown in one turn, unless
``all_turns`` asks for the paper's four; the turns of a batch are balanced either way.

Teaches. Orientation, and the parts that tell it (strokes of a digit, sky and ground, collar and
hem). Features stay sensitive to orientation and colour, unlike those of SimCLR and VICReg.

Fails. Where nothing has a right way up (cells, textures, satellite images, round things) there is
nothing to learn; where a corner, a shadow or a caption tells the turn, only that is learned. The
loss starts at log 4, the chance level; quickly near 0 means that a shortcut was found.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    Augmenter, Batch, Context, DataInfo, F, Illustration, IllustrationData, Needs, Optimum, Output,
    Panel, RequestError, Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.render import image_panel, original_panel

TURNS = ("upright", "a quarter turn to the left", "upside down", "a quarter turn to the right")


@dataclass(frozen=True)
class Rotation(Task):
    """See the module's docstring."""

    name = "rotation"
    title = "Rotation"
    summary = "Say by which quarter turn an image was turned."
    family = "predictive"
    modalities = ("image",)
    reference = "Gidaris et al. 2018, arXiv 1803.07728"
    needs = Needs(encoders=("conv", "vit"))
    # The paper's SGD at .1 takes tens of epochs; AdamW finds the turns within the first.
    optimum = Optimum("adamw", learning_rate=1e-3, weight_decay=1e-4)
    # Crops and mirror images, which have the same way up; no colours, which do not matter here.
    default_augment = "mae"
    sees = "Sees an image turned by 0, 90, 180 or 270 degrees; it must say by how much."
    starter = 3

    all_turns: bool = option(
        False,
        label="All four turns",
        help="Show each image in all four turns a step, as the paper does, instead of in one.",
    )
    hidden: int = option(
        256,
        label="Head width",
        help="Units of the hidden layer between representation and answer; spares the "
        "representation from becoming the answer itself.",
        low=8,
        high=8192,
        advanced=True,
    )

    def check(self, info: DataInfo) -> None:
        super().check(info)
        if info.size is not None and info.size[0] != info.size[1]:
            raise RequestError(
                f"'{self.name}' turns images by 90 degrees, and these are "
                f"{info.size[0]} x {info.size[1]} pixels.",
                field="--size",
                remedy=f"Give --size {min(info.size)} for square images.",
            )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        head = heads.projector((encoder.dim, self.hidden, len(TURNS)))
        return heads.assemble(encoder=encoder, head=head)

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        x = augment(batch, rng)
        order = torch.randperm(len(x), generator=rng, device=x.device) % len(TURNS)
        copies = len(TURNS) if self.all_turns else 1
        targets = tuple((order + copy) % len(TURNS) for copy in range(copies))
        return Views(tuple(turn(x, target) for target in targets), targets)

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        target = torch.cat(views.targets)
        logits = module.head(module.encoder(torch.cat(views.inputs)))
        with full_precision(logits):
            loss = F.cross_entropy(logits.float(), target)
        accuracy = (logits.detach().argmax(dim=1) == target).float().mean()
        return Output(loss, {"accuracy": accuracy})

    def chance(self, info: DataInfo, batch_size: int) -> float:
        return math.log(len(TURNS))

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        rows: list[tuple[Panel, ...]] = []
        for row in range(batch.size):
            panels = [original_panel(batch, row, data)]
            for x, target in zip(views.inputs, views.targets, strict=True):
                right = int(target[row])
                answers = tuple(
                    (name, "right" if i == right else "") for i, name in enumerate(TURNS)
                )
                panels.append(image_panel(x[row], "turned view", "sees"))
                panels.append(Panel(TURNS[right], "answers", tokens=answers))
            rows.append(tuple(panels))
        return Illustration("How far was the image turned?", tuple(rows))


def turn(x: torch.Tensor, quarters: torch.Tensor) -> torch.Tensor:
    """Each image of x, float (B, C, S, S), turned to the left by its number of quarter turns.

    quarters: int64 (B,), 0 to 3.
    """
    pixels = torch.arange(x.shape[2] * x.shape[3], device=x.device).view(x.shape[2:])
    origins = torch.stack([torch.rot90(pixels, k).flatten() for k in range(len(TURNS))])
    origin = origins[quarters][:, None].expand(-1, x.shape[1], -1)
    return x.flatten(2).gather(2, origin).view_as(x)
