"""A plugin as docs/add-a-task.md showed it up to version 0.1: its imports must stay importable."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.data.dataset import PAD
from workbench.errors import RequestError
from workbench.lazy import lazy
from workbench.options import option
from workbench.registry import Declared, Modality
from workbench.tasks.base import (
    Augmenter,
    Batch,
    Context,
    HeldOut,
    Illustration,
    IllustrationData,
    Needs,
    Optimum,
    Output,
    Panel,
    Task,
    Views,
)
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.render import Role, image_panel, original_panel

if TYPE_CHECKING:
    import torch
    import torch.nn.functional as F
    from torch import nn

    from workbench.data.dataset import DataInfo
    from workbench.tasks.parts import heads
else:
    torch = lazy("torch")
    F = lazy("torch.nn.functional")
    heads = lazy("workbench.tasks.parts.heads")

_SEEN: Role = "sees"
_IMPORTABLE = (PAD, Declared, HeldOut, RequestError)


@dataclass(frozen=True)
class Upside(Task):
    """Say whether an image was turned upside down."""

    name: ClassVar[str] = "upside"
    title: ClassVar[str] = "Upside down"
    summary: ClassVar[str] = "Say whether an image was turned upside down."
    family: ClassVar[str] = "a family of its own"
    modalities: ClassVar[tuple[Modality, ...]] = ("image",)
    reference: ClassVar[str] = "none"
    needs: ClassVar[Needs] = Needs(encoders=("conv", "vit"))
    optimum: ClassVar[Optimum] = Optimum("adamw", learning_rate=1e-3)
    sees: ClassVar[str] = "Sees an image, upside down or not; it must say which."

    hidden: int = option(128, label="Head width", help="Units of the hidden layer.", low=8, high=99)

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        head = heads.projector((encoder.dim, self.hidden, 2))
        return heads.assemble(encoder=encoder, head=head)

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        x = augment(batch, rng)
        turned = torch.rand(len(x), generator=rng, device=x.device) < 0.5
        return Views((torch.where(turned[:, None, None, None], x.flip(2), x),), (turned.long(),))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        logits = module.head(module.encoder(views.inputs[0]))
        with full_precision(logits):
            return Output(F.cross_entropy(logits.float(), views.targets[0]))

    def chance(self, info: DataInfo, batch_size: int) -> float:
        return math.log(2)

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        rows = []
        for row in range(batch.size):
            answer = "turned" if views.targets[0][row] else "as it was"
            rows.append(
                (
                    original_panel(batch, row, data),
                    image_panel(views.inputs[0][row], "view", _SEEN),
                    Panel("answer", "answers", tokens=((answer, "right"),)),
                )
            )
        return Illustration("Was the image turned?", tuple(rows))
