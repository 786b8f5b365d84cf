"""What a description of data says about which augmentations suit it.

Nothing says outright what a picture shows, so these are guesses; each says why it guesses so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.data.dataset import DataInfo

# Up to this side an image has no detail to blur away (SimCLR's CIFAR recipe has no blur), and gray
# ones of that size are characters more often than scans.
SMALL_SIDE = 32
# Two crops that keep this share of the area seldom miss what lies in one of them altogether.
LEAST_AREA = 0.3


def small_gray(info: DataInfo) -> bool:
    """Gray and of at most 32 pixels a side: taken for characters."""
    return info.channels == 1 and info.size is not None and min(info.size) <= SMALL_SIDE


def characters(info: DataInfo) -> bool | None:
    """Whether small gray pictures are characters, by the names of their classes.

    True if all are of one sign ("7", "b"), False if there are others, None without labels.
    """
    if info.label is None:
        return None
    return all(len(name) == 1 for name in info.label.classes)


def easily_cut_off(info: DataInfo) -> str | None:
    """The small thing that may matter most in the picture and that a crop may miss, or None.

    Where training is normals only it is a defect. In gray pictures of more than 32 pixels it may
    be a lesion: scans look so, and nothing tells them from other gray pictures.
    """
    if info.normal is not None:
        return "the defect sought"
    if info.channels == 1 and info.size is not None and not small_gray(info):
        return "a small lesion or defect"
    return None


def like_the_defect(info: DataInfo, what: str) -> str | None:
    """Why ``what``, a phrase with its verb, does not suit training on normals only; else None."""
    if info.normal is None:
        return None
    return (
        f"training shows '{info.normal}' samples only, and {what}: a task whose views should "
        "agree learns to overlook it"
    )
