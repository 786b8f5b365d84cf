"""Denoising autoencoder: give back the clean picture from a noisy one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.lazy import lazy
from workbench.options import option
from workbench.registry import Modality
from workbench.tasks.base import (
    Augmenter,
    Batch,
    Context,
    Illustration,
    IllustrationData,
    Needs,
    Optimum,
    Output,
    Task,
    Views,
)
from workbench.tasks.numerics import full_precision
from workbench.tasks.render import image_panel, original_panel

if TYPE_CHECKING:
    import torch
    from torch import nn

    from workbench.data.dataset import DataInfo
    from workbench.tasks import heads, painting
else:
    torch = lazy("torch")
    heads = lazy("workbench.tasks.heads")
    painting = lazy("workbench.tasks.painting")

KINDS = ("gaussian", "mask", "salt_pepper")


@dataclass(frozen=True)
class Denoising(Task):
    """See the module's docstring."""

    name: ClassVar[str] = "denoising"
    title: ClassVar[str] = "Denoising autoencoder"
    summary: ClassVar[str] = "Give back the clean picture from a noisy one."
    family: ClassVar[str] = "predictive"
    modalities: ClassVar[tuple[Modality, ...]] = ("image",)
    reference: ClassVar[str] = "Vincent et al. 2008, ICML; 2010, JMLR 11"
    needs: ClassVar[Needs] = Needs(encoders=("conv", "vit"))
    optimum: ClassVar[Optimum] = Optimum("adamw", learning_rate=1e-3, weight_decay=1e-4)
    default_augment: ClassVar[str] = "mae"
    sees: ClassVar[str] = "Sees an image under noise; it must paint the image without it."

    kind: str = option("gaussian", label="Noise", help="x", choices=KINDS)
    strength: float = option(0.5, label="Strength", help="x", low=0.0, high=1.0)
    source: str = option("summary", label="s", help="x")
    hidden: int = option(256, label="s", help="x")

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        size = info.size or (0, 0)
        head = painting.painter(encoder, info, len(info.mean or ()), size, self.hidden, self.source)
        return heads.assemble(encoder=encoder, painter=head, **painting.colours(info))

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        x = augment(batch, rng)
        return Views((corrupt(x, module.mean, self.kind, self.strength, rng),), (x,))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        (noisy,), (x,) = views.inputs, views.targets
        painted = painting.paint(module.encoder, module.painter, noisy, x.shape[2:], self.source)
        with full_precision(painted):
            target = (x - module.mean) / module.std
            loss = painting.relative_error(painted.float(), target)
            copied = painting.relative_error((noisy - module.mean) / module.std, target)
        return Output(loss, {"explained": 1 - loss.detach(), "copying": copied})

    def chance(self, info: DataInfo, batch_size: int) -> float:
        return 1.0


def corrupt(x, mean, kind, strength, rng):
    if kind == "gaussian":
        return x + strength * torch.randn(x.shape, generator=rng, device=x.device)
    place = torch.rand((len(x), 1, *x.shape[2:]), generator=rng, device=x.device)
    if kind == "mask":
        return torch.where(place < strength, mean, x)
    value = (torch.rand(place.shape, generator=rng, device=x.device) < 0.5).to(x.dtype)
    return torch.where(place < strength, value, x)
