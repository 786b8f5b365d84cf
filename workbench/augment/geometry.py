"""Geometry: where each pixel of a view is taken from. Each is one affine map a sample.

Maps go from the view to the picture, so "zoom by 2" is a matrix with 1/2 on its diagonal.
Consecutive ones are multiplied and the pixels read once (``workbench.augment.policy``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from workbench.augment.base import GeometryAugmentation
from workbench.augment.parts.draws import happens, log_uniform, uniform
from workbench.augment.suitability import (
    LEAST_AREA,
    SMALL_SIDE,
    characters,
    easily_cut_off,
    small_gray,
)
from workbench.lazy import lazy
from workbench.options import option
from workbench.registry import Modality

if TYPE_CHECKING:
    import torch

    from workbench.data.dataset import DataInfo

    Entry: TypeAlias = torch.Tensor | float
else:
    torch = lazy("torch")

# Draws before a crop that does not fit is cut to the picture, as in torchvision.
_TRIES = 10
# Side in pixels of the smallest crop in which something can still be recognised.
SMALLEST_CROP = 5.0
# Turns beyond this many degrees change characters into others: 6 into 9, Z into N.
_UPRIGHT = 45.0


@dataclass(frozen=True)
class _Geometry(GeometryAugmentation):
    """What the family shares."""

    family: ClassVar[str] = "geometry"
    modalities: ClassVar[tuple[Modality, ...]] = ("image",)


@dataclass(frozen=True)
class RandomResizedCrop(_Geometry):
    """Crops of random area, shape and place, scaled to the size of the view."""

    name: ClassVar[str] = "random_resized_crop"
    title: ClassVar[str] = "Random crop, resized"
    summary: ClassVar[str] = "Cut out a part of random area, shape and place and enlarge it."
    reference: ClassVar[str] = "Szegedy et al. 2014, arXiv 1409.4842"
    domains: ClassVar[str] = "photographs and most pictures in which a part tells the whole"

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
class HorizontalFlip(_Geometry):
    """Mirror images, left for right."""

    name: ClassVar[str] = "horizontal_flip"
    title: ClassVar[str] = "Mirror left and right"
    summary: ClassVar[str] = "Swap left and right."
    reference: ClassVar[str] = "Krizhevsky et al. 2012"
    domains: ClassVar[str] = "photographs, textures, cells; not characters, not chests or hands"

    p: float = option(0.5, label="How often", help="Share of views.", low=0.0, high=1.0)

    def warning(self, info: DataInfo) -> str | None:
        if not small_gray(info) or characters(info) is False:
            return None
        return (
            f"gray images of at most {SMALL_SIDE} pixels are taken for characters, which mirrored "
            "are others or none"
        )

    def matrices(self, batch: int, size: tuple[int, int], rng: torch.Generator) -> torch.Tensor:
        return affine(_sign(happens(batch, self.p, rng)), 0, 0, 1, 0, 0)


@dataclass(frozen=True)
class VerticalFlip(_Geometry):
    """Mirror images, top for bottom."""

    name: ClassVar[str] = "vertical_flip"
    title: ClassVar[str] = "Mirror top and bottom"
    summary: ClassVar[str] = "Swap top and bottom."
    reference: ClassVar[str] = "Krizhevsky et al. 2012, which flips left and right only"
    domains: ClassVar[str] = "pictures from above or through a microscope; not photographs"

    p: float = option(0.5, label="How often", help="Share of views.", low=0.0, high=1.0)

    def warning(self, info: DataInfo) -> str | None:
        return _other_character(info)

    def matrices(self, batch: int, size: tuple[int, int], rng: torch.Generator) -> torch.Tensor:
        return affine(1, 0, 0, _sign(happens(batch, self.p, rng)), 0, 0)


@dataclass(frozen=True)
class Rotation(_Geometry):
    """Turns by a small angle."""

    name: ClassVar[str] = "rotation"
    title: ClassVar[str] = "Turn"
    summary: ClassVar[str] = "Turn the picture about its centre by a random angle."
    reference: ClassVar[str] = "Simard et al. 2003"
    domains: ClassVar[str] = "characters (up to about 15 degrees); anything seen from above (180)"

    degrees: float = option(
        10.0, label="Degrees", help="Largest angle, to either side.", low=0.0, high=180.0
    )

    def warning(self, info: DataInfo) -> str | None:
        return _other_character(info) if self.degrees > _UPRIGHT else None

    def matrices(self, batch: int, size: tuple[int, int], rng: torch.Generator) -> torch.Tensor:
        angle = uniform(batch, -self.degrees, self.degrees, rng) * (math.pi / 180)
        return _turn(angle.cos(), angle.sin(), size)


@dataclass(frozen=True)
class RightAngles(_Geometry):
    """Turns by multiples of 90 degrees."""

    name: ClassVar[str] = "right_angles"
    title: ClassVar[str] = "Turn by right angles"
    summary: ClassVar[str] = "Turn by 0, 90, 180 or 270 degrees, each as likely."
    reference: ClassVar[str] = "Cohen & Welling 2016, arXiv 1602.07576 (the group p4)"
    domains: ClassVar[str] = "pictures without a right way up: cells, surfaces, satellite images"

    def warning(self, info: DataInfo) -> str | None:
        if info.size is not None and info.size[0] != info.size[1]:
            return "the images are not square, so only half turns are made"
        return _other_character(info)

    def matrices(self, batch: int, size: tuple[int, int], rng: torch.Generator) -> torch.Tensor:
        quarters = torch.randint(4, (batch,), generator=rng, device=rng.device)
        if size[0] != size[1]:
            quarters = quarters // 2 * 2
        angle = quarters * (math.pi / 2)
        return _turn(angle.cos().round(), angle.sin().round(), size)


@dataclass(frozen=True)
class Translate(_Geometry):
    """Shifts."""

    name: ClassVar[str] = "translate"
    title: ClassVar[str] = "Shift"
    summary: ClassVar[str] = "Move the picture sideways, up or down."
    reference: ClassVar[str] = "LeCun et al. 1998"
    domains: ClassVar[str] = "all pictures in which the place of a thing says nothing"

    share: float = option(
        0.1,
        label="Shift",
        help="Largest shift, as a share of width and height.",
        low=0.0,
        high=0.9,
    )

    def matrices(self, batch: int, size: tuple[int, int], rng: torch.Generator) -> torch.Tensor:
        x, y = uniform((2, batch), -2 * self.share, 2 * self.share, rng)
        return affine(1, 0, 0, 1, x, y)


@dataclass(frozen=True)
class Zoom(_Geometry):
    """Larger or smaller about the centre."""

    name: ClassVar[str] = "zoom"
    title: ClassVar[str] = "Zoom"
    summary: ClassVar[str] = "Show the picture larger or smaller about its centre."
    reference: ClassVar[str] = "Simard et al. 2003"
    domains: ClassVar[str] = "all pictures in which the size of a thing says nothing"

    scale: tuple[float, float] = option(
        (0.8, 1.25),
        label="Factor",
        help="Smallest and largest; above 1 things get larger. Even on a logarithmic scale.",
        low=0.25,
        high=8.0,
    )

    def matrices(self, batch: int, size: tuple[int, int], rng: torch.Generator) -> torch.Tensor:
        shrink = 1 / log_uniform(batch, *self.scale, rng)
        return affine(shrink, 0, 0, shrink, 0, 0)


@dataclass(frozen=True)
class Shear(_Geometry):
    """Slants."""

    name: ClassVar[str] = "shear"
    title: ClassVar[str] = "Slant"
    summary: ClassVar[str] = "Slant the picture to the left or right."
    reference: ClassVar[str] = "Simard et al. 2003"
    domains: ClassVar[str] = "characters and drawings"

    degrees: float = option(
        10.0, label="Degrees", help="Largest slant, to either side.", low=0.0, high=60.0
    )

    def matrices(self, batch: int, size: tuple[int, int], rng: torch.Generator) -> torch.Tensor:
        slant = (uniform(batch, -self.degrees, self.degrees, rng) * (math.pi / 180)).tan()
        return affine(1, slant * (size[0] / size[1]), 0, 1, 0, 0)


@dataclass(frozen=True)
class Affine(_Geometry):
    """Turn, slant, zoom and shift in one."""

    name: ClassVar[str] = "affine"
    title: ClassVar[str] = "Turn, slant, zoom and shift"
    summary: ClassVar[str] = "Turn, slant, zoom and shift a little, all at once."
    reference: ClassVar[str] = "Simard et al. 2003"
    domains: ClassVar[str] = "characters, drawings, scans"

    degrees: float = option(
        10.0, label="Degrees", help="Largest turn, to either side.", low=0.0, high=180.0
    )
    translate: float = option(
        0.1, label="Shift", help="Largest, as a share of width and height.", low=0.0, high=0.9
    )
    scale: tuple[float, float] = option(
        (0.9, 1.1),
        label="Zoom",
        help="Smallest and largest factor; above 1 things get larger.",
        low=0.25,
        high=8.0,
    )
    shear: float = option(
        10.0, label="Slant", help="Largest, in degrees, to either side.", low=0.0, high=60.0
    )

    def warning(self, info: DataInfo) -> str | None:
        return _other_character(info) if self.degrees > _UPRIGHT else None

    def matrices(self, batch: int, size: tuple[int, int], rng: torch.Generator) -> torch.Tensor:
        parts = (
            Translate(self.translate),
            Zoom(self.scale),
            Shear(self.shear),
            Rotation(self.degrees),
        )
        first, *rest = (part.matrices(batch, size, rng) for part in parts)
        for matrix in rest:
            first = first @ matrix
        return first


@dataclass(frozen=True)
class RandomCropPad(_Geometry):
    """Shifts by whole pixels."""

    name: ClassVar[str] = "random_crop_pad"
    title: ClassVar[str] = "Pad and crop"
    summary: ClassVar[str] = "Widen the picture on all sides, then cut out its own size."
    reference: ClassVar[str] = "He et al. 2015, arXiv 1512.03385, section 4.2"
    domains: ClassVar[str] = "small photographs"

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


def _other_character(info: DataInfo) -> str | None:
    """Why a turn or a mirror image does not suit characters, where the data's classes are such."""
    if not small_gray(info) or not characters(info):
        return None
    return "its classes are single characters, which turned or mirrored are others: 6 becomes 9"


def affine(a: Entry, b: Entry, c: Entry, d: Entry, x: Entry, y: Entry) -> torch.Tensor:
    """float (B, 3, 3): rows (a, b, x), (c, d, y), (0, 0, 1); each a number or float (B,)."""
    entries = (a, b, x, c, d, y, 0.0, 0.0, 1.0)
    like = next(e for e in entries if isinstance(e, torch.Tensor))
    columns = [e if isinstance(e, torch.Tensor) else torch.full_like(like, e) for e in entries]
    return torch.stack(columns, dim=1).view(-1, 3, 3)


def _turn(cosine: torch.Tensor, sine: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """A turn in pixels, of pictures that [-1, 1] x [-1, 1] shows as squares."""
    height, width = size
    return affine(cosine, -sine * (height / width), sine * (width / height), cosine, 0, 0)


def _sign(flip: torch.Tensor) -> torch.Tensor:
    return 1.0 - 2.0 * flip.float()
