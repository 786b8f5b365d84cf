"""CutPaste: tell a normal picture from one into which a piece of itself was pasted.

Idea. A rectangle (patch) or a thin turned strip (scar) is cut from a picture, slightly recoloured
and pasted elsewhere. The network says whether a picture is normal, has a patch or has a scar. To do
so it has to know how the surface goes on where nothing is wrong, and so it notices what it was
never shown: scratches, holes, stains.

Paper. C.-L. Li, K. Sohn, J. Yoon, T. Pfister, "CutPaste: Self-Supervised Learning for Anomaly
Detection and Localization", arXiv 2104.04015, sections 2.2 and 2.3, equation 1: cross-entropy over
the three classes (``ways`` 2: normal and patch). Deviations: each picture is shown in one version,
unless ``all_versions`` asks for the paper's all; pieces are recoloured three times as strongly,
without which nothing is learned in minutes; the paper starts from a pretrained encoder or trains
for 65,000 steps, and scores with a Gaussian density where the workbench uses neighbours.

Teaches. Breaks in a texture: what is small and does not belong. Made for training on normal
surfaces alone, judged by how well neighbours in the features tell defects (``anomaly``).

Fails. Where pieces may lie anywhere (a black ground pasted on black, things in a photograph) a
pasted picture is as normal as another, and the loss stays up. A defect unlike a pasted piece, such
as a worn spot, is not seen for it. The loss starts at log(ways), the chance level.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from workbench.augment.base import Augmentation
from workbench.augment.surface import CutPastePatch, CutPasteScar
from workbench.tasks.api import (
    Augmenter, Batch, Context, DataInfo, F, Illustration, IllustrationData, Needs, Optimum, Output,
    Panel, Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.render import image_panel, original_panel

CLASSES = ("normal", "patch pasted in", "scar pasted in")


@dataclass(frozen=True)
class CutPaste(Task):
    """See the module's docstring."""

    name = "cutpaste"
    title = "CutPaste"
    summary = "Tell normal pictures from ones with a piece of themselves pasted in."
    family = "predictive"
    modalities = ("image",)
    reference = "Li et al. 2021, arXiv 2104.04015"
    needs = Needs(encoders=("conv", "vit"), side=8)
    # The paper's SGD at .03 takes 65,000 steps; of 1e-3 and 3e-3 this learns sooner.
    optimum = Optimum("adamw", learning_rate=3e-3, weight_decay=1e-4)
    # Crops would enlarge a piece of the picture, and with it all that is normal of its texture.
    default_augment = "none"
    sees = (
        "Sees a picture, at times with a piece of itself pasted elsewhere; it must say whether "
        "and which."
    )

    ways: int = option(
        3,
        label="Classes",
        help="3: normal, patch or scar. 2: normal or patch.",
        low=2,
        high=3,
    )
    all_versions: bool = option(
        False,
        label="All versions",
        help="Show each picture in every version a step, as the paper does, instead of in one.",
    )
    area: tuple[float, float] = option(
        (0.02, 0.15),
        label="Area of patches",
        help="Smallest and largest share of the picture's area.",
        low=0.001,
        high=0.5,
    )
    # The paper's 0.1 stays at chance for hundreds of steps on 64 pixels a side.
    jitter: float = option(
        0.3,
        label="Colour shift",
        help="How far brightness, contrast, saturation and hue of the piece may move.",
        low=0.0,
        high=0.5,
    )
    hidden: int = option(
        256,
        label="Head width",
        help="Units of the hidden layer between representation and answer; spares the "
        "representation from becoming the answer itself.",
        low=8,
        high=8192,
        advanced=True,
    )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        head = heads.projector((encoder.dim, self.hidden, self.ways))
        return heads.assemble(encoder=encoder, head=head)

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        x = augment(batch, rng)
        order = torch.randperm(len(x), generator=rng, device=x.device)
        copies = self.ways if self.all_versions else 1
        inputs, targets = [], []
        for copy in range(copies):
            target, shown = torch.zeros_like(order), x.clone()
            for way, defect in enumerate(self._defects(), start=1):
                chosen = order[(way + copy) % self.ways :: self.ways]
                target.index_fill_(0, chosen, way)
                shown[chosen] = defect.apply(x[chosen], rng)
            inputs.append(shown)
            targets.append(target)
        return Views(tuple(inputs), tuple(targets))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        target = torch.cat(views.targets)
        logits = module.head(module.encoder(torch.cat(views.inputs)))
        with full_precision(logits):
            loss = F.cross_entropy(logits.float(), target)
        accuracy = (logits.detach().argmax(dim=1) == target).float().mean()
        return Output(loss, {"accuracy": accuracy})

    def chance(self, info: DataInfo, batch_size: int) -> float:
        return math.log(self.ways)

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        rows: list[tuple[Panel, ...]] = []
        for row in range(batch.size):
            panels = [original_panel(batch, row, data)]
            for x, target in zip(views.inputs, views.targets, strict=True):
                right = int(target[row])
                answers = tuple(
                    (name, "right" if i == right else "")
                    for i, name in enumerate(CLASSES[: self.ways])
                )
                panels.append(image_panel(x[row], "a version of the picture", "sees"))
                panels.append(Panel(CLASSES[right], "answers", tokens=answers))
            rows.append(tuple(panels))
        return Illustration("Was a piece of the picture pasted in, and of which kind?", tuple(rows))

    def _defects(self) -> tuple[Augmentation, ...]:
        patch = CutPastePatch(area=self.area, jitter=self.jitter, p=1.0)
        scar = CutPasteScar(jitter=self.jitter, p=1.0)
        return (patch, scar)[: self.ways - 1]
