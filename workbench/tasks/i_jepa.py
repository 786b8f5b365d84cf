"""I-JEPA: predict the features of hidden blocks from the features of the rest of the image.

Idea. Some blocks of an image are hidden. The encoder sees the rest, the context. A narrow predictor
is told where a block lies and predicts the features that a teacher network, which sees the whole
image, has there. So the answer is not pixels but what the teacher makes of them: what cannot be
predicted, noise and fine grain, need not be kept. The teacher is a slow average of
the encoder, and no gradient reaches it.

Paper. M. Assran, Q. Duval, I. Misra, P. Bojanowski, P. Vincent, M. Rabbat, Y. LeCun, N. Ballas,
"Self-Supervised Learning from Images with a Joint-Embedding Predictive Architecture", arXiv
2301.08243, section 3: four target blocks of 15 to 20 % of the image, a context block of 85 to 100 %
without them; targets are layer-normalised and the error is smooth L1, as in the authors' code (the
paper's text says L2). Here the blocks of a batch share one shape, and on small grids they are
smaller, so that an eighth of the patches is left to see. A convolutional net sees hidden patches in
the mean colour. The encoder is evaluated; the paper evaluates the teacher.

Teaches. Layout and parts, in features that need no augmentations and no pixels.

Fails. All features alike are predicted without error, so a small loss may be collapse: look at
``target_std``, the spread of the targets over the images, which is near 0 then. The teacher's delay
and the predictor guard against it, if not surely (``stop_gradient`` off removes the guard). Made
for hundreds of epochs: half a minute gains nothing on the shapes (benchmarks/RESULTS.md). On the
digits neighbours agree more with the mini transformer (validation, 30 s: 62 %, untrained 48 %), and
less with the small conv net, which is trained on pictures with holes and scored on whole ones
(89 %, untrained 93 %).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    Augmenter, Batch, Context, DataInfo, F, Illustration, IllustrationData, Needs, Optimum, Output,
    Panel, RequestError, Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads, teacher
from workbench.tasks.parts.blocks import context_and_targets, gather
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.patches import pixels_of
from workbench.tasks.parts.render import image_panel, original_panel
from workbench.transfer import constant

_HEADS = 4
_GRAY = 0.5


@dataclass(frozen=True)
class IJEPA(Task):
    """See the module's docstring."""

    name = "i_jepa"
    title = "I-JEPA"
    summary = "Predict the features of hidden blocks from the rest of the image."
    family = "masked"
    modalities = ("image",)
    reference = "Assran et al. 2023, arXiv 2301.08243"
    needs = Needs(encoders=("vit", "conv"))
    # The paper's rate of 1e-3 and decay, which it raises from .04 to .4 over 300 epochs.
    optimum = Optimum("adamw", learning_rate=1e-3, weight_decay=0.04)
    default_augment = "mae"
    sees = (
        "Sees parts of an image; it must predict the features that a teacher network, which sees "
        "all of it, has in the hidden blocks."
    )
    caution = (
        "Half a minute gains nothing on scenes. The answers are features of another network, a "
        "slow average of this one. They say little before it has learned something."
    )

    # The paper's four, which was the best of one to four (table 10).
    targets: int = option(
        4, label="Hidden blocks", help="Blocks to predict in each image.", low=1, high=16
    )
    target_share: tuple[float, float] = option(
        (0.15, 0.2),
        label="Size of a hidden block",
        help="Smallest and largest share of the patches.",
        low=0.02,
        high=0.6,
    )
    context_share: tuple[float, float] = option(
        (0.85, 1.0),
        label="Size of the context",
        help="Smallest and largest share of the patches, before the hidden blocks are taken out.",
        low=0.1,
        high=1.0,
    )
    # About the paper's .996. A faster teacher is predicted by making its features alike: on digits
    # the spread of the targets fell to .07 with .99 within 200 steps, and to .18 with this.
    momentum: float = option(
        0.998,
        label="Teacher momentum",
        help="Share of its weights that the teacher keeps at each step; rises to 1 over the run.",
        low=0.0,
        high=1.0,
    )
    stop_gradient: bool = option(
        True,
        label="Stop the gradient",
        help="Off: the encoder itself gives the targets and learns from both sides, and may make "
        "all features alike.",
    )
    predictor_depth: int = option(
        2,
        label="Predictor depth",
        help="Transformer blocks of the predictor.",
        low=1,
        high=12,
        advanced=True,
    )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        rows, columns = encoder.grid
        if rows * columns <= self.targets:
            raise RequestError(
                f"patches of {encoder.patch} pixels cut the images into {rows * columns}, "
                f"too few for {self.targets} blocks and something to see.",
                field="--set targets",
                remedy="Give fewer, or a smaller --set encoder.patch.",
            )
        # Half of the encoder's, in whole heads: too narrow to keep what the encoder leaves out.
        width = max(_HEADS, encoder.dim // 2 // _HEADS * _HEADS)
        return heads.assemble(
            encoder=encoder,
            teacher=teacher.teacher_of(encoder=encoder),
            enter=nn.Linear(encoder.dim, width),
            mask_token=nn.Parameter(0.02 * torch.randn(width)),
            positions=heads.grid_positions(rows, columns, width),
            predictor=heads.transformer(width, self.predictor_depth, _HEADS),
            leave=nn.Linear(width, encoder.dim),
        )

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        x = augment(batch, rng)
        context, blocks = context_and_targets(
            len(x),
            module.encoder.grid,
            self.targets,
            self.target_share,
            self.context_share,
            rng,
        )
        grid = constant(module.encoder.grid, x.device, torch.int64)
        return Views((x,), masks=(context, blocks, grid))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        (x,), (context, blocks, _) = views.inputs, views.masks
        predicted = predict(module, module.encoder.tokens(x, keep=context), context, blocks)
        if self.stop_gradient:
            with torch.no_grad():
                tokens = module.teacher.encoder.tokens(x)
        else:
            tokens = module.encoder.tokens(x)
        with full_precision(predicted):
            tokens = F.layer_norm(tokens.float(), tokens.shape[-1:])
            loss = F.smooth_l1_loss(predicted.float(), gather(tokens, blocks))
            spread = tokens.detach().std(dim=0, unbiased=False).mean()
        return Output(loss, {"target_std": spread})

    def after_step(self, module: Any, progress: float) -> None:
        teacher.move(module.teacher, module, teacher.momentum_at(self.momentum, progress))

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        (x,), (context, blocks, grid) = views.inputs, views.masks
        patches = int(grid.prod())
        seen, *hidden = (
            torch.where(pixels_of(chosen, patches, x), x, _GRAY)
            for chosen in (context, *blocks.unbind(1))
        )
        rows: list[tuple[Panel, ...]] = []
        for row in range(batch.size):
            panels = [original_panel(batch, row, data), image_panel(seen[row], "context", "sees")]
            panels += [
                image_panel(block[row], f"block {i}: its features", "answers")
                for i, block in enumerate(hidden, start=1)
            ]
            rows.append(tuple(panels))
        return Illustration(
            "Which features does the teacher have in each hidden block?", tuple(rows)
        )


def predict(
    module: Any, tokens: torch.Tensor, context: torch.Tensor, blocks: torch.Tensor
) -> torch.Tensor:
    """float (B, M, N, dim): the predicted features of each block, each predicted by itself.

    tokens: float (B, K, dim) of the patches ``context``, int64 (B, K). blocks: int64 (B, M, N).
    """
    batch, count, length = blocks.shape
    keys = module.enter(tokens) + module.positions[context]
    queries = module.mask_token.to(keys.dtype) + module.positions[blocks.flatten(0, 1)]
    both = torch.cat([keys.repeat_interleave(count, dim=0), queries.to(keys.dtype)], dim=1)
    out: torch.Tensor = module.leave(module.predictor(both)[:, -length:])
    return out.view(batch, count, length, -1)
