"""Crops: a part of the image, cut out at random.

Maps go from the view to the image, as in ``workbench.augment.geometry``.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from workbench.augment.base import GeometryAugmentation
from workbench.augment.parts.draws import log_uniform, uniform
from workbench.augment.parts.matrices import affine
from workbench.augment.suitability import (
    LEAST_AREA,
    SMALLEST_CROP,
    easily_cut_off,
    shorter_side,
)
from workbench.data.dataset import DataInfo
from workbench.lazy import torch
from workbench.options import option

# Draws before a crop that does not fit is cut to the image, as in torchvision.
_TRIES = 10


@dataclass(frozen=True)
class Crop(GeometryAugmentation):
    """Cuts out a part of random area, shape and place and scales it to the size of the view.

    A policy that is told how much of the area to keep sets ``scale`` of every ``Crop`` in its list.
    """

    scale: tuple[float, float] = option(
        (0.2, 1.0),
        label="Area",
        help="Smallest and largest share of the picture's area. Smaller crops make a harder task.",
        low=0.01,
        high=1.0,
    )
    ratio: tuple[float, float] = option(
        (3 / 4, 4 / 3),
        label="Shape",
        help="Smallest and largest width over height, drawn evenly on a logarithmic scale.",
        low=0.1,
        high=10.0,
    )

    def matrices(self, batch: int, size: tuple[int, int], rng: torch.Generator) -> torch.Tensor:
        """As torchvision draws them, except that crops may begin between two pixels."""
        height, width = size
        area = uniform((batch, _TRIES), *self.scale, rng)
        ratio = log_uniform((batch, _TRIES), *self.ratio, rng)
        wide = (area * ratio * (height / width)).sqrt()
        high = (area / ratio * (width / height)).sqrt()
        first = ((wide <= 1) & (high <= 1)).int().argmax(dim=1, keepdim=True)
        wide = wide.gather(1, first)[:, 0].clamp(max=1)
        high = high.gather(1, first)[:, 0].clamp(max=1)
        x, y = uniform((2, batch), -1, 1, rng)
        return affine(wide, 0, 0, high, (1 - wide) * x, (1 - high) * y)


@dataclass(frozen=True)
class RandomResizedCrop(Crop):
    """The crop of published recipes."""

    name = "random_resized_crop"
    title = "Random crop, resized"
    summary = "Cut out a part of random area, shape and place and enlarge it."
    reference = "Szegedy et al. 2014, arXiv 1409.4842"
    domains = "photographs and most pictures in which a part tells the whole"
    invariance_rank = 10

    def warning(self, info: DataInfo) -> str | None:
        if info.size is None:
            return None
        side = math.sqrt(self.scale[0]) * min(info.size)
        if side < SMALLEST_CROP:
            return (
                f"its smallest crops keep about {side:.0f} of {min(info.size)} pixels a side, "
                "where little is left to recognise"
            )
        lost = easily_cut_off(info)
        if lost is None or self.scale[0] >= LEAST_AREA:
            return None
        return (
            f"its smallest crops keep {self.scale[0]:.0%} of the area and may cut off {lost}, so "
            f"that two views show different things; {LEAST_AREA:.0%} or more is safer"
        )

    def adapted(self, info: DataInfo) -> RandomResizedCrop:
        """No crop falls below 5 pixels a side, nor below 30 % of the area where something small
        that decides may be cut off; as far as the largest area allows."""
        low, high = self.scale
        least = math.ceil(100 * (SMALLEST_CROP / shorter_side(info)) ** 2) / 100
        if easily_cut_off(info) is not None:
            least = max(least, LEAST_AREA)
        return dataclasses.replace(self, scale=(max(low, min(high, least)), high))


@dataclass(frozen=True)
class RandomCropPad(GeometryAugmentation):
    """Shifts by whole pixels."""

    name = "random_crop_pad"
    title = "Pad and crop"
    summary = "Widen the picture on all sides, then cut out its own size."
    reference = "He et al. 2015, arXiv 1512.03385, section 4.2"
    domains = "small photographs"

    padding: int = option(4, label="Padding", help="Pixels added on each side.", low=0, high=64)

    def warning(self, info: DataInfo) -> str | None:
        if info.size is None or 4 * self.padding <= min(info.size):
            return None
        return (
            f"shifts of up to {self.padding} pixels move much of images of "
            f"{min(info.size)} pixels a side out of sight"
        )

    def matrices(self, batch: int, size: tuple[int, int], rng: torch.Generator) -> torch.Tensor:
        """Shifts by whole pixels, so that nothing is blurred."""
        pixels = torch.randint(
            -self.padding, self.padding + 1, (2, batch), generator=rng, device=rng.device
        )
        return affine(1, 0, 0, 1, pixels[0] * (2 / size[1]), pixels[1] * (2 / size[0]))
