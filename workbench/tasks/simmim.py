"""SimMIM: paint hidden patches with one linear layer on top of the encoder.

Idea. More than half of an image is hidden in square units. The encoder gets the whole grid of
patches, with one learned mask token at every hidden place, and a single linear layer paints the
hidden pixels from the encoder's own tokens. There is no decoder: what paints is the encoder. A
convolutional net has no mask token: it sees the hidden units in the mean colour of the data, and
the linear layer paints, from each place of its last feature maps, all pixels of that place, as the
paper does with Swin transformers. It is the default here, because it shows a gain in minutes.

Paper. Z. Xie, Z. Zhang, Y. Cao, Y. Lin, J. Bao, Z. Yao, Q. Dai, H. Hu, "SimMIM: A Simple Framework
for Masked Image Modeling", arXiv 2111.09886, section 3: L1 loss of raw pixels, on hidden pixels
only, divided by their number. Here each picture is painted relative to its own mean colour and
contrast (``norm_pix``; off: the paper's raw pixels), and the loss is divided by that of painting
the mean colour, so that 1 is the chance level. Hidden units are some patches large, as the paper's
32 pixels are with patches of 16.

Teaches. How parts continue each other. Unlike MAE's, the encoder also works on hidden places, so
that its last layers serve the painting: the features are closer to pixels than to names of things.

Fails. Units of one patch, or few of them, are painted by copying their neighbours. A transformer
learns in minutes to paint, but its neighbours still agree less than those of an untrained one (four
blocks of 128, digits, validation, 200 steps: 48 % and 50 %): it was made for hundreds of epochs and
fine-tuning. The small conv net gains on scenes, and loses on the digits, whose strokes a unit hides
whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    Augmenter, Batch, Context, DataInfo, Illustration, IllustrationData, Needs, Optimum, Output,
    RequestError, Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads, painting
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.patches import split_patches
from workbench.tasks.parts.render import image_panel, original_panel

_GRAY = 0.5


@dataclass(frozen=True)
class SimMIM(Task):
    """See the module's docstring."""

    name = "simmim"
    title = "SimMIM"
    summary = "Paint hidden patches with one linear layer on top of the encoder."
    family = "masked"
    modalities = ("image",)
    reference = "Xie et al. 2021, arXiv 2111.09886"
    needs = Needs(encoders=("conv", "vit"))
    # The paper's decay and betas; a rate as MAE's, for nets a hundredth of the paper's size.
    optimum = Optimum("adamw", learning_rate=1.5e-3, weight_decay=0.05, betas=(0.9, 0.999))
    default_augment = "mae"
    sees = "Sees an image whose hidden patches are marked as such; it must paint them."

    # The paper's best with units of 32 pixels (table 1).
    mask_ratio: float = option(
        0.6,
        label="Hidden share",
        help="Share of the units that is hidden; at least one is hidden and one seen.",
        low=0.05,
        high=0.98,
    )
    # Two patches a side, as the paper's 32 pixels are to patches of 16.
    unit: int = option(
        2,
        label="Side of a hidden unit",
        help="Patches a side that are hidden together; larger ones cannot be copied from beside.",
        low=1,
        high=16,
    )

    # Validation kNN after 120 steps of the small conv net on shapes: .442 with it, .161 without,
    # .353 untrained.
    norm_pix: bool = option(
        True,
        label="Normalise pictures",
        help="Paint each picture relative to its own mean colour and contrast: shape rather than "
        "light. The paper's raw pixels without.",
    )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        if _units(encoder.grid, self.unit) < 2:
            raise RequestError(
                f"units of {self.unit} x {self.unit} patches of {encoder.patch} pixels leave "
                "nothing to hide or nothing to see.",
                field="--set unit",
                remedy="Give 1, or a smaller --set encoder.patch.",
            )
        paint = painting.linear_painter(encoder, info)
        return heads.assemble(encoder=encoder, paint=paint, **painting.colours(info))

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        x = augment(batch, rng)
        masked = hidden_units(len(x), module.encoder.grid, self.unit, self.mask_ratio, rng)
        target = painting.relative(x) if self.norm_pix else (x - module.mean) / module.std
        return Views((x,), (target,), (masked,))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        (x,), (target,), (masked,) = views.inputs, views.targets, views.masks
        where = painting.spread(masked, x)
        if hasattr(module.encoder, "maps"):
            maps = module.encoder.maps(torch.where(where, module.mean, x))
        else:
            maps = painting.on_grid(module.encoder, module.encoder.tokens(x, masked=masked), x)
        painted = painting.paint_places(module.paint, maps, x)
        with full_precision(painted):
            loss = painting.relative_error(painted.float(), target, where, power=1)
        return Output(loss, {"explained": 1 - loss.detach()})

    def chance(self, info: DataInfo, batch_size: int) -> float:
        return 1.0

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        (x,), (target,), (masked,) = views.inputs, views.targets, views.masks
        where = painting.spread(masked, x)
        caption, pixels = "hidden patches, around the picture's mean", 0.5 + 0.2 * target
        if not self.norm_pix:
            colours = painting.colours(data.info)
            caption = "hidden patches"
            pixels = target * colours["std"].to(x.device) + colours["mean"].to(x.device)
        rows = tuple(
            (
                original_panel(batch, row, data),
                image_panel(torch.where(where, _GRAY, x)[row], "marked as hidden", "sees"),
                image_panel(torch.where(where, pixels, _GRAY)[row], caption, "answers"),
            )
            for row in range(batch.size)
        )
        return Illustration("What do the hidden patches look like?", rows)


def hidden_units(
    batch: int, grid: tuple[int, int], unit: int, ratio: float, rng: torch.Generator
) -> torch.Tensor:
    """bool (B, P): the hidden patches of a ``grid`` (rows, columns), in squares of ``unit``.

    Of the units, ``ratio`` are hidden, at least one and not all; each sample has its own draw.
    Units at the right and lower edge are cut off where the grid ends.
    """
    rows, columns = (-(-side // unit) for side in grid)
    _, hidden = split_patches(batch, rows * columns, ratio, rng)
    chosen = torch.zeros(batch, rows * columns, dtype=torch.bool, device=rng.device)
    squares = chosen.scatter(1, hidden, True).view(batch, rows, columns)
    patches = squares.repeat_interleave(unit, dim=1).repeat_interleave(unit, dim=2)
    return patches[:, : grid[0], : grid[1]].flatten(1)


def _units(grid: tuple[int, int], unit: int) -> int:
    return -(-grid[0] // unit) * -(-grid[1] // unit)
