"""Pixels as features, with numpy alone, so that the app's server can compare images by them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

MOST_PIXELS = 1024
_BLOCK = 1024


def raw_input(
    images: npt.NDArray[np.uint8], rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """float32 (n, at most about 1,024): the pixels at ``rows`` of uint8 (N, C, H, W), in [0, 1].

    Larger images are averaged over the smallest squares that bring the count down that far.
    """
    _, channels, height, width = images.shape
    side = 1
    while channels * -(-height // side) * -(-width // side) > MOST_PIXELS:
        side += 1
    parts = []
    for start in range(0, len(rows), _BLOCK):
        pixels = images[rows[start : start + _BLOCK]].astype(np.float32) / 255.0
        parts.append(_pooled(pixels, side).reshape(len(pixels), -1))
    empty = np.empty((0, channels * -(-height // side) * -(-width // side)), np.float32)
    return np.concatenate([empty, *parts])


def _pooled(pixels: npt.NDArray[np.float32], side: int) -> npt.NDArray[np.float32]:
    if side == 1:
        return pixels
    for axis in (2, 3):
        starts = np.arange(0, pixels.shape[axis], side)
        sizes = np.diff(np.append(starts, pixels.shape[axis])).astype(np.float32)
        sums = np.add.reduceat(pixels, starts, axis=axis)
        pixels = (sums / (sizes[:, None] if axis == 2 else sizes)).astype(np.float32)
    return pixels
