"""Faults in Fourier space (k-space), where MRI scanners collect an image line by line."""

from __future__ import annotations

import math
from dataclasses import dataclass

from workbench.augment.medical import MedicalAugmentation
from workbench.augment.parts.draws import gate, happens, uniform
from workbench.augment.parts.matrices import random_shift, random_turn
from workbench.augment.parts.passes import sampling_grid
from workbench.lazy import F, torch
from workbench.options import option

_TORCHIO = "Pérez-García et al. 2021 (TorchIO), arXiv 2003.04696"


@dataclass(frozen=True)
class _FourierSpace(MedicalAugmentation):
    """Base of the family."""

    domains = "MRI"
    scanner = "MRI"


@dataclass(frozen=True)
class Ghosting(_FourierSpace):
    """Adds faint copies of the image."""

    name = "ghosting"
    title = "Ghosts (MRI)"
    summary = "Faint shifted copies, as breathing or a pulse leaves them."
    reference = f"after {_TORCHIO}, which weakens lines"

    copies: tuple[float, float] = option(
        (2.0, 6.0),
        label="Copies",
        help="Smallest and largest number, the picture among them; never more than half the lines.",
        low=2.0,
        high=32.0,
    )
    degrees: tuple[float, float] = option(
        (10.0, 60.0),
        label="Error of phase",
        help="Smallest and largest, in degrees; at 60 each ghost is one part in so many copies.",
        low=0.0,
        high=180.0,
    )
    p: float = option(0.5, label="How often", help="Share of views.", low=0.0, high=1.0)

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        """Every n-th line along one axis is out of phase, as periodic motion leaves it.

        That gives n copies, an n-th of the side apart. Each ghost has |exp(i error) - 1| / n of the
        image's brightness. TorchIO weakens the lines instead and leaves the centre as it is, which
        shows in outlines alone.
        """
        batch, _, height, width = x.shape
        copies = uniform(batch, *self.copies, rng).round().view(-1, 1)
        error = uniform(batch, *self.degrees, rng).view(-1, 1) * (math.pi / 180)
        upright = happens(batch, 0.5, rng).view(-1, 1, 1, 1)
        errors = []
        for side in (height, width):
            concerned = _lines(side, x) % copies.clamp(max=max(2, side // 2)) == 0
            errors.append(error * concerned)
        phase = torch.where(upright, errors[0][:, None, :, None], errors[1][:, None, None, :])
        space = torch.fft.fft2(x) * torch.polar(torch.ones_like(phase), phase)
        return gate(happens(batch, self.p, rng), _magnitude(space), x)


@dataclass(frozen=True)
class Motion(_FourierSpace):
    """Mixes lines of a patient who moves."""

    name = "motion"
    title = "Moving patient (MRI)"
    summary = "Mix lines of Fourier space from turned and shifted copies."
    reference = f"Shaw et al. 2019; {_TORCHIO}"

    moves: int = option(2, label="Moves", help="How often the patient moves.", low=1, high=8)
    degrees: float = option(
        10.0, label="Degrees", help="Largest turn, to either side.", low=0.0, high=90.0
    )
    share: float = option(
        0.04,
        label="Shift",
        help="Largest shift, as a share of width and height.",
        low=0.0,
        high=0.5,
    )
    p: float = option(0.5, label="How often", help="Share of views.", low=0.0, high=1.0)

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        """Lines are collected one after another; each stretch shows the patient in one position.

        The stretch with the centre, which holds most of the image, shows the patient unmoved.
        """
        batch, _, height, width = x.shape
        stretch = self._stretches(batch, (height, width), x, rng)
        space = torch.zeros_like(x, dtype=torch.complex64)
        for index in range(self.moves + 1):
            moved = x if index == 0 else self._moved(x, rng)
            space = space + torch.fft.fft2(moved) * (stretch == index)
        return gate(happens(batch, self.p, rng), _magnitude(space), x)

    def _moved(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        size = (x.shape[2], x.shape[3])
        turn = random_turn(len(x), self.degrees, size, rng)
        shift = random_shift(len(x), self.share, rng)
        grid = sampling_grid((turn @ shift).to(x.dtype), *size)
        return F.grid_sample(x, grid, padding_mode="border", align_corners=False)

    def _stretches(
        self, batch: int, size: tuple[int, int], x: torch.Tensor, rng: torch.Generator
    ) -> torch.Tensor:
        """int64 (B, 1, H, W): the position in which each place of Fourier space was collected.

        0 is the unmoved patient, 1 to ``moves`` are the others.
        """
        times = uniform((batch, 1, self.moves), 0, 1, rng)
        centre = (times < 0.5).sum(dim=2)
        upright = happens(batch, 0.5, rng).view(-1, 1, 1, 1)
        by_axis = []
        for side in size:
            when = (_lines(side, x) / side + 0.5).view(1, -1, 1)
            index = (times < when).sum(dim=2)
            # The stretch with the centre and the first one swap their numbers.
            swapped = torch.where(index == 0, centre, index)
            by_axis.append(torch.where(index == centre, 0, swapped))
        rows, columns = by_axis[0][:, None, :, None], by_axis[1][:, None, None, :]
        return torch.where(upright, rows, columns)


@dataclass(frozen=True)
class KSpaceSpike(_FourierSpace):
    """Adds stripes, as a spark in the scanner does."""

    name = "kspace_spike"
    title = "Stripes from a spark (MRI)"
    summary = "Stripes over all: one point of Fourier space that is far too bright."
    reference = _TORCHIO

    spikes: int = option(1, label="Spikes", help="How many points are too bright.", low=1, high=8)
    intensity: tuple[float, float] = option(
        (0.1, 0.5),
        label="Strength",
        help="Height of the stripes, at least and at most, as a share of the mean brightness.",
        low=0.0,
        high=3.0,
    )
    p: float = option(0.5, label="How often", help="Share of views.", low=0.0, high=1.0)

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        """A point of Fourier space is a wave over the image, so waves are added to the image.

        Strength follows Albumentations. TorchIO's, 1 to 3, would leave only black and white.
        """
        batch, _, height, width = x.shape
        phase = uniform((batch, self.spikes, 1, 1), 0, 2 * math.pi, rng)
        for side, shape in ((height, (-1, 1)), (width, (1, -1))):
            waves = (uniform((batch, self.spikes, 1, 1), -0.5, 0.5, rng) * side).round()
            places = torch.arange(side, device=x.device).view(shape) / side
            phase = phase + 2 * math.pi * waves * places
        amplitude = uniform((batch, self.spikes, 1, 1), *self.intensity, rng)
        stripes = (amplitude * phase.cos()).sum(dim=1, keepdim=True)
        striped = x + stripes * x.mean(dim=(1, 2, 3), keepdim=True)
        return gate(happens(batch, self.p, rng), striped.clamp(0, 1), x)


def _lines(side: int, like: torch.Tensor) -> torch.Tensor:
    """float (side,): the frequency of each line of Fourier space, from -side / 2 on; 0 is the
    centre. On the device of ``like``."""
    lines: torch.Tensor = torch.fft.fftfreq(side, 1 / side, device=like.device).round()
    return lines


def _magnitude(space: torch.Tensor) -> torch.Tensor:
    """float (B, C, H, W) in [0, 1]: the image of a Fourier space, complex (B, C, H, W)."""
    shown: torch.Tensor = torch.fft.ifft2(space).abs().clamp_(0, 1)
    return shown
