"""Relative patch location: say on which side of the middle tile another tile lies.

Idea. An image is cut into 3 x 3 tiles. The network gets the middle one and one of its eight
neighbours, each encoded by itself, and names the neighbour's place. To know that wheels lie below
windows it has to know wheels and windows.

Paper. C. Doersch, A. Gupta, A. Efros, "Unsupervised Visual Representation Learning by Context
Prediction", arXiv 1505.05192, sections 3 and 3.1: eight places, gaps of half a tile, jitter, and
colours dropped (``drop_colours``). Deviations: the grid fills the image instead of lying anywhere
in a large photograph; gaps are smaller and jitter larger; all eight neighbours are used at once
(``all_neighbours``), since one pass over nine tiles then gives eight questions instead of one.

Teaches. Parts and how they lie to each other; light and colour stay in the features.

Fails. Where all places look alike (textures, cells, a thing anywhere in the picture) nothing can be
answered. Where tiles touch, edges that continue answer it; in photographs so does the lens, which
displaces the colours against each other towards the corners. It was made for photographs of
hundreds of pixels: below 18 pixels a side a tile is a few dots, and the task refuses; digits
enlarged to 24 teach it nothing that helps. The loss starts at log 8, the chance level.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    Augmenter, Batch, Context, DataInfo, F, Illustration, IllustrationData, Needs, Optimum, Output,
    Panel, Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads, tiles
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.render import image_panel, original_panel

_GRID, _MIDDLE = 3, 4
_LINES = "above left, above, above right, left, right, below left, below, below right"
PLACES = tuple(_LINES.split(", "))


@dataclass(frozen=True)
class RelativePatch(Task):
    """See the module's docstring."""

    name = "relative_patch"
    title = "Relative patch location"
    summary = "Say on which side of the middle tile another tile of the image lies."
    family = "predictive"
    modalities = ("image",)
    reference = "Doersch et al. 2015, arXiv 1505.05192"
    needs = Needs(encoders=("conv", "vit"), side=18)
    # The paper trained for four weeks, by SGD.
    optimum = Optimum("adamw", learning_rate=1e-3, weight_decay=1e-4)
    # Crops move and enlarge the parts, whose places are asked; jitter varies enough.
    default_augment = "none"
    sees = (
        "Sees the middle tile of an image and a neighbour of it; it must say on which side that "
        "lies."
    )

    all_neighbours: bool = option(
        True,
        label="All neighbours",
        help="Ask for all eight neighbours of each image a step, instead of one drawn at random.",
    )
    # The paper's tiles of 96 pixels, 48 apart and moved by up to 7, are a gap of .33 and a jitter
    # of .3: on 32 pixels a side that leaves 7, and neighbours agree less (shapes: .29; here .31).
    gap: float = option(
        0.2,
        label="Gap",
        help="Share of a cell that the tile leaves free: without it edges tell the side.",
        low=0.0,
        high=0.5,
    )
    jitter: float = option(
        1.0,
        label="Jitter",
        help="How far a tile moves within its cell: 0 not at all, 1 as far as it can.",
        low=0.0,
        high=1.0,
    )
    drop_colours: bool = option(
        False,
        label="Drop colours",
        help="Leave one colour channel of each tile, so that displaced colours (as lenses make "
        "them) do not tell the place. For photographs; it makes colours harder to learn.",
    )
    hidden: int = option(
        256,
        label="Head width",
        help="Units of the hidden layer that sees both tiles together.",
        low=8,
        high=8192,
        advanced=True,
    )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        head = heads.projector((2 * encoder.dim, self.hidden, len(PLACES)))
        return heads.assemble(encoder=encoder, head=head)

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        x = augment(batch, rng)
        cut = tiles.tiles_for(module.encoder, x, _GRID, self.gap, self.jitter, rng)
        if self.drop_colours:
            cut = tiles.drop_colours(cut, rng)
        count = len(PLACES) if self.all_neighbours else 1
        draw = torch.rand(len(x), len(PLACES), generator=rng, device=x.device)
        place = draw.argsort(dim=1)[:, :count]
        around = torch.cat([cut[:, :_MIDDLE], cut[:, _MIDDLE + 1 :]], dim=1)
        shown = torch.cat([cut[:, _MIDDLE, None], tiles.shuffle(around, place)], dim=1)
        return Views((shown,), (place,))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        (shown,), (place,) = views.inputs, views.targets
        h = tiles.encode(module.encoder, shown)
        pairs = torch.cat([h[:, :1].expand(-1, place.shape[1], -1), h[:, 1:]], dim=2)
        logits, target = module.head(pairs.flatten(0, 1)), place.flatten()
        with full_precision(logits):
            loss = F.cross_entropy(logits.float(), target)
        accuracy = (logits.detach().argmax(dim=1) == target).float().mean()
        return Output(loss, {"accuracy": accuracy})

    def chance(self, info: DataInfo, batch_size: int) -> float:
        return math.log(len(PLACES))

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        (shown,), (place,) = views.inputs, views.targets
        rows: list[tuple[Panel, ...]] = []
        for row in range(batch.size):
            right = int(place[row, 0])
            answers = tuple((name, "right" if i == right else "") for i, name in enumerate(PLACES))
            rows.append(
                (
                    original_panel(batch, row, data),
                    image_panel(shown[row, 0], "middle tile", "sees"),
                    image_panel(shown[row, 1], "a neighbour", "sees"),
                    Panel(PLACES[right], "answers", tokens=answers),
                )
            )
        return Illustration("On which side of the middle tile does the neighbour lie?", tuple(rows))
