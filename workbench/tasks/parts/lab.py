"""CIE Lab, colours as the eye distinguishes them: lightness L, and a and b for the hue."""

from __future__ import annotations

from workbench.lazy import torch
from workbench.transfer import constant

# sRGB to XYZ under daylight D65 (IEC 61966-2-1), rows over the white point: white is (1, 1, 1).
_TO_XYZ = (
    (0.4124564 / 0.95047, 0.3575761 / 0.95047, 0.1804375 / 0.95047),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339 / 1.08883, 0.1191920 / 1.08883, 0.9503041 / 1.08883),
)
_KNEE = 6 / 29
# Levels a channel at which the colours of a screen are sampled to see which a and b there are.
_LEVELS = 33


def to_lab(x: torch.Tensor) -> torch.Tensor:
    """float (B, 3, H, W): L in [0, 100], a and b in about [-110, 110], of sRGB in [0, 1]."""
    x = x.clamp(0, 1)
    linear = torch.where(x > 0.04045, ((x + 0.055) / 1.055) ** 2.4, x / 12.92)
    xyz = torch.einsum("ij,bjhw->bihw", constant(_TO_XYZ, x.device, x.dtype), linear)
    f = torch.where(
        xyz > _KNEE**3, xyz.clamp_min(_KNEE**3) ** (1 / 3), xyz / (3 * _KNEE**2) + 4 / 29
    )
    fx, fy, fz = f.unbind(1)
    return torch.stack([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)], dim=1)


def to_rgb(lab: torch.Tensor) -> torch.Tensor:
    """The inverse of ``to_lab``; colours that no screen has are cut off to [0, 1]."""
    lightness, a, b = lab.unbind(1)
    fy = (lightness + 16) / 116
    f = torch.stack([fy + a / 500, fy, fy - b / 200], dim=1)
    xyz = torch.where(f > _KNEE, f**3, 3 * _KNEE**2 * (f - 4 / 29))
    to_xyz = constant(_TO_XYZ, lab.device, lab.dtype)
    linear = torch.einsum("ij,bjhw->bihw", torch.linalg.inv(to_xyz), xyz)
    linear = linear.clamp(0, 1)
    return torch.where(
        linear > 0.0031308, 1.055 * linear.clamp_min(1e-8) ** (1 / 2.4) - 0.055, 12.92 * linear
    )


def colour_classes(step: float) -> torch.Tensor:
    """float (Q, 2): the a and b of all squares, ``step`` wide, in which sRGB has a colour.

    Zhang et al., 1603.08511, section 2.1: 313 of width 10; here some fewer or more at the edges.
    """
    levels = torch.linspace(0, 1, _LEVELS)
    cube = torch.cartesian_prod(levels, levels, levels).view(1, -1, 1, 3).permute(0, 3, 1, 2)
    squares = (to_lab(cube)[0, 1:].flatten(1).T / step).round()
    classes: torch.Tensor = torch.unique(squares, dim=0)
    return classes * step


def nearest(ab: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    """int64 (B, H, W): for each a and b, float (B, 2, H, W), the nearest of float (Q, 2)."""
    places = ab.permute(0, 2, 3, 1)
    distance = torch.cdist(places.reshape(-1, 2), classes)
    return distance.argmin(dim=1).view(places.shape[:3])
