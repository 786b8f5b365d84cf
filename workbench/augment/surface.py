"""Surfaces: defects drawn on purpose, and uneven light.

Cut-paste and Perlin textures make a normal surface look faulty. A task that has to tell such images
from normal ones learns to see defects (``cutpaste``). A task whose views should agree learns the
opposite, to overlook them. Light may be uneven on surfaces without a fault.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from workbench.augment.base import Augmentation
from workbench.augment.parts.colours import jitter as jitter_colours
from workbench.augment.parts.draws import gate, happens, log_uniform, uniform
from workbench.augment.parts.passes import recolour
from workbench.augment.parts.perlin import perlin
from workbench.data.dataset import DataInfo
from workbench.lazy import torch
from workbench.options import option

# Least length of a scar in pixels; a shorter one is no strip.
_SHORTEST_SCAR = 3.0


@dataclass(frozen=True)
class _Surface(Augmentation):
    """Base of the family."""

    family = "surface"
    modalities = ("image",)


@dataclass(frozen=True)
class _Defect(_Surface):
    """Base of those that look like a defect."""

    domains = "surfaces and textures, for tasks that tell faulty from normal"

    def warning(self, info: DataInfo) -> str | None:
        if info.normal is None:
            return None
        return (
            f"training shows '{info.normal}' samples only, and what this draws looks like the "
            "defects sought: a task whose views should agree learns to overlook them"
        )


@dataclass(frozen=True)
class CutPastePatch(_Defect):
    """Pastes a rectangle of the image elsewhere."""

    name = "cutpaste_patch"
    title = "Cut and paste a patch"
    summary = "Paste a rectangle of the picture, slightly recoloured, elsewhere."
    reference = "Li et al. 2021, arXiv 2104.04015, section 2.2"

    area: tuple[float, float] = option(
        (0.02, 0.15),
        label="Area",
        help="Smallest and largest share of the picture's area.",
        low=0.001,
        high=0.5,
    )
    ratio: tuple[float, float] = option(
        (0.3, 3.3),
        label="Shape",
        help="Smallest and largest width over height, drawn evenly on a logarithmic scale.",
        low=0.1,
        high=10.0,
    )
    jitter: float = option(
        0.1,
        label="Colour shift",
        help="How far brightness, contrast, saturation and hue of the patch may move.",
        low=0.0,
        high=0.5,
    )
    p: float = option(0.5, label="How often", help="Share of views.", low=0.0, high=1.0)

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        batch, _, height, width = x.shape
        area = uniform(batch, *self.area, rng) * height * width
        ratio = log_uniform(batch, *self.ratio, rng)
        upright = torch.zeros(batch, device=x.device)
        sides = ((area / ratio).sqrt(), (area * ratio).sqrt())
        pasted = cut_paste(x, *sides, upright, self.jitter, rng)
        return gate(happens(batch, self.p, rng), pasted, x)


@dataclass(frozen=True)
class CutPasteScar(_Defect):
    """Turns a thin strip of the image and pastes it elsewhere."""

    name = "cutpaste_scar"
    title = "Cut and paste a scar"
    summary = "Paste a thin strip of the picture, turned and recoloured, elsewhere."
    reference = "Li et al. 2021, arXiv 2104.04015, section 2.2"

    # The paper's 2 to 16 and 10 to 25 pixels of 256.
    width: tuple[float, float] = option(
        (2 / 256, 16 / 256),
        label="Width",
        help="Smallest and largest width, as a share of the picture's shorter side; "
        "at least a pixel.",
        low=0.001,
        high=0.5,
    )
    length: tuple[float, float] = option(
        (10 / 256, 25 / 256),
        label="Length",
        help="Smallest and largest length, as a share of the picture's shorter side; "
        "at least 3 pixels.",
        low=0.01,
        high=1.0,
    )
    degrees: float = option(
        45.0,
        label="Turn",
        help="Largest turn of the strip to either side, in degrees.",
        low=0.0,
        high=90.0,
    )
    jitter: float = option(
        0.1,
        label="Colour shift",
        help="How far brightness, contrast, saturation and hue of the strip may move.",
        low=0.0,
        high=0.5,
    )
    p: float = option(0.5, label="How often", help="Share of views.", low=0.0, high=1.0)

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        batch, side = len(x), min(x.shape[2:])
        width = uniform(batch, *self.width, rng) * side
        length = (uniform(batch, *self.length, rng) * side).clamp_min(_SHORTEST_SCAR)
        angle = uniform(batch, -self.degrees, self.degrees, rng) * (math.pi / 180)
        pasted = cut_paste(x, length, width, angle, self.jitter, rng)
        return gate(happens(batch, self.p, rng), pasted, x)


@dataclass(frozen=True)
class PerlinTexture(_Defect):
    """Blends in blots of another texture."""

    name = "perlin_texture"
    title = "Blots of another texture"
    summary = (
        "Within blots of Perlin noise, blend in another picture of the batch, turned or inverted."
    )
    reference = "Zavrtanik et al. 2021 (DRAEM), arXiv 2108.07610, section 3.1"

    cells: tuple[float, float] = option(
        (2.0, 16.0),
        label="Cells",
        help="Fewest and most cells of the noise a side: many cells make many small blots. No "
        "cell is smaller than 2 pixels.",
        low=1.0,
        high=64.0,
    )
    threshold: float = option(
        0.5,
        label="Threshold",
        help="Blots are where the noise exceeds this share of its highest value: a higher one "
        "makes smaller blots.",
        low=0.0,
        high=0.95,
    )
    opacity: tuple[float, float] = option(
        (0.1, 1.0),
        label="Opacity",
        help="Weakest and strongest share of the other texture within the blots.",
        low=0.0,
        high=1.0,
    )
    p: float = option(0.5, label="How often", help="Share of views.", low=0.0, high=1.0)

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        noise = perlin(len(x), (x.shape[2], x.shape[3]), self.cells, rng)
        inside = noise > self.threshold * noise.amax(dim=(1, 2), keepdim=True)
        opacity = uniform((len(x), 1, 1), *self.opacity, rng) * inside
        blend = torch.lerp(x, other_textures(x, rng), opacity[:, None])
        return gate(happens(len(x), self.p, rng), blend, x)


@dataclass(frozen=True)
class LightingGradient(_Surface):
    """Brightens one side and darkens the opposite one."""

    name = "lighting_gradient"
    title = "Light from one side"
    summary = "Brighten one side of the picture and darken the opposite one."
    reference = "after uneven illumination in inspection; no paper's recipe"
    domains = "surfaces under a camera, microscopy, photographs"

    strength: tuple[float, float] = option(
        (0.0, 0.4),
        label="Strength",
        help="Weakest and strongest light: at 0.4 one end is 40 % brighter, the other 40 % darker.",
        low=0.0,
        high=1.0,
    )
    p: float = option(0.8, label="How often", help="Share of views.", low=0.0, high=1.0)

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        batch, _, height, width = x.shape
        angle = uniform((batch, 1, 1), 0, 2 * math.pi, rng)
        strength = uniform((batch, 1, 1), *self.strength, rng)
        down, across = (
            (2 * torch.arange(side, device=x.device) + 1) / side - 1 for side in (height, width)
        )
        along = across * angle.cos() + down[:, None] * angle.sin()
        ramp = along / (angle.cos().abs() + angle.sin().abs())
        lit = (x * (1 + strength * ramp)[:, None]).clamp_(0, 1)
        return gate(happens(batch, self.p, rng), lit, x)


def cut_paste(
    x: torch.Tensor,
    height: torch.Tensor,
    width: torch.Tensor,
    angle: torch.Tensor,
    jitter: float,
    rng: torch.Generator,
) -> torch.Tensor:
    """Each image with a rectangle of its own pasted at another place, turned and recoloured.

    x: float (B, C, H, W) in [0, 1]. height, width: float (B,), of the rectangle in pixels, kept
    between one pixel and the image. angle: float (B,), in radians. jitter: largest change of
    brightness, contrast, saturation and hue. The rectangle is cut where it fits upright and pasted
    where it fits turned. Pixels are moved and not interpolated, so that the pasted ones are as
    sharp as the rest.
    """
    high, wide = x.shape[2:]
    height, width = height.clamp(1, high), width.clamp(1, wide)
    cos, sin = angle.cos(), angle.sin()
    from_y, from_x = _centre(height, high, rng), _centre(width, wide, rng)
    to_y = _centre((width * sin).abs() + (height * cos).abs(), high, rng)
    to_x = _centre((width * cos).abs() + (height * sin).abs(), wide, rng)
    y = torch.arange(high, device=x.device)[:, None] + 0.5 - _planes(to_y)
    at = torch.arange(wide, device=x.device)[None, :] + 0.5 - _planes(to_x)
    along, across = (
        at * _planes(sin) + y * _planes(cos),
        at * _planes(cos) - y * _planes(sin),
    )
    inside = (along.abs() <= _planes(height) / 2) & (across.abs() <= _planes(width) / 2)
    rows = (along + _planes(from_y)).floor().long().clamp(0, high - 1)
    columns = (across + _planes(from_x)).floor().long().clamp(0, wide - 1)
    index = (rows * wide + columns).flatten(1)[:, None].expand(-1, x.shape[1], -1)
    moved = x.flatten(2).gather(2, index).view_as(x)
    mask = inside[:, None]
    mean = (moved * mask).sum(dim=(2, 3)) / mask.sum(dim=(2, 3)).clamp_min(1)
    colours = jitter_colours(
        mean, rng, brightness=jitter, contrast=jitter, saturation=jitter, hue=jitter, p=1.0
    )
    return torch.where(mask, recolour(moved, colours), x)


def other_textures(x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    """Another image of the batch for each, float (B, C, H, W).

    It is mirrored along each axis, transposed if it is square, and inverted, each with probability
    1/2. A batch of one gives its only image.
    """
    batch = len(x)
    step = torch.randint(1, max(2, batch), (batch,), generator=rng, device=x.device)
    other = x[(torch.arange(batch, device=x.device) + step) % batch]
    other = gate(happens(batch, 0.5, rng), other.flip(2), other)
    other = gate(happens(batch, 0.5, rng), other.flip(3), other)
    if x.shape[2] == x.shape[3]:
        other = gate(happens(batch, 0.5, rng), other.transpose(2, 3), other)
    return gate(happens(batch, 0.5, rng), 1 - other, other)


def _centre(extent: torch.Tensor, side: int, rng: torch.Generator) -> torch.Tensor:
    """float (B,): a random middle of an interval of ``extent`` pixels, float (B,), that lies within
    ``side`` pixels."""
    extent = extent.clamp(max=side)
    return extent / 2 + uniform(len(extent), 0, 1, rng) * (side - extent)


def _planes(values: torch.Tensor) -> torch.Tensor:
    """float (B, 1, 1) of float (B,)."""
    return values[:, None, None]
