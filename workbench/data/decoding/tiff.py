"""TIFF files that Pillow refuses or reduces: many channels, 16 bits, fractions, stacks."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import tifffile

from workbench.data.decoding import opening, orientation
from workbench.data.decoding.recipe import Header

# tifffile logs each damaged tag. The notes give one reason for each image that is left out.
logging.getLogger("tifffile").setLevel(logging.CRITICAL)

_MARKS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# Axes of channels: samples and pages that the file itself declares to be channels.
_CHANNEL_AXES = "CSQ"
# The axis of pages of which the file says nothing.
_PAGES = "I"
# Types of values that Pillow reads in full.
_PILLOW_GRAY = (np.bool_, np.uint8, np.uint16, np.int32, np.float32)
_PILLOW_COLOUR = (np.bool_, np.uint8)
# Bytes that a pixel of an image takes while Pillow reads it.
_BYTES_A_PIXEL = 12
# Zero is white.
_INVERTED = "MINISWHITE"


@dataclass(frozen=True)
class TiffImage:
    """array: (H, W, C), upright. stacked: whether it is the first slice of a stack in depth or
    time. paged: whether it is the first of several pages."""

    array: npt.NDArray[Any]
    stacked: bool
    paged: bool


def is_special(file: Any, *, pages_are_channels: bool = False) -> bool:
    """Whether an open file is a TIFF that Pillow would refuse or reduce."""
    start = file.read(4)
    file.seek(0)
    if start not in _MARKS:
        return False
    with tifffile.TiffFile(file) as tiff:
        page, axes = tiff.pages.first, tiff.series[0].axes
        if not pages_are_channels:
            # Pillow reads the first page.
            axes = axes.removeprefix(_PAGES)
        photometric = _photometric(page)
        gray = axes == "YX" and photometric in ("MINISBLACK", _INVERTED, "PALETTE")
        colour = axes == "YXS" and photometric in ("RGB", "YCBCR", "SEPARATED", "CIELAB")
        wanted = _PILLOW_GRAY if gray else _PILLOW_COLOUR if colour else ()
        # Of inverted values Pillow turns round those of 8 bits only.
        wanted = _PILLOW_COLOUR if photometric == _INVERTED and gray else wanted
        plain = page.samplesperpixel <= 4 and page.dtype in wanted
    file.seek(0)
    return not plain


def header(file: Any) -> Header:
    """The header of the image that ``read`` gives, without its pixels."""
    file.seek(0)
    with tifffile.TiffFile(file) as tiff:
        series = tiff.series[0]
        _check_size(series)
        sides = dict(zip(series.axes, series.shape, strict=True))
        channel = _channel(series.axes, pages_are_channels=False)
        turn = _turn(series.keyframe)
        return Header(
            size=orientation.upright_size((sides["Y"], sides["X"]), turn),
            channels=sides[channel] if channel else 1,
            deep=series.dtype not in (np.bool_, np.uint8),
            turn=turn,
            pages=1 if channel else sides.get(_PAGES, 1),
        )


def read(file: Any, *, pages_are_channels: bool = False) -> TiffImage:
    """The first image of an open TIFF, turned upright.

    Channels are the axis C, S or Q (samples, planes); and I (pages) if ``pages_are_channels`` and
    there is no other. Raises what tifffile raises.
    """
    file.seek(0)
    with tifffile.TiffFile(file) as tiff:
        series = tiff.series[0]
        _check_size(series)
        axes, array, turn = series.axes, series.asarray(), _turn(series.keyframe)
        paged = len(tiff.series) > 1
        bits, inverted = series.keyframe.bitspersample, _photometric(series.keyframe) == _INVERTED
    channel = _channel(axes, pages_are_channels=pages_are_channels)
    stacked = False
    names = list(axes)
    for name in axes:
        if name in ("Y", "X", channel):
            continue
        if array.shape[names.index(name)] > 1:
            paged, stacked = paged or name == _PAGES, stacked or name != _PAGES
        array = array.take(0, axis=names.index(name))
        names.remove(name)
    if channel is None:
        array, names = array[..., None], [*names, "C"]
        channel = "C"
    array = array.transpose(names.index("Y"), names.index("X"), names.index(channel))
    if array.dtype == np.bool_:
        array, bits = array.astype(np.uint8) * 255, 8
    if inverted and array.dtype.kind == "u":
        array = (2**bits - 1 - array.astype(np.int64)).astype(array.dtype)
    return TiffImage(orientation.upright_array(array, turn), stacked, paged)


def _check_size(series: Any) -> None:
    """Raise BrokenImage if all pages and channels take more memory than the largest image."""
    needed = int(series.size) * series.dtype.itemsize // _BYTES_A_PIXEL
    opening.check_pixels(needed, 1, start="its pages and channels take the memory of")


def _channel(axes: str, *, pages_are_channels: bool) -> str | None:
    wanted = _CHANNEL_AXES + (_PAGES if pages_are_channels else "")
    return next((name for name in wanted if name in axes), None)


def _photometric(page: Any) -> str:
    return str(getattr(page.photometric, "name", ""))


def _turn(page: Any) -> int:
    """The orientation in the tags of a page."""
    value = page.tags.valueof(orientation.TAG, orientation.UPRIGHT)
    if isinstance(value, tuple) and len(value) == 2 and value[1]:
        # A fraction.
        value = value[0] / value[1]
    return orientation.of_value(value)
