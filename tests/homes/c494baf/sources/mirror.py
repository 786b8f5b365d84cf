"""Mirror: say whether an image was mirrored.

Idea: half of the images are swapped left to right; the network says which. Teaches what has a left
and a right. Fails where nothing has, such as textures and cells. The loss starts at log 2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from workbench.lazy import lazy
from workbench.options import option
from workbench.tasks.base import Illustration, Needs, Output, Panel, Task, Views
from workbench.tasks.parts.render import image_panel, original_panel

torch = lazy("torch")
F = lazy("torch.nn.functional")
heads = lazy("workbench.tasks.parts.heads")


@dataclass(frozen=True)
class Mirror(Task):
    """See the module's docstring."""

    name: ClassVar[str] = "mirror"
    title: ClassVar[str] = "Mirror"
    summary: ClassVar[str] = "Say whether an image was mirrored."
    family: ClassVar[str] = "predictive"
    modalities: ClassVar[tuple[str, ...]] = ("image",)
    reference: ClassVar[str] = "docs/add-a-task.md"
    needs: ClassVar[Needs] = Needs(encoders=("conv", "vit"))
    sees: ClassVar[str] = "Sees an image, mirrored or not; it must say which."

    hidden: int = option(
        128, label="Head width", help="Units between representation and answer.", low=8, high=4096
    )

    def build(self, encoder, info):
        head = heads.projector((encoder.dim, self.hidden, 2))
        return heads.assemble(encoder=encoder, head=head)

    def views(self, module, batch, augment, rng):
        x = augment(batch, rng)
        mirrored = torch.rand(len(x), generator=rng, device=x.device) < 0.5
        return Views(
            (torch.where(mirrored[:, None, None, None], x.flip(3), x),), (mirrored.long(),)
        )

    def loss(self, module, views, ctx):
        logits = module.head(module.encoder(views.inputs[0])).float()
        accuracy = (logits.detach().argmax(dim=1) == views.targets[0]).float().mean()
        return Output(F.cross_entropy(logits, views.targets[0]), {"accuracy": accuracy})

    def chance(self, info, batch_size):
        return math.log(2)

    def illustrate(self, views, batch, data):
        rows = []
        for row in range(batch.size):
            answer = "mirrored" if views.targets[0][row] else "as it was"
            rows.append(
                (
                    original_panel(batch, row, data),
                    image_panel(views.inputs[0][row], "view", "sees"),
                    Panel("answer", "answers", tokens=((answer, "right"),)),
                )
            )
        return Illustration("Was the image mirrored?", tuple(rows))
