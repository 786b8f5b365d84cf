"""Masks: they take parts of the image away, so that the rest must suffice."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.augment.base import Augmentation
from workbench.augment.parts.draws import gate, happens, log_uniform, uniform
from workbench.augment.suitability import like_the_defect
from workbench.data.dataset import DataInfo
from workbench.lazy import torch
from workbench.options import option


@dataclass(frozen=True)
class _Mask(Augmentation):
    """Base of the family."""

    family = "masks"
    modalities = ("image",)

    def warning(self, info: DataInfo) -> str | None:
        return like_the_defect(info, "what it covers looks like a hole or a stain, as defects do")


@dataclass(frozen=True)
class RandomErasing(_Mask):
    """Puts noise over a rectangle."""

    name = "random_erasing"
    title = "Erase a rectangle"
    summary = "Put random noise over a rectangle of random area, shape and place."
    reference = "Zhong et al. 2017, arXiv 1708.04896"
    domains = "photographs in which things may be hidden"

    scale: tuple[float, float] = option(
        (0.02, 0.33),
        label="Area",
        help="Smallest and largest share of the picture's area.",
        low=0.001,
        high=0.9,
    )
    ratio: tuple[float, float] = option(
        (0.3, 3.3),
        label="Shape",
        help="Smallest and largest width over height, drawn evenly on a logarithmic scale.",
        low=0.1,
        high=10.0,
    )
    p: float = option(0.5, label="How often", help="Share of views.", low=0.0, high=1.0)

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        batch, _, height, width = x.shape
        area = uniform(batch, *self.scale, rng) * height * width
        ratio = log_uniform(batch, *self.ratio, rng)
        inside = _rectangles((area / ratio).sqrt(), (area * ratio).sqrt(), x, rng)
        noise = torch.rand(x.shape, generator=rng, device=rng.device)
        return gate(happens(batch, self.p, rng), torch.where(inside, noise, x), x)


@dataclass(frozen=True)
class Cutout(_Mask):
    """Covers a square."""

    name = "cutout"
    title = "Cut out a square"
    summary = "Cover a square with the mean colour of the picture."
    reference = "DeVries & Taylor 2017, arXiv 1708.04552"
    domains = "photographs in which things may be hidden"
    invariance_rank = 120

    share: float = option(
        0.4,
        label="Side",
        help="Side of the square, as a share of the picture's.",
        low=0.0,
        high=0.9,
    )
    p: float = option(1.0, label="How often", help="Share of views.", low=0.0, high=1.0)

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        side = torch.full((len(x),), self.share * min(x.shape[2:]), device=x.device)
        inside = _rectangles(side, side, x, rng)
        mean = x.mean(dim=(2, 3), keepdim=True)
        return gate(happens(len(x), self.p, rng), torch.where(inside, mean, x), x)


@dataclass(frozen=True)
class PatchDrop(_Mask):
    """Covers squares of a grid."""

    name = "patch_drop"
    title = "Hide patches"
    summary = "Cover a share of the squares of a grid with the picture's mean colour."
    reference = "Singh & Lee 2017 (Hide-and-Seek), arXiv 1704.04232"
    domains = "photographs and most pictures; not for tasks that hide patches"

    grid: int = option(4, label="Grid", help="Squares a side.", low=2, high=32)
    share: float = option(
        0.3, label="Hidden share", help="How likely each square is hidden.", low=0.0, high=0.95
    )
    p: float = option(1.0, label="How often", help="Share of views.", low=0.0, high=1.0)

    def warning(self, info: DataInfo) -> str | None:
        if info.size is not None and self.grid > min(info.size):
            return f"a grid of {self.grid} is finer than images of {min(info.size)} pixels a side"
        return super().warning(info)

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        batch, _, height, width = x.shape
        squares = uniform((batch, 1, self.grid, self.grid), 0, 1, rng) < self.share
        rows, columns = (
            torch.arange(side, device=x.device) * self.grid // side for side in (height, width)
        )
        inside = squares[:, :, rows][:, :, :, columns]
        mean = x.mean(dim=(2, 3), keepdim=True)
        return gate(happens(batch, self.p, rng), torch.where(inside, mean, x), x)


def _rectangles(
    height: torch.Tensor, width: torch.Tensor, x: torch.Tensor, rng: torch.Generator
) -> torch.Tensor:
    """bool (B, 1, H, W): inside a rectangle at a random place of each image.

    height, width: float (B,), in pixels. It lies within the image; a larger one is cut.
    """
    bands = []
    for length, side in ((height, x.shape[2]), (width, x.shape[3])):
        length = length.clamp(max=side).round()[:, None]
        start = (uniform((len(x), 1), 0, 1, rng) * (side - length + 1)).floor()
        places = torch.arange(side, device=x.device)
        bands.append((places >= start) & (places < start + length))
    return (bands[0][:, :, None] & bands[1][:, None, :])[:, None]
