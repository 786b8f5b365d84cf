"""TIFF files that Pillow refuses or reduces: many channels, 16 bits, fractions, stacks."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import tifffile

_MARKS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_CHANNEL_AXES = "CSQI"
# Types of values that Pillow reads in full.
_PILLOW_GRAY = (np.bool_, np.uint8, np.uint16, np.int32, np.float32)
_PILLOW_COLOUR = (np.bool_, np.uint8)


def is_special(file: Any) -> bool:
    """Whether an open file is a TIFF that Pillow would refuse or reduce."""
    start = file.read(4)
    file.seek(0)
    if start not in _MARKS:
        return False
    with tifffile.TiffFile(file) as tiff:
        page, axes = tiff.pages.first, tiff.series[0].axes
        photometric = str(getattr(page.photometric, "name", ""))
        gray = axes == "YX" and photometric in ("MINISBLACK", "MINISWHITE", "PALETTE")
        colour = axes == "YXS" and photometric in ("RGB", "YCBCR", "CMYK", "CIELAB")
        wanted = _PILLOW_GRAY if gray else _PILLOW_COLOUR if colour else ()
        plain = page.samplesperpixel <= 4 and page.dtype in wanted
    file.seek(0)
    return not plain


def read(file: Any) -> tuple[npt.NDArray[Any], bool]:
    """The image (H, W, C), and whether it is the first slice of a stack in depth or time.

    Channels are the axis C, S, Q or I (samples, pages). Raises what tifffile raises.
    """
    with tifffile.TiffFile(file) as tiff:
        series = tiff.series[0]
        axes, array = series.axes, series.asarray()
    stacked = False
    names = list(axes)
    channel = next((name for name in _CHANNEL_AXES if name in names), None)
    for name in axes:
        if name in ("Y", "X", channel):
            continue
        if array.shape[names.index(name)] > 1:
            stacked = True
        array = array.take(0, axis=names.index(name))
        names.remove(name)
    if channel is None:
        array, names = array[..., None], [*names, "C"]
        channel = "C"
    array = array.transpose(names.index("Y"), names.index("X"), names.index(channel))
    return (array.astype(np.uint8) * 255 if array.dtype == np.bool_ else array), stacked
