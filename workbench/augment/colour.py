"""Colour: what becomes of each pixel's colour, whatever its place.

Those that are affine maps of the colour space are ``LinearColour``: what they need to know of a
picture is its mean colour, so that neighbours fold into one matrix exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from workbench.augment.base import Augmentation, ColourAugmentation
from workbench.augment.parts.draws import gate, happens, log_uniform, uniform
from workbench.augment.suitability import like_the_defect
from workbench.lazy import lazy
from workbench.options import option
from workbench.registry import Modality

if TYPE_CHECKING:
    import torch

    from workbench.data.dataset import DataInfo
else:
    torch = lazy("torch")

# ITU-R BT.601: how bright red, green and blue look.
_LUMA = (0.299, 0.587, 0.114)
# NTSC's YIQ: brightness and the plane of hues, which a change of hue turns.
_YIQ = (_LUMA, (0.596, -0.274, -0.322), (0.211, -0.523, 0.312))
_RGB = tuple(map(tuple, np.linalg.inv(np.array(_YIQ)).tolist()))


@dataclass(frozen=True)
class LinearColour(ColourAugmentation):
    """A colour map that knows no more of a picture than its mean colour."""

    family: ClassVar[str] = "colour"
    modalities: ClassVar[tuple[Modality, ...]] = ("image",)

    def colours_of(self, mean: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        """float (B, C, C + 1) as ``colours``; mean: float (B, C), the mean colour of each."""
        raise NotImplementedError

    def colours(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        return self.colours_of(x.mean(dim=(2, 3)), rng)


@dataclass(frozen=True)
class ColourJitter(LinearColour):
    """Brightness, contrast, saturation and hue."""

    name: ClassVar[str] = "color_jitter"
    title: ClassVar[str] = "Shift colours"
    summary: ClassVar[str] = "Change brightness, contrast, saturation and hue by random amounts."
    reference: ClassVar[str] = "Chen et al. 2020, arXiv 2002.05709, appendix A"
    domains: ClassVar[str] = "colour photographs; not where colour is what matters (stains, fruit)"

    brightness: float = option(
        0.4, label="Brightness", help="Factor from 1 - x to 1 + x.", low=0.0, high=2.0
    )
    contrast: float = option(
        0.4, label="Contrast", help="Factor about the mean gray.", low=0.0, high=2.0
    )
    saturation: float = option(
        0.4, label="Saturation", help="Factor about each pixel's gray.", low=0.0, high=2.0
    )
    hue: float = option(
        0.1,
        label="Hue",
        help="Largest turn of the colour circle, as a share of it, to either side.",
        low=0.0,
        high=0.5,
    )
    p: float = option(0.8, label="How often", help="Share of views.", low=0.0, high=1.0)

    def warning(self, info: DataInfo) -> str | None:
        if info.channels == 1 and (self.saturation or self.hue):
            return "the images are gray, so saturation and hue change nothing"
        if info.channels not in (None, 1, 3) and self.hue:
            return f"the images have {info.channels} channels, so hue changes nothing"
        if not self.saturation and not self.hue:
            return None
        return like_the_defect(info, "a change of colour looks like a discolouration")

    def colours_of(self, mean: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        """Brightness, contrast, saturation, hue, in this order (torchvision shuffles them)."""
        batch, channels = mean.shape
        ranges = (self.brightness, self.contrast, self.saturation)
        bright, contrast, saturation = (_factor(batch, size, rng) for size in ranges)
        turn = uniform(batch, -self.hue, self.hue, rng) * (2 * math.pi)
        gray = _gray(channels, mean)
        eye = torch.eye(channels, device=mean.device)
        colour = _mix(eye, gray, saturation)
        if channels == 3:
            colour = _hue(turn, mean) @ colour
        linear = colour * (bright * contrast)[:, None, None]
        level = (mean @ gray[0]) * bright * (1 - contrast)
        offset = colour @ level[:, None].expand(-1, channels)[:, :, None]
        return _sometimes(torch.cat([linear, offset], dim=2), happens(batch, self.p, rng))


@dataclass(frozen=True)
class BrightnessContrast(LinearColour):
    """Brightness and contrast alone."""

    name: ClassVar[str] = "brightness_contrast"
    title: ClassVar[str] = "Brightness and contrast"
    summary: ClassVar[str] = "Change brightness and contrast by random amounts; colours stay."
    reference: ClassVar[str] = (
        "Krizhevsky et al. 2012; Chen et al. 2020, appendix A, without colour"
    )
    domains: ClassVar[str] = "gray pictures, scans, and pictures whose colours matter"

    brightness: float = option(
        0.4, label="Brightness", help="Factor from 1 - x to 1 + x.", low=0.0, high=2.0
    )
    contrast: float = option(
        0.4, label="Contrast", help="Factor about the mean gray.", low=0.0, high=2.0
    )
    p: float = option(0.8, label="How often", help="Share of views.", low=0.0, high=1.0)

    def colours_of(self, mean: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        jitter = ColourJitter(self.brightness, self.contrast, 0.0, 0.0, self.p)
        return jitter.colours_of(mean, rng)


@dataclass(frozen=True)
class Grayscale(LinearColour):
    """Colours to grays."""

    name: ClassVar[str] = "grayscale"
    title: ClassVar[str] = "Remove colour"
    summary: ClassVar[str] = "Turn some views gray, so that colour alone does not tell."
    reference: ClassVar[str] = "Chen et al. 2020, arXiv 2002.05709, appendix A"
    domains: ClassVar[str] = "colour photographs"

    p: float = option(0.2, label="How often", help="Share of views.", low=0.0, high=1.0)

    def warning(self, info: DataInfo) -> str | None:
        if info.channels == 1:
            return "the images are gray already"
        return like_the_defect(info, "a discolouration cannot be seen without colour")

    def colours_of(self, mean: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        batch, channels = mean.shape
        return _sometimes(_with_offset(_gray(channels, mean), batch), happens(batch, self.p, rng))


@dataclass(frozen=True)
class Invert(LinearColour):
    """Light to dark."""

    name: ClassVar[str] = "invert"
    title: ClassVar[str] = "Negative"
    summary: ClassVar[str] = "Turn light to dark and dark to light."
    reference: ClassVar[str] = "Cubuk et al. 2018, arXiv 1805.09501"
    domains: ClassVar[str] = "drawings and writing"

    p: float = option(0.5, label="How often", help="Share of views.", low=0.0, high=1.0)

    def colours_of(self, mean: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        batch, channels = mean.shape
        negative = _with_offset(-torch.eye(channels, device=mean.device), batch)
        negative[:, :, channels] = 1.0
        return _sometimes(negative, happens(batch, self.p, rng))


@dataclass(frozen=True)
class ChannelDrop(LinearColour):
    """One colour channel left out."""

    name: ClassVar[str] = "channel_drop"
    title: ClassVar[str] = "Drop a channel"
    summary: ClassVar[str] = "Empty one channel, so that the others have to do."
    reference: ClassVar[str] = "Doersch et al. 2015, arXiv 1505.05192, section 3.1"
    domains: ClassVar[str] = "colour photographs, fluorescence channels"

    p: float = option(0.2, label="How often", help="Share of views.", low=0.0, high=1.0)

    def warning(self, info: DataInfo) -> str | None:
        if info.channels == 1:
            return "the images have one channel, which is never dropped"
        return like_the_defect(info, "an empty channel looks like a discolouration")

    def colours_of(self, mean: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        batch, channels = mean.shape
        dropped = torch.randint(channels, (batch,), generator=rng, device=rng.device)
        applied = happens(batch, self.p if channels > 1 else 0.0, rng)
        kept = 1.0 - torch.nn.functional.one_hot(dropped, channels).float()
        return _sometimes(_with_offset(kept.diag_embed(), batch), applied)


@dataclass(frozen=True)
class _Curve(Augmentation):
    """A colour map that is not affine."""

    family: ClassVar[str] = "colour"
    modalities: ClassVar[tuple[Modality, ...]] = ("image",)


@dataclass(frozen=True)
class Solarize(_Curve):
    """Bright values inverted."""

    name: ClassVar[str] = "solarize"
    title: ClassVar[str] = "Solarize"
    summary: ClassVar[str] = "Invert everything brighter than a threshold."
    reference: ClassVar[str] = "Grill et al. 2020, arXiv 2006.07733, appendix B"
    domains: ClassVar[str] = "colour photographs"

    threshold: float = option(
        0.5, label="Threshold", help="Values from here on are inverted.", low=0.0, high=1.0
    )
    p: float = option(0.2, label="How often", help="Share of views.", low=0.0, high=1.0)

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        inverted = torch.where(x >= self.threshold, 1 - x, x)
        return gate(happens(len(x), self.p, rng), inverted, x)


@dataclass(frozen=True)
class Posterize(_Curve):
    """Few steps of brightness."""

    name: ClassVar[str] = "posterize"
    title: ClassVar[str] = "Fewer shades"
    summary: ClassVar[str] = "Round each channel to a few shades."
    reference: ClassVar[str] = "Cubuk et al. 2018, arXiv 1805.09501"
    domains: ClassVar[str] = "photographs"

    bits: int = option(4, label="Bits", help="2 to this power shades remain.", low=1, high=8)
    p: float = option(0.2, label="How often", help="Share of views.", low=0.0, high=1.0)

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        steps = 2**self.bits - 1
        return gate(happens(len(x), self.p, rng), (x * steps).round() / steps, x)


@dataclass(frozen=True)
class Gamma(_Curve):
    """Lighter or darker midtones."""

    name: ClassVar[str] = "gamma"
    title: ClassVar[str] = "Midtones"
    summary: ClassVar[str] = "Lighten or darken the midtones; black and white stay."
    reference: ClassVar[str] = "Isensee et al. 2021 (nnU-Net), arXiv 1904.08128"
    domains: ClassVar[str] = "scans, gray pictures, photographs"

    gamma: tuple[float, float] = option(
        (0.7, 1.5),
        label="Exponent",
        help="Smallest and largest; below 1 lightens. Even on a logarithmic scale.",
        low=0.1,
        high=10.0,
    )
    p: float = option(0.5, label="How often", help="Share of views.", low=0.0, high=1.0)

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        exponent = log_uniform(len(x), *self.gamma, rng)
        return gate(happens(len(x), self.p, rng), x ** exponent.view(-1, 1, 1, 1), x)


@cache
def _constant(values: Any, device: torch.device) -> torch.Tensor:
    """``values`` as a tensor; kept, for a GPU would wait for each copy."""
    return torch.tensor(values, device=device)


def _factor(batch: int, size: float, rng: torch.Generator) -> torch.Tensor:
    """float (B,), from 1 - size (at least 0) to 1 + size, as torchvision's jitter."""
    return uniform(batch, max(0.0, 1 - size), 1 + size, rng)


def _gray(channels: int, like: torch.Tensor) -> torch.Tensor:
    """float (C, C): every channel becomes the brightness of the pixel."""
    weights = _LUMA if channels == 3 else (1 / channels,) * channels
    return _constant(weights, like.device).expand(channels, channels)


def _mix(first: torch.Tensor, second: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
    """float (B, C, C): ``share`` of the first matrix and the rest of the second."""
    return second + share[:, None, None] * (first - second)


def _hue(turn: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """float (B, 3, 3): colours turned about the gray axis by ``turn``, float (B,), radians.

    A turn of the plane of hues in YIQ: brightness stays, a whole turn is the identity.
    """
    enter, leave = _constant(_YIQ, like.device), _constant(_RGB, like.device)
    cosine, sine, one = turn.cos(), turn.sin(), torch.ones_like(turn)
    zero = torch.zeros_like(turn)
    rows = (one, zero, zero, zero, cosine, -sine, zero, sine, cosine)
    plane = torch.stack(rows, dim=1).view(-1, 3, 3)
    turned: torch.Tensor = leave @ plane @ enter
    return turned


def _with_offset(linear: torch.Tensor, batch: int) -> torch.Tensor:
    """float (B, C, C + 1) of float (C, C) or (B, C, C), with no offset."""
    linear = linear.expand(batch, *linear.shape[-2:])
    return torch.cat([linear, torch.zeros_like(linear[:, :, :1])], dim=2)


def _sometimes(matrices: torch.Tensor, applied: torch.Tensor) -> torch.Tensor:
    """The matrices where ``applied``, bool (B,), holds, and the identity elsewhere."""
    channels = matrices.shape[1]
    identity = torch.eye(channels, channels + 1, device=matrices.device)
    return torch.where(applied[:, None, None], matrices, identity)
