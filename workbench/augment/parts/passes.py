"""The passes over the pixels: reading them from other places, and changing their colours."""

from __future__ import annotations

import math

from workbench.data.dataset import DataInfo
from workbench.lazy import F, torch

# Gray images darker than this on average have a black background, those lighter than 2 / 3 a white.
_DARK = 1 / 3


def background(info: DataInfo) -> float | None:
    """The value of pixels outside the image: 0 (black), 1 (white), or None for its mirror image.

    Gray images that are mostly dark or light have a background (digits, scans of writing), and more
    of it comes in at the edges. All others are mirrored there.
    """
    if info.channels != 1 or not info.mean:
        return None
    return 0.0 if info.mean[0] < _DARK else 1.0 if info.mean[0] > 1 - _DARK else None


def place(
    x: torch.Tensor, matrices: torch.Tensor, size: tuple[int, int], outside: float | None
) -> torch.Tensor:
    """The pixels of each view, read once: float (B, C, *size) from x, float (B, C, H, W).

    matrices: float (B, 3, 3), from view to image (see ``GeometryAugmentation``). outside: see
    ``background``. Views smaller than the image are read on a finer grid and averaged, which avoids
    aliasing.
    """
    finer = max(1, math.ceil(max(x.shape[2] / size[0], x.shape[3] / size[1]) - 1e-6))
    grid = sampling_grid(matrices.to(x.dtype), size[0] * finer, size[1] * finer)
    if outside is None:
        view = F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)
    else:
        view = F.grid_sample(x - outside, grid, align_corners=False) + outside
    return F.avg_pool2d(view, finer) if finer > 1 else view


def sampling_grid(matrices: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """float (B, height, width, 2): as ``affine_grid`` with ``align_corners=False``, but faster.

    The place of a pixel is a sum of a term of its column and a term of its row.
    """
    x, y = (
        (2 * torch.arange(side, device=matrices.device) + 1) / side - 1 for side in (width, height)
    )
    by_x, by_y, shift = matrices[:, None, None, :2].unbind(dim=4)
    return (x[:, None] * by_x + shift) + y[:, None, None] * by_y


def resize(x: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """x, float (B, C, H, W), at ``size``, (height, width) in pixels; antialiased."""
    if tuple(x.shape[2:]) == size:
        return x
    return F.interpolate(x, size, mode="bilinear", antialias=True).clamp_(0, 1)


def recolour(x: torch.Tensor, matrices: torch.Tensor) -> torch.Tensor:
    """Each pixel through its sample's matrix, float (B, C, C + 1), then clamped to [0, 1]."""
    channels = x.shape[1]
    matrices = matrices.to(x.dtype)
    flat = torch.baddbmm(matrices[:, :, channels:], matrices[:, :, :channels], x.flatten(2))
    return flat.clamp_(0, 1).view_as(x)
