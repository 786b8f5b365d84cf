"""Equalised brightness: all shades are used alike, channel by channel."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.augment.base import Augmentation
from workbench.augment.parts.draws import gate, happens
from workbench.data.dataset import DataInfo
from workbench.lazy import torch
from workbench.options import option

_SHADES = 256


@dataclass(frozen=True)
class Equalize(Augmentation):
    """Equalises the histogram of each channel."""

    name = "equalize"
    title = "Equalise"
    summary = "Spread the shades of each channel so that all are used alike."
    family = "colour"
    modalities = ("image",)
    reference = "Pillow's ImageOps.equalize; Cubuk et al. 2018, arXiv 1805.09501"
    domains = "photographs, X-rays; not where brightness means density"

    p: float = option(0.2, label="How often", help="Share of views.", low=0.0, high=1.0)

    def warning(self, info: DataInfo) -> str | None:
        if info.size is None or info.size[0] * info.size[1] >= _SHADES:
            return None
        return (
            f"images of {info.size[0]} x {info.size[1]} pixels have fewer pixels than there are "
            "shades, and stay as they are"
        )

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        """Pillow's formula on 256 shades: (number of darker pixels + step // 2) // step.

        step: number of pixels below the brightest shade // 255. Where it is 0, a channel stays.
        """
        batch, channels, height, width = x.shape
        shades = (x * (_SHADES - 1)).round().long().view(batch * channels, -1)
        counts = shades.new_zeros(batch * channels, _SHADES)
        counts.scatter_add_(1, shades, torch.ones_like(shades))
        brightest = shades.amax(dim=1, keepdim=True)
        step = (height * width - counts.gather(1, brightest)) // (_SHADES - 1)
        darker = counts.cumsum(dim=1) - counts
        table = ((darker + step // 2) // step.clamp_min(1)).clamp(max=_SHADES - 1)
        spread = (table.gather(1, shades) / (_SHADES - 1)).view_as(x).to(x.dtype)
        changed = torch.where(step.view(batch, channels, 1, 1) > 0, spread, x)
        return gate(happens(batch, self.p, rng), changed, x)
