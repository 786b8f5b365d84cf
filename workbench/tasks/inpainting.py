"""Inpainting: a block is cut out of the image; paint what was there.

Idea. A square is taken out of an image and filled with the mean colour. The network sees the rest
and paints what was in the hole. Unlike noise or single patches, a large hole cannot be filled by
smoothing over its edge: what was there has to be understood from what is around it.

Paper. D. Pathak, P. Kraehenbuehl, J. Donahue, T. Darrell, A. Efros, "Context Encoders: Feature
Learning by Inpainting", arXiv 1604.07379, equation 1: squared error inside the hole. The
adversarial part (equations 2 and 3), which makes the painting sharp and learns slowly, is left out;
so are the heavier weight on the hole's rim and the channel-wise layer, for which the one vector h
stands here: a small net paints the whole picture from it, and only the hole counts. Pictures are
painted relative to their own mean colour and contrast (``norm_pix``), and at a half, a third, ...
of their size if they have more than 32 pixels a side. The error is divided by that of painting the
mean colour, so that 1 is the chance level.

Teaches. What belongs beside what: layout, the run of strokes and outlines.

Fails. Squared error paints the blurred mean of all that could be there. Where the hole holds ground
only, there is nothing to learn, so pictures of small things need a larger or a central hole. The
encoder is trained on pictures with holes and scored on whole ones. With ``norm_pix`` off, h holds
the mean colour first, and on scenes of many colours neighbours agree less than with an untrained
encoder.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    Augmenter, Batch, Context, DataInfo, Illustration, IllustrationData, Needs, Optimum, Output,
    RequestError, Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads, painting
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.painting import canvas, canvas_note
from workbench.tasks.parts.render import image_panel, original_panel

_GRAY = 0.5


@dataclass(frozen=True)
class Inpainting(Task):
    """See the module's docstring."""

    name = "inpainting"
    title = "Inpainting"
    summary = "Paint what was in a block that is cut out of the image."
    family = "predictive"
    modalities = ("image",)
    reference = "Pathak et al. 2016, arXiv 1604.07379"
    needs = Needs(encoders=("conv", "vit"), side=4)
    optimum = Optimum("adamw", learning_rate=1e-3, weight_decay=1e-4)
    # No crops: each image already looks new with a new hole, and whole pictures are evaluated.
    # Validation kNN after 300 steps on digits: .953 without crops, .936 with them.
    default_augment = "none"
    sees = "Sees an image with a hole; it must paint what was there."

    # A quarter of the area, half of each side, as the paper's hole of 64 in 128 pixels.
    share: float = option(
        0.25,
        label="Size of the hole",
        help="Share of the image's area that is cut out.",
        low=0.02,
        high=0.9,
    )
    place: str = option(
        "random",
        label="Place of the hole",
        help="random: anywhere inside, another place for each image; centre: always the middle.",
        choices=("random", "centre"),
    )
    # Validation kNN after 200 steps on shapes: .376 with it, .230 without, .353 untrained.
    norm_pix: bool = option(
        True,
        label="Normalise pictures",
        help="Paint each picture relative to its own mean colour and contrast: shape rather than "
        "light.",
    )
    hidden: int = option(
        256,
        label="Painter width",
        help="Units of the hidden layer between representation and picture.",
        low=8,
        high=8192,
        advanced=True,
    )

    def check(self, info: DataInfo) -> None:
        super().check(info)
        if info.size is not None and hole_size(info.size, self.share) == info.size:
            raise RequestError(
                f"a hole of {self.share:.0%} takes all of an image of "
                f"{info.size[0]} x {info.size[1]} pixels.",
                field="--set share",
                remedy="Give 0.25, so that something is left to see.",
            )

    def notes(self, info: DataInfo) -> tuple[str, ...]:
        return canvas_note(info)

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        size, channels = canvas(info.size or (0, 0)), len(info.mean or ())
        painter = painting.painter(encoder.dim, self.hidden, channels, size)
        return heads.assemble(encoder=encoder, painter=painter, **painting.colours(info))

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        x = augment(batch, rng)
        size = (x.shape[2], x.shape[3])
        hole = holes(len(x), size, hole_size(size, self.share), self.place, rng)
        return Views((torch.where(hole, module.mean, x),), (x,), (hole,))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        (holed,), (x,), (hole,) = views.inputs, views.targets, views.masks
        painted = module.painter(module.encoder(holed))
        with full_precision(painted):
            size = (painted.shape[2], painted.shape[3])
            target = painting.shrink(x, size)
            if self.norm_pix:
                target = painting.relative(target)
            else:
                target = (target - module.mean) / module.std
            # Of a smaller canvas, the pixels that lie in the hole with most of their area.
            inside = painting.shrink(hole.float(), size) >= 0.5
            loss = painting.relative_error(painted.float(), target, inside)
        return Output(loss, {"explained": 1 - loss.detach()})

    def chance(self, info: DataInfo, batch_size: int) -> float:
        return 1.0

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        (holed,), (x,), (hole,) = views.inputs, views.targets, views.masks
        answer = torch.where(hole, x, _GRAY)
        rows = tuple(
            (
                original_panel(batch, row, data),
                image_panel(holed[row], "with a hole in the mean colour", "sees"),
                image_panel(answer[row], "what was in the hole", "answers"),
            )
            for row in range(batch.size)
        )
        return Illustration("What was in the hole?", rows)


def hole_size(size: tuple[int, int], share: float) -> tuple[int, int]:
    """(height, width) of a hole with this share of the area and the picture's own proportions."""
    height, width = (max(1, round(side * math.sqrt(share))) for side in size)
    return height, width


def holes(
    batch: int, size: tuple[int, int], hole: tuple[int, int], place: str, rng: torch.Generator
) -> torch.Tensor:
    """bool (B, 1, H, W): one hole of (height, width) ``hole`` an image of ``size``.

    place: "centre", or "random" for a place of its own inside each image.
    """
    inside = []
    for side, length in zip(size, hole, strict=True):
        free = side - length
        start = torch.full((batch, 1), free // 2, device=rng.device)
        if place == "random":
            start = torch.randint(free + 1, (batch, 1), generator=rng, device=rng.device)
        pixels = torch.arange(side, device=rng.device)
        inside.append((pixels >= start) & (pixels < start + length))
    rows, columns = inside
    return (rows[:, :, None] & columns[:, None, :]).unsqueeze(1)
