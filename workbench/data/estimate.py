"""Estimates of disk and time for preparing, before it begins."""

from __future__ import annotations

import shutil
from pathlib import Path

from workbench.errors import RequestError

# Left free on the disk, for runs.
_SPARE = 200 * 2**20
# Rates of one processor core on a slow laptop, a second.
_IMAGES_A_SECOND, _SOURCE_BYTES_A_SECOND, _TEXT_BYTES_A_SECOND = 4000, 15e6, 1.5e6


def image_bytes(count: int, size: tuple[int, int], channels: int, *, deep: bool = False) -> int:
    """Most bytes on disk while ``count`` images are prepared: as decoded and as kept.

    size: (height, width). deep: more than 8 bits a value.
    """
    values = count * channels * size[0] * size[1]
    return values * (5 if deep else 2)


def text_bytes(characters: int) -> int:
    """Bytes on disk of prepared texts: themselves, and token ids."""
    return 3 * characters


def image_seconds(count: int, source_bytes: float) -> float:
    """Seconds to prepare ``count`` images from files of so many bytes."""
    return count / _IMAGES_A_SECOND + source_bytes / _SOURCE_BYTES_A_SECOND


def text_seconds(characters: int) -> float:
    """Seconds to prepare texts."""
    return 1.0 + characters / _TEXT_BYTES_A_SECOND


def check_room(needed: int, count: int, folder: Path) -> None:
    """Raises RequestError if ``needed`` bytes for ``count`` samples do not fit in ``folder``."""
    whole = shutil.disk_usage(folder).free
    free = whole - _SPARE
    if needed <= free:
        return
    fitting = max(0, int(count * free / needed))
    # Rounded down to two figures: 48000 and not 48613.
    unit = 10 ** max(0, len(str(fitting)) - 2)
    fitting -= fitting % unit
    remedy = f"Give --samples {fitting}, or" if fitting >= 2 else "Free some space, or"
    raise RequestError(
        f"{count:,} samples need {in_words(needed)} of disk, and {in_words(_SPARE)} are kept for "
        f"runs; {in_words(whole)} are free.",
        field="--data",
        remedy=f"{remedy} a home on a larger disk with --home.",
    )


def in_words(count: float) -> str:
    """Bytes in a unit that suits them."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
