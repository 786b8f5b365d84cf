"""How well a space keeps a group of samples together: are their neighbours of the group too?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.evaluation.intervals import of_influence
from workbench.maps.neighbours import nearest_to

NEIGHBOURS = 10
FEWEST = 3


@dataclass(frozen=True)
class Cohesion:
    """share: of the k neighbours of the group's members, how many are members too, in [0, 1], with
    its 95 % interval low to high; base: what a group drawn at random reaches; members, k: how many
    were counted."""

    share: float
    low: float
    high: float
    base: float
    members: int
    k: int


def cohesion(
    x: npt.NDArray[Any], members: npt.NDArray[np.int64], *, k: int = NEIGHBOURS
) -> Cohesion | None:
    """Of the samples at positions ``members`` of ``x`` (n, d), by cosine in the space itself.

    None for fewer than three members, or none outside: nothing can be told of these. ``k`` is
    lowered to the number of other members, so that a group that lies wholly apart reaches 1. The
    interval is of the members' mean (delta method, ``evaluation/intervals.py``); it takes members
    as independent, which near ones are not quite, so that it is rather too narrow.
    """
    chosen = np.unique(np.asarray(members, np.int64))
    n, m = len(x), len(chosen)
    if m < FEWEST or m >= n:
        return None
    k = min(k, m - 1)
    inside = np.zeros(n, np.bool_)
    inside[chosen] = True
    shares = inside[nearest_to(x, chosen, k)].mean(axis=1)
    told = of_influence(shares)
    return Cohesion(told.value, told.low, told.high, (m - 1) / (n - 1), m, k)
