"""Noise and blur: they spoil fine detail, so that it cannot be all that is learned."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from workbench.augment.base import Augmentation
from workbench.augment.parts.draws import gate, happens, uniform
from workbench.augment.suitability import (
    RECIPE_SIDE,
    SMALL_SIDE,
    like_the_defect,
    shorter_side,
)
from workbench.data.dataset import DataInfo
from workbench.lazy import F, torch
from workbench.options import option

# A blur wider than this share of the side leaves blots.
_WIDEST_BLUR = 1 / 16
# From this width in pixels on a blur wipes out scratches, which are a pixel or two wide.
_SCRATCH = 1.0
# A width in pixels so small that it blurs nothing.
_SHARP = 1e-2
# Beyond this many standard deviations a blur's weights are next to nothing.
_REACH = 3.0


@dataclass(frozen=True)
class _Noise(Augmentation):
    """Base of the family."""

    family = "noise"
    modalities = ("image",)


@dataclass(frozen=True)
class GaussianBlur(_Noise):
    """Blurs by a random width."""

    name = "gaussian_blur"
    title = "Blur"
    summary = "Blur some views by a random width."
    reference = "Chen et al. 2020, arXiv 2002.05709, appendix A"
    domains = "photographs of more than 32 pixels a side; not textures"
    invariance_rank = 100

    sigma: tuple[float, float] = option(
        (0.1, 1.0),
        label="Width",
        help="Smallest and largest standard deviation, in pixels.",
        low=0.0,
        high=20.0,
    )
    p: float = option(0.5, label="How often", help="Share of views.", low=0.0, high=1.0)

    def warning(self, info: DataInfo) -> str | None:
        if info.size is not None and self.sigma[1] > _WIDEST_BLUR * min(info.size):
            return (
                f"a blur of {self.sigma[1]:g} pixels leaves little of images of "
                f"{min(info.size)} pixels a side"
            )
        if self.sigma[1] < _SCRATCH:
            return None
        return like_the_defect(info, "a blur wipes out a defect as fine as a scratch")

    def adapted(self, info: DataInfo) -> GaussianBlur | None:
        """Scaled to the side. Left out of images of at most 32 pixels, which have no detail to blur
        away, and where training is normals only: it may wipe out a defect."""
        side = shorter_side(info)
        if side <= SMALL_SIDE or info.normal is not None:
            return None
        low, high = self.sigma
        scaled = round(high * min(1.0, side / RECIPE_SIDE), 2)
        return dataclasses.replace(self, sigma=(low, max(low, scaled)))

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        """Two passes, down and across, with the weights of each sample; edges are mirrored."""
        batch, channels, height, width = x.shape
        sigma = uniform(batch, *self.sigma, rng)
        sigma = torch.where(happens(batch, self.p, rng), sigma, 0.0).clamp_min(_SHARP)
        radius = min(math.ceil(_REACH * self.sigma[1]), height - 1, width - 1)
        weights = _weights(radius, sigma).repeat_interleave(channels, dim=0)
        padded = F.pad(x, (radius,) * 4, mode="reflect").flatten(0, 1)[None]
        down = F.conv2d(padded, weights[:, None, :, None], groups=batch * channels)
        across = F.conv2d(down, weights[:, None, None, :], groups=batch * channels)
        return across.view_as(x).clamp_(0, 1)


@dataclass(frozen=True)
class GaussianNoise(_Noise):
    """Adds Gaussian noise to every value."""

    name = "gaussian_noise"
    title = "Noise"
    summary = "Add random noise to every pixel."
    reference = "Vincent et al. 2008"
    domains = "scans, microscopy, all pictures with noise of their own"
    invariance_rank = 110

    sigma: tuple[float, float] = option(
        (0.0, 0.1),
        label="Strength",
        help="Smallest and largest standard deviation, where white is 1.",
        low=0.0,
        high=1.0,
    )
    p: float = option(1.0, label="How often", help="Share of views.", low=0.0, high=1.0)

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        sigma = uniform(len(x), *self.sigma, rng) * happens(len(x), self.p, rng)
        noise = torch.randn(x.shape, generator=rng, device=rng.device)
        return (x + sigma.view(-1, 1, 1, 1) * noise).clamp_(0, 1)


@dataclass(frozen=True)
class SaltPepper(_Noise):
    """Turns a share of the pixels white or black."""

    name = "salt_pepper"
    title = "Salt and pepper"
    summary = "Turn a share of the pixels white or black."
    reference = "Vincent et al. 2010, section 3.2"
    domains = "writing, drawings, faulty sensors"

    share: float = option(
        0.05, label="Share of pixels", help="Half of them white, half black.", low=0.0, high=1.0
    )
    p: float = option(0.5, label="How often", help="Share of views.", low=0.0, high=1.0)

    def warning(self, info: DataInfo) -> str | None:
        return like_the_defect(info, "a dot looks like a defect")

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        draw = uniform((len(x), 1, *x.shape[2:]), 0, 1, rng)
        dots = torch.where(draw < self.share / 2, 0.0, 1.0).expand_as(x)
        return gate(happens(len(x), self.p, rng), torch.where(draw < self.share, dots, x), x)


def _weights(radius: int, sigma: torch.Tensor) -> torch.Tensor:
    """float (B, 2 * radius + 1): a Gaussian of sum 1 for each standard deviation, float (B,)."""
    distance = torch.arange(-radius, radius + 1, device=sigma.device).square().float()
    return torch.softmax(-distance / (2 * sigma.square())[:, None], dim=1)
