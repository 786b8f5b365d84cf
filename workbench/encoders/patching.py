"""The side of square patches, for vision transformers and masked conv nets."""

from __future__ import annotations

import math

# The number of patches a side to come close to: 64 tokens show a layout and stay cheap.
_PATCHES = 8
_LEAST_PATCHES = 4


def patch_side(size: tuple[int, int]) -> int:
    """The divisor of both sides that comes closest to 8 patches a side, 4 for tiny images.

    size: (height, width) in pixels. Closeness is a ratio: twice as many patches are as far off as
    half as many, so that a single patch comes last.
    """
    side = min(size)
    aim = _PATCHES if side >= 2 * _PATCHES else _LEAST_PATCHES
    divisors = [p for p in range(1, side + 1) if all(s % p == 0 for s in size)]
    return min(divisors, key=lambda p: (abs(math.log(side / p / aim)), -p))
