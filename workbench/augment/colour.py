"""Colour: what becomes of each pixel's colour, whatever its place.

Affine maps of the colour space are ``LinearColour``, which neighbours fold into one matrix.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from workbench.augment.base import Augmentation, LinearColour
from workbench.augment.parts.colours import gray_matrix, jitter, sometimes, with_offset
from workbench.augment.parts.draws import gate, happens, log_uniform
from workbench.augment.suitability import keeps_colours, like_the_defect, small
from workbench.data.dataset import DataInfo
from workbench.lazy import torch
from workbench.options import option

# The strongest colour shifts of recipes for small images (SimCLR's for CIFAR, appendix B.9).
_SMALL_JITTER = {"brightness": 0.4, "contrast": 0.4, "saturation": 0.4, "hue": 0.1}


@dataclass(frozen=True)
class ColourJitter(LinearColour):
    """Changes brightness, contrast, saturation and hue."""

    name = "color_jitter"
    title = "Shift colours"
    summary = "Change brightness, contrast, saturation and hue by random amounts."
    reference = "Chen et al. 2020, arXiv 2002.05709, appendix A"
    domains = "colour photographs; not where colour is what matters (stains, fruit)"
    invariance_rank = 60

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

    def adapted(self, info: DataInfo) -> ColourJitter | BrightnessContrast:
        """Small images: no stronger than in recipes for CIFAR. Brightness and contrast alone where
        colours are to stay; no change of hue where there are two channels."""
        mild = self
        if small(info):
            limited = {name: min(getattr(self, name), most) for name, most in _SMALL_JITTER.items()}
            mild = dataclasses.replace(self, **limited)
        if keeps_colours(info):
            return BrightnessContrast(mild.brightness, mild.contrast, mild.p)
        return dataclasses.replace(mild, hue=0.0) if info.channels == 2 else mild

    @classmethod
    def invariance_trials(cls, info: DataInfo) -> tuple[Augmentation, ...]:
        """None for gray images, in which it changes brightness and contrast alone."""
        return () if info.channels == 1 else super().invariance_trials(info)

    def colours_of(self, mean: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        return jitter(
            mean,
            rng,
            brightness=self.brightness,
            contrast=self.contrast,
            saturation=self.saturation,
            hue=self.hue,
            p=self.p,
        )


@dataclass(frozen=True)
class BrightnessContrast(LinearColour):
    """Changes brightness and contrast; colours stay."""

    name = "brightness_contrast"
    title = "Brightness and contrast"
    summary = "Change brightness and contrast by random amounts; colours stay."
    reference = "Krizhevsky et al. 2012; Chen et al. 2020, appendix A, without colour"
    domains = "gray pictures, scans, and pictures whose colours matter"
    invariance_rank = 80

    brightness: float = option(
        0.4, label="Brightness", help="Factor from 1 - x to 1 + x.", low=0.0, high=2.0
    )
    contrast: float = option(
        0.4, label="Contrast", help="Factor about the mean gray.", low=0.0, high=2.0
    )
    p: float = option(0.8, label="How often", help="Share of views.", low=0.0, high=1.0)

    def colours_of(self, mean: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        return jitter(
            mean,
            rng,
            brightness=self.brightness,
            contrast=self.contrast,
            saturation=0.0,
            hue=0.0,
            p=self.p,
        )


@dataclass(frozen=True)
class Grayscale(LinearColour):
    """Turns images gray."""

    name = "grayscale"
    title = "Remove colour"
    summary = "Turn some views gray, so that colour alone does not tell."
    reference = "Chen et al. 2020, arXiv 2002.05709, appendix A"
    domains = "colour photographs"
    invariance_rank = 70

    p: float = option(0.2, label="How often", help="Share of views.", low=0.0, high=1.0)

    def warning(self, info: DataInfo) -> str | None:
        if info.channels == 1:
            return "the images are gray already"
        return like_the_defect(info, "a discolouration cannot be seen without colour")

    def adapted(self, info: DataInfo) -> Grayscale | None:
        """Left out where colours are to stay, or there are none."""
        return None if keeps_colours(info) else self

    @classmethod
    def invariance_trials(cls, info: DataInfo) -> tuple[Augmentation, ...]:
        """None for gray images, which it does not change."""
        return () if info.channels == 1 else super().invariance_trials(info)

    def colours_of(self, mean: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        batch, channels = mean.shape
        gray = with_offset(gray_matrix(channels, mean), batch)
        return sometimes(gray, happens(batch, self.p, rng))


@dataclass(frozen=True)
class Invert(LinearColour):
    """Turns light to dark and dark to light."""

    name = "invert"
    title = "Negative"
    summary = "Turn light to dark and dark to light."
    reference = "Cubuk et al. 2018, arXiv 1805.09501"
    domains = "drawings and writing"
    invariance_rank = 90

    p: float = option(0.5, label="How often", help="Share of views.", low=0.0, high=1.0)

    def colours_of(self, mean: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        batch, channels = mean.shape
        negative = with_offset(-torch.eye(channels, device=mean.device), batch)
        negative[:, :, channels] = 1.0
        return sometimes(negative, happens(batch, self.p, rng))


@dataclass(frozen=True)
class ChannelDrop(LinearColour):
    """Empties one channel; never the only one."""

    name = "channel_drop"
    title = "Drop a channel"
    summary = "Empty one channel, so that the others have to do."
    reference = "Doersch et al. 2015, arXiv 1505.05192, section 3.1"
    domains = "colour photographs, fluorescence channels"

    p: float = option(0.2, label="How often", help="Share of views.", low=0.0, high=1.0)

    def warning(self, info: DataInfo) -> str | None:
        if info.channels == 1:
            return "the images have one channel, which is never dropped"
        return like_the_defect(info, "an empty channel looks like a discolouration")

    def adapted(self, info: DataInfo) -> ChannelDrop | None:
        """Left out where colours are to stay, or there are none."""
        return None if keeps_colours(info) else self

    def colours_of(self, mean: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        batch, channels = mean.shape
        dropped = torch.randint(channels, (batch,), generator=rng, device=rng.device)
        applied = happens(batch, self.p if channels > 1 else 0.0, rng)
        kept = 1.0 - torch.nn.functional.one_hot(dropped, channels).float()
        return sometimes(with_offset(kept.diag_embed(), batch), applied)


@dataclass(frozen=True)
class _Curve(Augmentation):
    """A colour map that is not affine: a curve over each channel."""

    family = "colour"
    modalities = ("image",)


@dataclass(frozen=True)
class Solarize(_Curve):
    """Inverts bright values."""

    name = "solarize"
    title = "Solarize"
    summary = "Invert everything brighter than a threshold."
    reference = "Grill et al. 2020, arXiv 2006.07733, appendix B"
    domains = "colour photographs"

    threshold: float = option(
        0.5, label="Threshold", help="Values from here on are inverted.", low=0.0, high=1.0
    )
    p: float = option(0.2, label="How often", help="Share of views.", low=0.0, high=1.0)

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        inverted = torch.where(x >= self.threshold, 1 - x, x)
        return gate(happens(len(x), self.p, rng), inverted, x)


@dataclass(frozen=True)
class Posterize(_Curve):
    """Rounds each channel to a few shades."""

    name = "posterize"
    title = "Fewer shades"
    summary = "Round each channel to a few shades."
    reference = "Cubuk et al. 2018, arXiv 1805.09501"
    domains = "photographs"

    bits: int = option(4, label="Bits", help="2 to this power shades remain.", low=1, high=8)
    p: float = option(0.2, label="How often", help="Share of views.", low=0.0, high=1.0)

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        steps = 2**self.bits - 1
        return gate(happens(len(x), self.p, rng), (x * steps).round() / steps, x)


@dataclass(frozen=True)
class Gamma(_Curve):
    """Lightens or darkens the midtones; black and white stay."""

    name = "gamma"
    title = "Midtones"
    summary = "Lighten or darken the midtones; black and white stay."
    reference = "Isensee et al. 2021 (nnU-Net), arXiv 1904.08128"
    domains = "scans, gray pictures, photographs"

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
