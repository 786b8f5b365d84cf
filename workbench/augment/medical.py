"""Medical images: what scanners and bodies do to an image.

What they do to lines of Fourier space is in ``workbench.augment.medical_kspace``. Lengths are
shares of the image's side, as images have any size; TorchIO's are millimetres of a body of about
256.
"""

from __future__ import annotations

from dataclasses import dataclass

from workbench.augment.base import Augmentation
from workbench.augment.parts.draws import gate, happens, log_uniform, uniform
from workbench.augment.parts.passes import sampling_grid
from workbench.data.dataset import DataInfo
from workbench.lazy import F, torch
from workbench.options import option

_TORCHIO = "Pérez-García et al. 2021 (TorchIO), arXiv 2003.04696"
# Fewer lines than this along an axis show no organ.
_FEWEST_LINES = 8
# A cell that covers no more of a line than this covers none: it is rounding.
_EMPTY = 1e-3


@dataclass(frozen=True)
class MedicalAugmentation(Augmentation):
    """Base of the family. scanner: the kind whose images show this, if it is one alone."""

    family = "medical"
    modalities = ("image",)
    scanner = ""

    def warning(self, info: DataInfo) -> str | None:
        if not self.scanner or info.channels != 3:
            return None
        return f"it is a matter of {self.scanner}, whose pictures are gray, and these have colour"

    def adapted(self, info: DataInfo) -> Augmentation | None:
        """What belongs to one kind of scanner is left out of colour images: theirs are gray."""
        return None if self.scanner and info.channels == 3 else self


@dataclass(frozen=True)
class BiasField(MedicalAugmentation):
    """Multiplies by a smooth field, as an uneven coil does."""

    name = "bias_field"
    title = "Uneven brightness (MRI)"
    summary = "Multiply by a smooth field, as an uneven coil does: a polynomial."
    reference = f"Van Leemput et al. 1999; {_TORCHIO}"
    domains = "MRI; not CT or X-ray, whose brightness means density"
    scanner = "MRI"

    coefficients: float = option(
        0.3,
        label="Strength",
        help="Largest coefficient of the polynomial, whose exponential the field is.",
        low=0.0,
        high=2.0,
    )
    order: int = option(3, label="Order", help="Degree of the polynomial.", low=1, high=5)
    p: float = option(0.5, label="How often", help="Share of views.", low=0.0, high=1.0)

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        """Scaled so that the brightest value stays: MRI has no units, and nothing is clipped."""
        batch, _, height, width = x.shape
        down, across = (torch.linspace(-1, 1, side, device=x.device) for side in (height, width))
        # Without the constant term, which is another brightness and no uneven one.
        powers = [(i, j) for i in range(self.order + 1) for j in range(self.order + 1 - i)][1:]
        terms = torch.stack([down[:, None] ** i * across[None, :] ** j for i, j in powers])
        draws = uniform((batch, len(powers)), -self.coefficients, self.coefficients, rng)
        shaded = x * (draws @ terms.flatten(1)).exp().view(batch, 1, height, width)
        brightest, before = (each.amax(dim=(1, 2, 3), keepdim=True) for each in (shaded, x))
        scaled = shaded * (before / brightest.clamp_min(torch.finfo(x.dtype).tiny))
        return gate(happens(batch, self.p, rng), scaled.clamp(0, 1), x)


@dataclass(frozen=True)
class RicianNoise(MedicalAugmentation):
    """Adds the noise of a magnitude of two noisy parts."""

    name = "rician_noise"
    title = "Rician noise (MRI)"
    summary = (
        "Noise of a magnitude: like Gaussian where it is bright, a gray veil where it is dark."
    )
    reference = "Gudbjartsson & Patz 1995"
    domains = "MRI"
    scanner = "MRI"

    sigma: tuple[float, float] = option(
        (0.0, 0.1),
        label="Strength",
        help="Smallest and largest standard deviation of each of the two parts; white is 1.",
        low=0.0,
        high=1.0,
    )
    p: float = option(0.5, label="How often", help="Share of views.", low=0.0, high=1.0)

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        """sqrt((x + n1)^2 + n2^2) of Gaussian n1 and n2."""
        sigma = uniform(len(x), *self.sigma, rng) * happens(len(x), self.p, rng)
        noise = torch.randn((2, *x.shape), generator=rng, device=rng.device)
        real, imaginary = noise * sigma.view(-1, 1, 1, 1)
        return torch.hypot(x + real, imaginary).clamp_(0, 1)


@dataclass(frozen=True)
class PoissonNoise(MedicalAugmentation):
    """Adds the noise of counting rays."""

    name = "poisson_noise"
    title = "Counting noise"
    summary = "Noise of too few rays or too little light: stronger where brighter."
    reference = "Foi et al. 2008"
    domains = "X-ray, CT, fluorescence microscopy, photographs in the dark"

    counts: tuple[float, float] = option(
        (100.0, 1000.0),
        label="Counts",
        help="Smallest and largest number of counts that white stands for; fewer are noisier.",
        low=10.0,
        high=100_000.0,
    )
    p: float = option(0.5, label="How often", help="Share of views.", low=0.0, high=1.0)

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        """A Gaussian with the mean and variance of the counts; from ten counts on it is close."""
        batch = len(x)
        spread = log_uniform(batch, *self.counts, rng).rsqrt() * happens(batch, self.p, rng)
        noise = torch.randn(x.shape, generator=rng, device=rng.device)
        return (x + spread.view(-1, 1, 1, 1) * x.sqrt() * noise).clamp_(0, 1)


@dataclass(frozen=True)
class LowResolution(MedicalAugmentation):
    """Makes the image coarser along one axis; the size stays."""

    name = "low_resolution"
    title = "Coarse along one axis"
    summary = "Coarser along one axis, as thick slices are; the size stays."
    reference = f"Billot et al. 2020, arXiv 2003.01995; {_TORCHIO}"
    domains = "MRI, CT, ultrasound, microscopy, all pictures of mixed resolution"

    factor: tuple[float, float] = option(
        (1.5, 4.0),
        label="Factor",
        help="Smallest and largest number of lines that become one.",
        low=1.0,
        high=16.0,
    )
    p: float = option(0.5, label="How often", help="Share of views.", low=0.0, high=1.0)

    def warning(self, info: DataInfo) -> str | None:
        if info.size is None or min(info.size) >= _FEWEST_LINES * self.factor[1]:
            return None
        return (
            f"of {min(info.size)} lines as few as {max(1, int(min(info.size) / self.factor[1]))} "
            "are left, where little is left to recognise"
        )

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        """Means over cells of ``factor`` lines, then linear interpolation between their centres."""
        batch, _, height, width = x.shape
        factor = uniform(batch, *self.factor, rng)
        factor = torch.where(happens(batch, self.p, rng), factor, 1.0)
        upright = happens(batch, 0.5, rng)
        rows = _coarser(height, torch.where(upright, factor, 1.0))
        columns = _coarser(width, torch.where(upright, 1.0, factor))
        return (rows[:, None] @ x @ columns[:, None].mT).clamp_(0, 1)


@dataclass(frozen=True)
class Elastic(MedicalAugmentation):
    """Pushes the image about, like soft tissue."""

    name = "elastic"
    title = "Push and pull"
    summary = "Push the picture about at a few control points; its border stays."
    reference = f"Simard et al. 2003; {_TORCHIO}"
    domains = "soft tissue in MRI, CT and microscopy; writing; not X-rays of bone"

    points: int = option(
        7,
        label="Control points",
        help="A side; those on the border do not move.",
        low=4,
        high=20,
    )
    share: float = option(
        0.02,
        label="Shift",
        help="Largest shift of a control point, as a share of width and height.",
        low=0.0,
        high=0.2,
    )
    p: float = option(0.5, label="How often", help="Share of views.", low=0.0, high=1.0)

    def warning(self, info: DataInfo) -> str | None:
        spacing = 1 / (self.points - 1)
        if self.share > spacing / 2:
            return (
                f"shifts of {self.share:g} of the side, over half the distance of its control "
                f"points ({spacing:.2g}), fold the picture over itself"
            )
        if info.size is not None and self.share * min(info.size) < 0.5:
            return (
                f"shifts of at most {self.share * min(info.size):.1f} pixels cannot be seen in "
                f"images of {min(info.size)} pixels a side"
            )
        return None

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        """Cubic between control points; where it overshoots, it is cut off at the largest shift."""
        batch, _, height, width = x.shape
        inner = self.points - 2
        # Coordinates run from -1 to 1, so that a share of the side counts twice.
        most = 2 * self.share
        shifts = uniform((batch, 2, inner, inner), -most, most, rng)
        shifts = F.pad(shifts * happens(batch, self.p, rng).view(-1, 1, 1, 1), (1, 1, 1, 1))
        field = F.interpolate(shifts, (height, width), mode="bicubic", align_corners=True)
        still = sampling_grid(torch.eye(3, device=x.device)[None], height, width)
        grid = still + field.clamp(-most, most).permute(0, 2, 3, 1)
        view = F.grid_sample(x, grid, padding_mode="border", align_corners=False)
        return view.clamp_(0, 1)


@dataclass(frozen=True)
class IntensityWindow(MedicalAugmentation):
    """Shows another range of densities from black to white."""

    name = "intensity_window"
    title = "Shift the window (CT)"
    summary = "Show a part of the densities, from black to white, as a window does."
    reference = "Lee et al. 2018, arXiv 1812.00572"
    domains = "CT, X-ray; MRI where contrast differs between scanners"
    scanner = "CT and X-ray"

    width: tuple[float, float] = option(
        (0.7, 1.2),
        label="Width",
        help="Smallest and largest, where 1 is all from black to white. Narrower cuts off more.",
        low=0.05,
        high=4.0,
    )
    level: float = option(
        0.1,
        label="Shift",
        help="Largest shift of the window's centre, up or down.",
        low=0.0,
        high=0.5,
    )
    p: float = option(0.5, label="How often", help="Share of views.", low=0.0, high=1.0)

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        batch = len(x)
        width = uniform(batch, *self.width, rng).view(-1, 1, 1, 1)
        level = uniform(batch, 0.5 - self.level, 0.5 + self.level, rng).view(-1, 1, 1, 1)
        shown = ((x - level) / width + 0.5).clamp_(0, 1)
        return gate(happens(batch, self.p, rng), shown, x)


def _coarser(side: int, factor: torch.Tensor) -> torch.Tensor:
    """float (B, side, side): maps lines to lines of which ``factor``, float (B,), became one.

    Row i holds the weights of all lines in line i, of sum 1. The identity where the factor is 1.
    """
    lines = cells = torch.arange(side, device=factor.device)
    each = factor.view(-1, 1, 1)
    begin, end = cells[:, None] * each, (cells[:, None] + 1) * each
    overlap = (torch.minimum(end, lines + 1.0) - torch.maximum(begin, lines + 0.0)).clamp_min(0)
    covered = overlap.sum(dim=2, keepdim=True)
    down = overlap / covered.clamp_min(_EMPTY)
    last = (covered > _EMPTY).sum(dim=1, keepdim=True) - 1
    place = torch.minimum(((lines[:, None] + 0.5) / each - 0.5).clamp_min(0), last)
    up = (1 - (place - cells).abs()).clamp_min(0)
    return up @ down
