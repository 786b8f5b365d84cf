"""How images are cut into square patches, for transformers and masked conv nets alike."""

from __future__ import annotations

import math

# Patches a side that is aimed at: 64 tokens carry a layout and stay cheap.
_PATCHES = 8
_LEAST_PATCHES = 4


def patch_side(size: tuple[int, int]) -> int:
    """The divisor of both sides that gives nearest to 8 patches a side, 4 for tiny images.

    Nearest by factor: twice too many is as far as half as many, so that one patch is last.
    """
    side = min(size)
    aim = _PATCHES if side >= 2 * _PATCHES else _LEAST_PATCHES
    divisors = [p for p in range(1, side + 1) if all(s % p == 0 for s in size)]
    return min(divisors, key=lambda p: (abs(math.log(side / p / aim)), -p))
