"""Small pictures of samples, for pages and maps. numpy and Pillow only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from workbench.data.dataset import Dataset


def thumbnails(
    dataset: Dataset, rows: npt.NDArray[np.int64], side: int = 48
) -> npt.NDArray[np.uint8]:
    """uint8 (n, H', W', 3) of the images at ``rows`` (positions in the cache), in that order.

    The longer side is ``side`` pixels. Smaller images are enlarged by the largest whole factor that
    fits, so that they stay sharp. Gray is repeated; of two channels the third is black.
    """
    pixels = rgb(np.asarray(dataset.images[np.asarray(rows, np.int64)]))
    height, width = pixels.shape[1:3]
    longest = max(height, width)
    if longest <= side:
        times = side // longest
        return pixels.repeat(times, axis=1).repeat(times, axis=2)
    size = (max(1, round(width * side / longest)), max(1, round(height * side / longest)))
    out = np.empty((len(pixels), size[1], size[0], 3), np.uint8)
    for row, image in enumerate(pixels):
        out[row] = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BILINEAR))
    return out


def rgb(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """uint8 (n, H, W, 3) of uint8 (n, C, H, W) with one to three channels."""
    channels = images.shape[1]
    if channels == 1:
        images = images.repeat(3, axis=1)
    elif channels == 2:
        images = np.concatenate([images, np.zeros_like(images[:, :1])], axis=1)
    return np.ascontiguousarray(images.transpose(0, 2, 3, 1))
