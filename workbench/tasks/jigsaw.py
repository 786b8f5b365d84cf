"""Jigsaw: say how the tiles of an image were shuffled.

Idea. An image is cut into a grid of tiles, the tiles are shuffled by one of a fixed list of
permutations, and the network names it. Each tile is encoded by itself, so that the encoder never
sees two of them together: the answer is made only from what each tile says of where in a thing it
belongs.

Paper. M. Noroozi, P. Favaro, "Unsupervised Learning of Visual Representations by Solving Jigsaw
Puzzles", arXiv 1603.09246, sections 3.2 and 3.3 and algorithm 1: 3 x 3 tiles, cut at random from
larger cells so that edges do not continue each other, a context-free network, and permutations of
largest Hamming distance. Deviations: 64 permutations and not 1,000, and below 48 pixels a side
2 x 2 tiles with all 24, which a short run can learn; the list starts at the identity instead of a
random one and looks at the nearest neighbour before the mean; tiles are not normalised one by one,
since the encoder is later shown whole images.

Teaches. Parts and where they belong: the strokes of a digit, sky above ground, wheels below a car.

Fails. Where all places look alike (textures, cells, a thing anywhere in the picture) nothing can be
answered; where tiles touch or light falls off towards the corners, edges or shades answer it. The
encoder sees tiles, never whole images, and what holds the parts together is left to the head: on
8 x 8 digits, in tiles of 3 pixels, neighbours agree less than those of the untrained encoder. The
loss starts at log(permutations), the chance level.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    Augmenter, Batch, Context, DataInfo, F, Illustration, IllustrationData, Needs, Optimum, Output,
    Panel, RequestError, Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads, tiles
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.render import image_panel, original_panel

# From this side on a ninth of an image still shows something: a tile of 14 pixels.
_LARGE = 48
# Smallest cell in pixels in which a tile shows more than a dot.
_CELL = 4
_MANY = 64


@dataclass(frozen=True)
class Jigsaw(Task):
    """See the module's docstring."""

    name = "jigsaw"
    title = "Jigsaw puzzle"
    summary = "Say how the tiles of an image were shuffled."
    family = "predictive"
    modalities = ("image",)
    reference = "Noroozi & Favaro 2016, arXiv 1603.09246"
    needs = Needs(encoders=("conv", "vit"), side=2 * _CELL)
    # The paper's SGD at .01 takes 350,000 steps.
    optimum = Optimum("adamw", learning_rate=1e-3, weight_decay=1e-4)
    # Crops move and enlarge the parts, whose places are asked; gap and jitter vary enough.
    default_augment = "none"
    sees = "Sees the tiles of an image in another order, each by itself; it must say in which."

    grid: int | None = option(
        None,
        label="Tiles a side",
        help="Auto: 3 for images of at least 48 pixels a side, otherwise 2.",
        low=2,
        high=3,
    )
    permutations: int | None = option(
        None,
        label="Permutations",
        help="How many orders there are to tell apart. Auto: all 24 of 2 x 2 tiles, 64 of 3 x 3.",
        low=2,
        high=1000,
    )
    # The paper cuts 64 pixels from cells of 75.
    gap: float = option(
        0.15,
        label="Gap",
        help="Share of a cell that the tile leaves free: without it edges tell the neighbours.",
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
    hidden: int = option(
        256,
        label="Head width",
        help="Units of the hidden layer that sees all tiles together.",
        low=8,
        high=8192,
        advanced=True,
    )

    def check(self, info: DataInfo) -> None:
        super().check(info)
        grid = self._grid(info)
        if info.size is not None and min(info.size) < grid * _CELL:
            raise RequestError(
                f"a grid of {grid} x {grid} cuts images of {info.size[0]} x {info.size[1]} pixels "
                f"into cells of fewer than {_CELL} pixels.",
                field="--set grid",
                remedy=f"Give --set grid=2, or --size {grid * _CELL} or more.",
            )
        possible = math.factorial(grid**2)
        if self.permutations is not None and self.permutations > possible:
            raise RequestError(
                f"{grid} x {grid} tiles have {possible} permutations, not {self.permutations}.",
                field="--set permutations",
                remedy=f"Give {possible} or fewer, or --set grid=3.",
            )

    def notes(self, info: DataInfo) -> tuple[str, ...]:
        if self.grid is not None and self.permutations is not None:
            return ()
        grid = self._grid(info)
        return (
            f"Images of {min(info.size or (0,))} pixels are cut into {grid} x {grid} tiles, "
            f"shuffled in {self._count(grid)} ways (--set grid, --set permutations).",
        )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        grid = self._grid(info)
        orders = torch.tensor(tiles.far_orders(grid**2, self._count(grid)))
        head = heads.projector((grid**2 * encoder.dim, self.hidden, len(orders)))
        return heads.assemble(encoder=encoder, head=head, orders=orders)

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        x = augment(batch, rng)
        count, parts = module.orders.shape
        cut = tiles.tiles_for(module.encoder, x, math.isqrt(parts), self.gap, self.jitter, rng)
        target = torch.randint(0, count, (len(x),), generator=rng, device=x.device)
        order = module.orders[target]
        return Views((tiles.shuffle(cut, order),), (target, order))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        target = views.targets[0]
        logits = module.head(tiles.encode(module.encoder, views.inputs[0]).flatten(1))
        with full_precision(logits):
            loss = F.cross_entropy(logits.float(), target)
        accuracy = (logits.detach().argmax(dim=1) == target).float().mean()
        return Output(loss, {"accuracy": accuracy})

    def chance(self, info: DataInfo, batch_size: int) -> float:
        return math.log(self._count(self._grid(info)))

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        (shuffled,), (_, order) = views.inputs, views.targets
        seen = tiles.overview(shuffled)
        solved = tiles.overview(tiles.shuffle(shuffled, order.argsort(dim=1)))
        rows = tuple(
            (
                original_panel(batch, row, data),
                image_panel(seen[row], "shuffled tiles", "sees"),
                Panel(
                    "where each tile comes from, row by row",
                    "answers",
                    tokens=tuple((str(place + 1), "") for place in order[row].tolist()),
                ),
                image_panel(solved[row], "the tiles in order", "answers"),
            )
            for row in range(batch.size)
        )
        return Illustration("In which order were the tiles shuffled?", rows)

    def _grid(self, info: DataInfo) -> int:
        if self.grid is not None:
            return self.grid
        return 3 if min(info.size or (0,)) >= _LARGE else 2

    def _count(self, grid: int) -> int:
        return self.permutations or min(math.factorial(grid**2), _MANY)
