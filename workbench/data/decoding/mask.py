"""One encoded mask to the places that it marks.

A mask lies beside an image and marks defects or objects in it. What is not zero is marked.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from workbench.data.decoding import orientation, tiff
from workbench.data.decoding.opening import guarded, opened, pillow_image
from workbench.data.listing import Blob

# Formats that add noise: near zero is zero there.
_LOSSY = ("JPEG", "MPO", "WEBP")
# A lossy mask with no value above this is all noise.
_NOISE = 32


def read(blob: Blob) -> npt.NDArray[np.bool_]:
    """bool (H, W), upright by the mask's own tags: the marked pixels. Raises BrokenImage."""
    with guarded():
        if isinstance(blob, np.ndarray):
            return _marked(blob)
        with opened(blob) as file:
            if tiff.is_special(file):
                return _marked(tiff.read(file).array)
            with pillow_image(file) as image:
                turn = orientation.of_image(image)
                lossy = image.format in _LOSSY
                values = _values(orientation.upright(image, turn))
        if lossy:
            most = int(values.max(initial=0))
            marked: npt.NDArray[np.bool_] = np.greater(values, most / 2 if most > _NOISE else most)
            return marked
        return _marked(values)


def _marked(array: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    marked: npt.NDArray[np.bool_] = np.not_equal(array, 0)
    return np.logical_or.reduce(marked, axis=2) if marked.ndim == 3 else marked


def _values(image: Image.Image) -> npt.NDArray[Any]:
    """(H, W): zero where nothing is marked. Black and see-through are both zero."""
    if image.has_transparency_data:
        colours = np.asarray(image.convert("RGBA"))
        seen = colours[:, :, 3]
        values: npt.NDArray[Any] = np.where(seen > 0, colours[:, :, :3].max(axis=2), 0)
        # Black marks on a see-through ground.
        return values if values.any() or seen.all() else seen
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        numbers: npt.NDArray[Any] = np.asarray(image)
        return numbers
    levels: npt.NDArray[Any] = np.asarray(image.convert("RGB")).max(axis=2)
    return levels
