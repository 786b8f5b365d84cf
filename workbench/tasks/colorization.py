"""Colorization: paint a gray picture; where there is no colour, fill in an outline drawing.

Idea. The network sees the lightness of an image and says which colour each place has, as one of
some dozen classes: a choice, because a leaf is green or red and not the brown between. To choose it
has to know what the thing is. For data without colour the task is a similar one: the network sees
the outlines alone, how fast the tone changes but not in which direction, and says how bright each
place is, as one of a few levels: what is figure and what is ground.

Paper. R. Zhang, P. Isola, A. Efros, "Colorful Image Colorization", arXiv 1603.08511, equation 2:
cross-entropy over classes of a and b in CIE Lab, weighted by equation 4, so that rare colours count
as much as walls and sky. Here the classes are wider, each place has one right class and not a soft
mixture of five, frequencies are those of the batch, a place is a patch, and a small net answers for
all places from the one vector h. The loss is divided by that of the best answer that is the same
everywhere, so that 1 is the chance level. The outlines are ours.

Teaches. What things are as far as colour tells it, and where they are.

Fails. Where colour has nothing to do with the thing (painted blocks, clothes), only frequent
colours are learned, and the loss stays near 1. The encoder is trained on gray pictures (outlines)
and scored on coloured ones (filled ones): minutes are not enough for neighbours to agree more than
with an untrained encoder (on the validation split of the shapes 28 %, untrained 35 %; a simple
classifier 38 %, untrained 29 %). Weights off, wider classes and other crops did not help.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    Augmenter, Batch, Context, DataInfo, F, Illustration, IllustrationData, Needs, Optimum, Output,
    Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads, lab, painting
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.render import image_panel, original_panel

# Share of the uniform distribution in the smoothed frequencies (the paper's lambda).
_UNIFORM = 0.5
# Loss of the best constant answer, in nats, below which there is nothing to tell.
_EMPTY = 0.1


@dataclass(frozen=True)
class Colorization(Task):
    """See the module's docstring."""

    name = "colorization"
    title = "Colorization"
    summary = "Say which colour each place of a gray picture has."
    family = "predictive"
    modalities = ("image",)
    reference = "Zhang et al. 2016, arXiv 1603.08511"
    needs = Needs(encoders=("conv", "vit"))
    optimum = Optimum("adamw", learning_rate=1e-3, weight_decay=1e-4)
    default_augment = "mae"
    sees = (
        "Sees an image without its colours (of gray data: its outlines); it must say which colour "
        "(how bright) each place is."
    )

    # The paper's 10 gives 313 classes, more than the places of a small picture.
    step: float = option(
        20.0,
        label="Width of a colour class",
        help="Side of the squares into which the colours (a and b of CIE Lab) are cut.",
        low=5.0,
        high=60.0,
    )
    levels: int = option(
        8,
        label="Levels of gray",
        help="For data without colour: classes from black to white.",
        low=2,
        high=64,
    )
    rebalance: bool = option(
        True,
        label="Rare colours count more",
        help="Weigh each colour by how rare it is in the batch, so that grounds do not decide all.",
    )
    hidden: int = option(
        256,
        label="Painter width",
        help="Units of the hidden layer between representation and answers.",
        low=8,
        high=8192,
        advanced=True,
    )

    def notes(self, info: DataInfo) -> tuple[str, ...]:
        if info.channels == 3:
            return ()
        return (
            f"'{info.title}' has no colours, so the task shows outlines alone and asks how bright "
            f"each place is, in {self.levels} levels.",
        )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        if info.channels == 3:
            classes = lab.colour_classes(self.step)
        else:
            classes = (torch.arange(self.levels)[:, None] + 0.5) / self.levels
        painter = painting.painter(encoder.dim, self.hidden, len(classes), encoder.grid)
        return heads.assemble(encoder=encoder, painter=painter, classes=classes)

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        x = augment(batch, rng)
        if x.shape[1] == 3:
            colours = lab.to_lab(x)
            seen, ab = colours[:, :1].expand_as(x) / 100, colours[:, 1:]
            target = lab.nearest(painting.shrink(ab, module.encoder.grid), module.classes)
            return Views((seen,), (target,), (module.classes,))
        tone = x.mean(dim=1, keepdim=True)
        seen = outlines(tone).expand_as(x)
        levels = len(module.classes)
        small = painting.shrink(tone, module.encoder.grid)[:, 0]
        target = (small * levels).long().clamp(0, levels - 1)
        return Views((seen,), (target,), (module.classes,))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        (seen,), (target,) = views.inputs, views.targets
        logits = module.painter(module.encoder(seen))
        with full_precision(logits):
            logits = logits.float().movedim(1, -1).flatten(0, -2)
            loss = relative_entropy(logits, target.flatten(), self.rebalance)
        accuracy = (logits.detach().argmax(dim=1) == target.flatten()).float().mean()
        return Output(loss, {"accuracy": accuracy, "explained": 1 - loss.detach()})

    def chance(self, info: DataInfo, batch_size: int) -> float:
        return 1.0

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        (seen,), (target,), (classes,) = views.inputs, views.targets, views.masks
        answer = F.interpolate(classes[target].movedim(-1, 1), seen.shape[2:], mode="nearest")
        coloured = seen.shape[1] == 3
        if coloured:
            answer = lab.to_rgb(torch.cat([100 * seen[:, :1], answer], dim=1))
        names = (
            ("lightness", "a colour for each place")
            if coloured
            else ("outlines", "a tone for each place")
        )
        rows = tuple(
            (
                original_panel(batch, row, data),
                image_panel(seen[row], names[0], "sees"),
                image_panel(answer[row], names[1], "answers"),
            )
            for row in range(batch.size)
        )
        question = "Which colour does each place have?" if coloured else "How bright is each place?"
        return Illustration(question, rows)


def outlines(x: torch.Tensor) -> torch.Tensor:
    """float (B, 1, H, W) in [0, 1]: how fast the tone of x changes, the fastest place being 1.

    The length of the gradient by central differences, so that its sign, bright inside or outside,
    is not told. A picture of one tone is 0 everywhere.
    """
    padded = F.pad(x, (1, 1, 1, 1), mode="replicate")
    across = padded[:, :, 1:-1, 2:] - padded[:, :, 1:-1, :-2]
    down = padded[:, :, 2:, 1:-1] - padded[:, :, :-2, 1:-1]
    length = torch.sqrt(across.square() + down.square())
    return length / length.amax(dim=(2, 3), keepdim=True).clamp_min(1 / 255)


def weights_of(frequency: torch.Tensor) -> torch.Tensor:
    """Equation 4: float (Q,), 1 over the frequencies mixed with uniform ones; 1 on average.

    frequency: float (Q,), sums to 1; the average is the one over the data that it describes.
    """
    weight = 1 / ((1 - _UNIFORM) * frequency + _UNIFORM / len(frequency))
    return weight / (weight * frequency).sum()


def relative_entropy(logits: torch.Tensor, target: torch.Tensor, rebalance: bool) -> torch.Tensor:
    """Equation 2, averaged, over the same of the best answer that is equal everywhere; a scalar.

    logits: float (N, Q). target: int64 (N,). With frequencies p and weights w (1 without
    ``rebalance``), that answer is w p, and its loss the entropy of that. 1 knows how frequent the
    colours are, 0 knows each; without a bound above.
    """
    # No bincount: on a GPU it makes the host wait.
    counts = target.new_zeros(logits.shape[1]).scatter_add_(0, target, torch.ones_like(target))
    frequency = counts.to(logits.dtype) / len(target)
    weights = weights_of(frequency) if rebalance else torch.ones_like(frequency)
    constant = weights * frequency
    entropy = -(constant * constant.clamp_min(1e-12).log()).sum()
    return F.cross_entropy(logits, target, weights) / entropy.clamp_min(_EMPTY)
