"""What the description of a data set says about which augmentations suit it.

No field says what an image shows, so these are guesses. Each says why it guesses so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.data.dataset import DataInfo

# Side in pixels of the images that published recipes give blur widths for (ImageNet).
RECIPE_SIDE = 224
# Up to this side an image has no detail to blur away (SimCLR's CIFAR recipe has no blur), and gray
# ones of that size are characters more often than scans.
SMALL_SIDE = 32
# Side in pixels of the smallest crop in which something can still be recognised.
SMALLEST_CROP = 5.0
# Of two crops that keep this share of the area, one seldom misses altogether what the other shows.
LEAST_AREA = 0.3


def shorter_side(info: DataInfo) -> int:
    """The shorter side of the images in pixels; that of recipes where it is not known."""
    return min(info.size or (RECIPE_SIDE,))


def small(info: DataInfo) -> bool:
    """Images of at most 32 pixels a side."""
    return shorter_side(info) <= SMALL_SIDE


def small_gray(info: DataInfo) -> bool:
    """Gray images of at most 32 pixels a side, which are taken for characters."""
    return info.channels == 1 and small(info)


def characters(info: DataInfo) -> bool | None:
    """Whether small gray images are characters, by the names of their classes.

    True if every name is one sign ("7", "b"), False if one is longer, None without labels.
    """
    if info.label is None:
        return None
    return all(len(name) == 1 for name in info.label.classes)


def keeps_colours(info: DataInfo) -> bool:
    """Whether colours are better left alone.

    Gray images have none. Where training is normals only, a change of colour looks like a defect or
    hides one.
    """
    return info.channels == 1 or info.normal is not None


def easily_cut_off(info: DataInfo) -> str | None:
    """The small thing that may decide what the image shows and that a crop may miss, or None.

    Where training is normals only it is a defect. In gray images of more than 32 pixels it may be a
    lesion: scans look so, and nothing tells them from other gray images.
    """
    if info.normal is not None:
        return "the defect sought"
    if info.channels == 1 and info.size is not None and not small_gray(info):
        return "a small lesion or defect"
    return None


def like_the_defect(info: DataInfo, what: str) -> str | None:
    """Why ``what``, a clause, does not suit training on normals only; None for other data."""
    if info.normal is None:
        return None
    return (
        f"training shows '{info.normal}' samples only, and {what}: a task whose views should "
        "agree learns to overlook it"
    )
