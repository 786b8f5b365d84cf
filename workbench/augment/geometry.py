"""Geometry: flips, turns, shifts and the like. Each is one affine map for each sample.

Maps go from the view to the image, so "zoom by 2" is a matrix with 1/2 on its diagonal. A policy
multiplies consecutive ones and reads the pixels once (``workbench.augment.policy``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from workbench.augment.base import Augmentation, GeometryAugmentation
from workbench.augment.parts.draws import happens, log_uniform, uniform
from workbench.augment.parts.matrices import affine, random_shift, random_turn, turn
from workbench.augment.suitability import SMALL_SIDE, characters, small_gray
from workbench.data.dataset import DataInfo
from workbench.lazy import torch
from workbench.options import option

# Turns beyond this many degrees change characters into others: 6 into 9, Z into N.
_UPRIGHT = 45.0


@dataclass(frozen=True)
class HorizontalFlip(GeometryAugmentation):
    """Swaps left and right."""

    name = "horizontal_flip"
    title = "Mirror left and right"
    summary = "Swap left and right."
    reference = "Krizhevsky et al. 2012"
    domains = "photographs, textures, cells; not characters, not chests or hands"
    invariance_rank = 20

    p: float = option(0.5, label="How often", help="Share of views.", low=0.0, high=1.0)

    def warning(self, info: DataInfo) -> str | None:
        if not small_gray(info) or characters(info) is False:
            return None
        return (
            f"gray images of at most {SMALL_SIDE} pixels are taken for characters, which mirrored "
            "are others or none"
        )

    def adapted(self, info: DataInfo) -> HorizontalFlip | None:
        """Small gray images are taken for characters and never mirrored left to right."""
        return None if small_gray(info) else self

    def matrices(self, batch: int, size: tuple[int, int], rng: torch.Generator) -> torch.Tensor:
        return affine(_sign(happens(batch, self.p, rng)), 0, 0, 1, 0, 0)


@dataclass(frozen=True)
class VerticalFlip(GeometryAugmentation):
    """Swaps top and bottom."""

    name = "vertical_flip"
    title = "Mirror top and bottom"
    summary = "Swap top and bottom."
    reference = "Krizhevsky et al. 2012, which flips left and right only"
    domains = "pictures from above or through a microscope; not photographs"
    invariance_rank = 30

    p: float = option(0.5, label="How often", help="Share of views.", low=0.0, high=1.0)

    def warning(self, info: DataInfo) -> str | None:
        return _other_character(info)

    def matrices(self, batch: int, size: tuple[int, int], rng: torch.Generator) -> torch.Tensor:
        return affine(1, 0, 0, _sign(happens(batch, self.p, rng)), 0, 0)


@dataclass(frozen=True)
class RandomRotation(GeometryAugmentation):
    """Turns the image about its centre by a random angle."""

    name = "rotation"
    title = "Turn"
    summary = "Turn the picture about its centre by a random angle."
    reference = "Simard et al. 2003"
    domains = "characters (up to about 15 degrees); anything seen from above (180)"
    invariance_rank = 40

    degrees: float = option(
        10.0, label="Degrees", help="Largest angle, to either side.", low=0.0, high=180.0
    )

    def warning(self, info: DataInfo) -> str | None:
        return _other_character(info) if self.degrees > _UPRIGHT else None

    def matrices(self, batch: int, size: tuple[int, int], rng: torch.Generator) -> torch.Tensor:
        return random_turn(batch, self.degrees, size, rng)


@dataclass(frozen=True)
class RightAngles(GeometryAugmentation):
    """Turns the image by a multiple of 90 degrees."""

    name = "right_angles"
    title = "Turn by right angles"
    summary = "Turn by 0, 90, 180 or 270 degrees, each as likely."
    reference = "Cohen & Welling 2016, arXiv 1602.07576 (the group p4)"
    domains = "pictures without a right way up: cells, surfaces, satellite images"

    def warning(self, info: DataInfo) -> str | None:
        if info.size is not None and info.size[0] != info.size[1]:
            return "the images are not square, so only half turns are made"
        return _other_character(info)

    def adapted(self, info: DataInfo) -> Augmentation | None:
        """Images that are not square are mirrored left to right in place of quarter turns."""
        if info.size is not None and info.size[0] != info.size[1]:
            return HorizontalFlip().adapted(info)
        return self

    def matrices(self, batch: int, size: tuple[int, int], rng: torch.Generator) -> torch.Tensor:
        quarters = torch.randint(4, (batch,), generator=rng, device=rng.device)
        if size[0] != size[1]:
            quarters = quarters // 2 * 2
        angle = quarters * (math.pi / 2)
        return turn(angle.cos().round(), angle.sin().round(), size)


@dataclass(frozen=True)
class Translate(GeometryAugmentation):
    """Shifts the image sideways, up or down."""

    name = "translate"
    title = "Shift"
    summary = "Move the picture sideways, up or down."
    reference = "LeCun et al. 1998"
    domains = "all pictures in which the place of a thing says nothing"
    invariance_rank = 50

    share: float = option(
        0.1,
        label="Shift",
        help="Largest shift, as a share of width and height.",
        low=0.0,
        high=0.9,
    )

    def matrices(self, batch: int, size: tuple[int, int], rng: torch.Generator) -> torch.Tensor:
        return random_shift(batch, self.share, rng)


@dataclass(frozen=True)
class Zoom(GeometryAugmentation):
    """Makes the image larger or smaller about its centre."""

    name = "zoom"
    title = "Zoom"
    summary = "Show the picture larger or smaller about its centre."
    reference = "Simard et al. 2003"
    domains = "all pictures in which the size of a thing says nothing"

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
class Shear(GeometryAugmentation):
    """Slants the image to the left or right."""

    name = "shear"
    title = "Slant"
    summary = "Slant the picture to the left or right."
    reference = "Simard et al. 2003"
    domains = "characters and drawings"

    degrees: float = option(
        10.0, label="Degrees", help="Largest slant, to either side.", low=0.0, high=60.0
    )

    def matrices(self, batch: int, size: tuple[int, int], rng: torch.Generator) -> torch.Tensor:
        slant = (uniform(batch, -self.degrees, self.degrees, rng) * (math.pi / 180)).tan()
        return affine(1, slant * (size[0] / size[1]), 0, 1, 0, 0)


@dataclass(frozen=True)
class Affine(GeometryAugmentation):
    """Turns, slants, zooms and shifts at once."""

    name = "affine"
    title = "Turn, slant, zoom and shift"
    summary = "Turn, slant, zoom and shift a little, all at once."
    reference = "Simard et al. 2003"
    domains = "characters, drawings, scans"

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
        steps = (
            Translate(self.translate),
            Zoom(self.scale),
            Shear(self.shear),
            RandomRotation(self.degrees),
        )
        total, *rest = (step.matrices(batch, size, rng) for step in steps)
        for matrix in rest:
            total = total @ matrix
        return total


def _other_character(info: DataInfo) -> str | None:
    """Why turned or mirrored images do not suit data whose classes are characters; else None."""
    if not small_gray(info) or not characters(info):
        return None
    return "its classes are single characters, which turned or mirrored are others: 6 becomes 9"


def _sign(flip: torch.Tensor) -> torch.Tensor:
    """float (B,): -1 where ``flip``, bool (B,), holds, 1 elsewhere."""
    return 1.0 - 2.0 * flip.float()
