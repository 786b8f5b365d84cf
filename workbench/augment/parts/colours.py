"""Affine maps of the colour space as matrices, float (B, C, C + 1), one for each sample."""

from __future__ import annotations

import math

import numpy as np

from workbench.augment.parts.draws import happens, uniform
from workbench.lazy import torch
from workbench.transfer import constant

# ITU-R BT.601: how bright red, green and blue look.
_LUMA = (0.299, 0.587, 0.114)
# NTSC's YIQ: brightness and the plane of hues, which a change of hue turns.
_YIQ = (_LUMA, (0.596, -0.274, -0.322), (0.211, -0.523, 0.312))
_RGB = tuple(map(tuple, np.linalg.inv(np.array(_YIQ)).tolist()))


def jitter(
    mean: torch.Tensor,
    rng: torch.Generator,
    *,
    brightness: float,
    contrast: float,
    saturation: float,
    hue: float,
    p: float,
) -> torch.Tensor:
    """Random brightness, contrast, saturation and hue, in this order (torchvision shuffles them).

    mean: float (B, C), the mean colour of each image. brightness, contrast, saturation: the factor
    is drawn from 1 - x to 1 + x. hue: largest share of the colour circle, to either side; only for
    three channels. p: the share of samples that are changed.
    """
    batch, channels = mean.shape
    bright, contrasted, saturated = (
        _factor(batch, most, rng) for most in (brightness, contrast, saturation)
    )
    angle = uniform(batch, -hue, hue, rng) * (2 * math.pi)
    gray = gray_matrix(channels, mean)
    eye = torch.eye(channels, device=mean.device)
    colour = _mix(eye, gray, saturated)
    if channels == 3:
        colour = hue_turn(angle, mean) @ colour
    linear = colour * (bright * contrasted)[:, None, None]
    level = (mean @ gray[0]) * bright * (1 - contrasted)
    offset = colour @ level[:, None].expand(-1, channels)[:, :, None]
    return sometimes(torch.cat([linear, offset], dim=2), happens(batch, p, rng))


def gray_matrix(channels: int, like: torch.Tensor) -> torch.Tensor:
    """float (C, C) on the device of ``like``: every channel becomes the pixel's brightness."""
    weights = _LUMA if channels == 3 else (1 / channels,) * channels
    return constant(weights, like.device, like.dtype).expand(channels, channels)


def hue_turn(angle: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """float (B, 3, 3) on the device of ``like``: colours turned about the gray axis.

    angle: float (B,), in radians. It turns the plane of hues in YIQ: brightness stays, and a whole
    turn is the identity.
    """
    enter, leave = (constant(values, like.device, like.dtype) for values in (_YIQ, _RGB))
    cosine, sine, one = angle.cos(), angle.sin(), torch.ones_like(angle)
    zero = torch.zeros_like(angle)
    rows = (one, zero, zero, zero, cosine, -sine, zero, sine, cosine)
    plane = torch.stack(rows, dim=1).view(-1, 3, 3)
    turned: torch.Tensor = leave @ plane @ enter
    return turned


def with_offset(linear: torch.Tensor, batch: int) -> torch.Tensor:
    """float (B, C, C + 1) of float (C, C) or (B, C, C), with offset 0."""
    linear = linear.expand(batch, *linear.shape[-2:])
    return torch.cat([linear, torch.zeros_like(linear[:, :, :1])], dim=2)


def sometimes(matrices: torch.Tensor, applied: torch.Tensor) -> torch.Tensor:
    """The matrices where ``applied``, bool (B,), holds, and the identity elsewhere."""
    channels = matrices.shape[1]
    identity = torch.eye(channels, channels + 1, device=matrices.device)
    return torch.where(applied[:, None, None], matrices, identity)


def _factor(batch: int, most: float, rng: torch.Generator) -> torch.Tensor:
    """float (B,), from 1 - most (at least 0) to 1 + most, as in torchvision's jitter."""
    return uniform(batch, max(0.0, 1 - most), 1 + most, rng)


def _mix(first: torch.Tensor, second: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
    """float (B, C, C): ``share``, float (B,), of the first matrix and the rest of the second."""
    return second + share[:, None, None] * (first - second)
