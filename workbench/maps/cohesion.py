"""How well a space keeps a group of samples together: the share of neighbours in the group."""

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
    """share: of the k neighbours of the group's members, the share that are members too, with its
    95 % interval. base: the share of a group drawn at random. members: of the group."""

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

    None for fewer than three members, or if all samples are members. ``k`` is lowered to the number
    of other members, so that a group that lies wholly apart reaches 1. The interval is of the
    members' mean (delta method, ``evaluation/intervals.py``). It treats members as independent;
    close ones are not quite, so it is rather too narrow.
    """
    chosen = np.unique(np.asarray(members, np.int64))
    n, m = len(x), len(chosen)
    if m < FEWEST or m >= n:
        return None
    k = min(k, m - 1)
    inside = np.zeros(n, np.bool_)
    inside[chosen] = True
    shares = inside[nearest_to(x, chosen, k)].mean(axis=1)
    mean = of_influence(shares)
    return Cohesion(mean.value, mean.low, mean.high, (m - 1) / (n - 1), m, k)
