"""MAE: hide most patches of an image and paint them from the few that are left.

Idea. An image is cut into patches, three quarters of them are hidden, and the encoder, in the paper
a vision transformer, sees only the rest. A light decoder gets the encoded patches and a mask token
at each hidden place, and predicts the hidden pixels. After training the decoder is thrown away. A
convolutional net cannot leave patches out: it sees the hidden ones in the mean colour (FCMAE, arXiv
2301.00808, with dense convolutions), so that their edges show where the mask lies. It is the
default here, because it gets further in minutes (shapes, validation, 30 s on a processor: linear
probe .28 untrained and .45 trained; .22 and .34 with the mini transformer).

Paper. K. He, X. Chen, S. Xie, Y. Li, P. Dollar, R. Girshick, "Masked Autoencoders Are Scalable
Vision Learners", arXiv 2111.06377, section 3: mean squared error on hidden patches only. The paper
paints pixels normalised by mean and standard deviation of their own patch (``norm_pix=patch``);
here those of the whole picture are the default, because the mean over tokens, which is what is
scored, learns more from where light and dark lie than from the grain of a patch. The error is
divided by that of painting each hidden patch in its mean, or the picture's: 1 is the chance level
of all data.

Teaches. How parts continue each other: layout, strokes, texture. No invariance is trained, so
colour and position stay in the features. The encoder sees a quarter of the patches, hence is cheap.

Fails. The features are not made to be compared: kNN and linear probes stay far below fine-tuning,
more so in short runs (ImageNet, 100 epochs: 11, 46 and 81 %). With little hidden, or patches of a
few pixels, neighbours give the answer and copying is all that is learned. The loss starts at about
1, the chance level.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    Augmenter, Batch, Context, DataInfo, Illustration, IllustrationData, Needs, Optimum, Output,
    RequestError, Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.painting import relative
from workbench.tasks.parts.patches import normalise, pixels_of, split_patches
from workbench.tasks.parts.render import image_panel, original_panel

_HEADS = 4
_GRAY = 0.5
# Mean square of the targets below which the hidden patches hold nothing to paint.
_EMPTY = 1e-2


@dataclass(frozen=True)
class MAE(Task):
    """See the module's docstring."""

    name = "mae"
    title = "Masked autoencoder"
    summary = "Paint the hidden patches of an image from the few visible ones."
    family = "masked"
    modalities = ("image",)
    reference = "He et al. 2021, arXiv 2111.06377"
    needs = Needs(encoders=("conv", "vit"))
    # The paper's betas and decay; a rate ten times its 1.5e-4, for nets a hundredth of its size.
    optimum = Optimum("adamw", learning_rate=1.5e-3, weight_decay=0.05, betas=(0.9, 0.95))
    default_augment = "mae"
    sees = "Sees a few patches of an image; it must paint the hidden ones."
    starter = 4

    mask_ratio: float = option(
        0.75,
        label="Hidden share",
        help="Share of the patches that is hidden; at least one patch is hidden and one seen.",
        low=0.05,
        high=0.98,
    )
    # Validation kNN after 200 steps of the small conv net on shapes (.239 untrained): .276 with
    # picture, .192 with patch, .166 with none; no difference on digits.
    norm_pix: str = option(
        "picture",
        label="What to paint",
        help="picture: pixels relative to the mean and contrast of their picture; patch: of their "
        "own patch, as the paper; none: of the data.",
        choices=("picture", "patch", "none"),
    )
    decoder_width: int = option(
        64,
        label="Decoder width",
        help="Dimensions of the decoder's tokens (a multiple of 4).",
        low=8,
        high=1024,
        advanced=True,
    )
    decoder_depth: int = option(
        1,
        label="Decoder depth",
        help="Transformer blocks of the decoder.",
        low=1,
        high=12,
        advanced=True,
    )

    def check(self, info: DataInfo) -> None:
        super().check(info)
        if self.decoder_width % _HEADS:
            raise RequestError(
                f"'{self.decoder_width}' is not a multiple of {_HEADS}.",
                field="--set decoder_width",
                remedy=f"Give {self.decoder_width // _HEADS * _HEADS}.",
            )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        rows, columns = encoder.grid
        if rows * columns < 2:
            raise RequestError(
                f"patches of {encoder.patch} pixels cut the images into {rows * columns}.",
                field="--set encoder.patch",
                remedy="Give a smaller patch, so that there is one to hide and one to see.",
            )
        width = self.decoder_width
        patch_values = encoder.patch**2 * len(info.mean or ())
        return heads.assemble(
            encoder=encoder,
            enter=nn.Linear(encoder.dim, width),
            mask_token=nn.Parameter(0.02 * torch.randn(width)),
            positions=heads.grid_positions(rows, columns, width),
            decoder=heads.transformer(width, self.decoder_depth, _HEADS),
            paint=nn.Linear(width, patch_values),
            mean=torch.tensor(info.mean).view(-1, 1, 1),
            std=torch.tensor(info.std).clamp_min(1e-3).view(-1, 1, 1),
        )

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        x = augment(batch, rng)
        seen, hidden = split_patches(len(x), len(module.positions), self.mask_ratio, rng)
        if self.norm_pix == "patch":
            target = module.encoder.unpatchify(normalise(module.encoder.patchify(x)))
        elif self.norm_pix == "picture":
            target = relative(x)
        else:
            target = (x - module.mean) / module.std
        return Views((x,), (target,), (seen, hidden))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        (x,), (target,), (seen, hidden) = views.inputs, views.targets, views.masks
        tokens = module.enter(module.encoder.tokens(x, keep=seen))
        everywhere = module.mask_token.to(tokens.dtype).expand(len(x), len(module.positions), -1)
        place = seen[:, :, None].expand(-1, -1, tokens.shape[2])
        tokens = everywhere.scatter(1, place, tokens) + module.positions
        painted = module.paint(module.decoder(tokens))
        with full_precision(painted):
            patches = module.encoder.patchify(target)
            loss, explained = hidden_error(painted.float(), patches, hidden)
        return Output(loss, {"explained": explained})

    def chance(self, info: DataInfo, batch_size: int) -> float:
        return 1.0

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        (x,), (target,), (seen, hidden) = views.inputs, views.targets, views.masks
        where = pixels_of(hidden, seen.shape[1] + hidden.shape[1], x)
        around = "each around its own mean" if self.norm_pix == "patch" else "around the picture's"
        caption, shown = f"hidden patches, {around}", 0.5 + 0.2 * target
        if self.norm_pix == "none":
            mean, std = (torch.tensor(v, device=x.device) for v in (data.info.mean, data.info.std))
            caption, shown = "hidden patches", target * std[:, None, None] + mean[:, None, None]
        visible, answer = torch.where(where, _GRAY, x), torch.where(where, shown, _GRAY)
        rows = tuple(
            (
                original_panel(batch, row, data),
                image_panel(visible[row], "visible patches", "sees"),
                image_panel(answer[row], caption, "answers"),
            )
            for row in range(batch.size)
        )
        return Illustration("What do the hidden patches look like?", rows)


def hidden_error(
    painted: torch.Tensor, target: torch.Tensor, hidden: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean squared error on hidden patches over that of painting 0 there; the share explained.

    painted, target: float (B, P, D); hidden: int64 (B, M). The error is 1 and the share 0 for
    painting 0 everywhere; all right is 0 and 1.
    """
    index = hidden[:, :, None].expand(-1, -1, target.shape[2])
    wanted = target.gather(1, index)
    size = wanted.square().mean().clamp_min(_EMPTY)
    error = (painted.gather(1, index) - wanted).square().mean() / size
    return error, 1 - error.detach()
