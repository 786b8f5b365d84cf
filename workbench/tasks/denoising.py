"""Denoising autoencoder: give back the clean picture from a noisy one.

Idea. Noise is laid over an image, and the network paints the image without it. To tell noise from
picture it has to know what pictures look like. All of the picture has to pass through the
representation h: a small net paints it from that one vector, and is thrown away afterwards.

Paper. P. Vincent, H. Larochelle, Y. Bengio, P.-A. Manzagol, "Extracting and Composing Robust
Features with Denoising Autoencoders", ICML 2008, equation 5, and P. Vincent et al., "Stacked
Denoising Autoencoders", JMLR 11 (2010), section 3 (no arXiv numbers): squared error of the whole
clean picture, under Gaussian noise, masking noise or salt and pepper. Here one deep encoder learns
at once and no stack layer by layer; masked pixels get the mean colour instead of black; the noise
of each image has its own strength, so that almost clean pictures, as in evaluation, occur too;
pictures are painted relative to their own mean colour and contrast (``norm_pix``), and at a half, a
third, ... of their size if they have more than 32 pixels a side. The error is divided by that of
painting the mean colour, so that 1 is the chance level.

Teaches. The layout and light of whole pictures, in few numbers: what a good summary of the pixels
holds. No invariance is trained: position stays in the features, and colour where it differs within
a picture.

Fails. Large plain areas count most and small things little; light noise is taken away by smoothing,
which needs no understanding (``copying`` is the error of giving back the noisy picture). With
``norm_pix`` off, h holds the mean colour first, and on scenes of many colours neighbours agree less
than with an untrained encoder.
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
from workbench.tasks.parts.painting import canvas, canvas_note
from workbench.tasks.parts.render import image_panel, original_panel

KINDS = ("gaussian", "mask", "salt_pepper")


@dataclass(frozen=True)
class Denoising(Task):
    """See the module's docstring."""

    name = "denoising"
    title = "Denoising autoencoder"
    summary = "Give back the clean picture from a noisy one."
    family = "predictive"
    modalities = ("image",)
    reference = "Vincent et al. 2008, ICML; 2010, JMLR 11"
    needs = Needs(encoders=("conv", "vit"))
    optimum = Optimum("adamw", learning_rate=1e-3, weight_decay=1e-4)
    # No crops: each image already looks new under new noise, and whole pictures are evaluated.
    # Validation kNN after 300 steps on digits: .972 without crops, .944 with them.
    default_augment = "none"
    sees = "Sees an image under noise; it must paint the image without it."

    kind: str = option(
        "gaussian",
        label="Noise",
        help="gaussian: added to every pixel; mask: pixels in the mean colour; salt_pepper: pixels "
        "in black or white.",
        choices=KINDS,
    )
    strength: float = option(
        0.5,
        label="Strongest noise",
        help="Standard deviation of the noise added to values from 0 to 1, or share of the pixels "
        "that is lost. Each image has its own strength, from none up to this.",
        low=0.0,
        high=1.0,
    )
    # Validation kNN after 200 steps on shapes: .524 with it, .284 without, .353 untrained.
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
        if self.strength == 0:
            raise RequestError(
                "without noise there is nothing to take away.",
                field="--set strength",
                remedy="Give a number above 0; the default is 0.5.",
            )

    def notes(self, info: DataInfo) -> tuple[str, ...]:
        return canvas_note(info)

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        size, channels = canvas(info.size or (0, 0)), len(info.mean or ())
        painter = painting.painter(encoder.dim, self.hidden, channels, size)
        return heads.assemble(encoder=encoder, painter=painter, **painting.colours(info))

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        x = augment(batch, rng)
        strength = self.strength * torch.rand(len(x), 1, 1, 1, generator=rng, device=x.device)
        return Views((corrupt(x, strength, self.kind, module.mean, rng),), (x,))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        (noisy,), (x,) = views.inputs, views.targets
        painted = module.painter(module.encoder(noisy))
        with full_precision(painted):
            size = (painted.shape[2], painted.shape[3])
            clean, copied = painting.shrink(x, size), painting.shrink(noisy, size)
            if self.norm_pix:
                target, copied = painting.relative(clean), painting.relative(copied)
            else:
                target, copied = ((y - module.mean) / module.std for y in (clean, copied))
            loss = painting.relative_error(painted.float(), target)
            copying = painting.relative_error(copied, target)
        return Output(loss, {"explained": 1 - loss.detach(), "copying": copying})

    def chance(self, info: DataInfo, batch_size: int) -> float:
        return 1.0

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        (noisy,), (x,) = views.inputs, views.targets
        rows = tuple(
            (
                original_panel(batch, row, data),
                image_panel(noisy[row], f"under noise ({self.kind})", "sees"),
                image_panel(x[row], "without noise", "answers"),
            )
            for row in range(batch.size)
        )
        return Illustration("What does the picture look like without the noise?", rows)


def corrupt(
    x: torch.Tensor, strength: torch.Tensor, kind: str, mean: torch.Tensor, rng: torch.Generator
) -> torch.Tensor:
    """x, float (B, C, H, W) in [0, 1], under noise; it stays in [0, 1].

    strength: float (B, 1, 1, 1) in [0, 1]. gaussian: x plus normal noise of that deviation, cut off
    at black and white. mask: that share of the pixels, with all channels, in the colour ``mean``,
    float (C, 1, 1). salt_pepper: that share in black or white, as often one as the other.
    """
    if kind == "gaussian":
        return (x + strength * torch.randn(x.shape, generator=rng, device=x.device)).clamp(0, 1)
    draw = torch.rand((len(x), 1, *x.shape[2:]), generator=rng, device=x.device)
    if kind == "mask":
        return torch.where(draw < strength, mean, x)
    # The lower half of the draws that are lost turns black, the upper white.
    extreme = (draw >= strength / 2).to(x.dtype)
    return torch.where(draw < strength, extreme, x)
