"""One seed a student: seeds of a class's experiment, given out once each, and what they pool to.

Every student runs the same two configurations with a seed of their own. The differences are paired
by seed, so that their mean and a sign-flip test speak of what was trained rather than of one
trained model.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.comparison.groups import Group, half_of_seeds
from workbench.comparison.paired import LEVEL
from workbench.comparison.reading import KNN
from workbench.comparison.seed_tests import FEWEST_TO_RANK
from workbench.evaluation.significance import sign_flip
from workbench.lessons.base import Run
from workbench.store.store import Store

# Stored runs have seeds below this one: a class adds to them and repeats none.
FIRST = 11


@dataclass(frozen=True)
class Step:
    """The pooled difference after ``seeds`` seeds, in shares: mean and 95 % interval of the mean
    (Student's t), p of the sign-flip test; low and high are equal to the mean for one seed."""

    seeds: int
    mean: float
    low: float
    high: float
    p: float


def claim(store: Store, group: str, lesson: str, voter: str) -> int:
    """The seed of this person in the class's experiment: the next free one, the same ever after.

    Atomic: each seed is claimed by one transaction, so that no two people get the same, and one
    person in two windows gets one.
    """
    prefix = _prefix(group, lesson)
    # Read once: between two readings the other window could claim one, which would then be skipped
    # here as taken. Seeds go out without gaps, so that one claimed since is met on the way up.
    taken = store.settings_under(prefix)
    mine = _held(taken, prefix, voter)
    if mine is not None:
        return mine
    seed = FIRST
    while True:
        key = f"{prefix}{seed}"
        if key not in taken and store.claim_setting(key, voter) == voter:
            return seed
        seed += 1


def held_by(store: Store, group: str, lesson: str, voter: str) -> int | None:
    """The seed that this person has claimed, None before."""
    prefix = _prefix(group, lesson)
    return _held(store.settings_under(prefix), prefix, voter)


def claimed(store: Store, group: str, lesson: str) -> list[int]:
    """All seeds given out to the class, ascending."""
    prefix = _prefix(group, lesson)
    return sorted(int(key.removeprefix(prefix)) for key in store.settings_under(prefix))


def experiment(group: str, lesson: str) -> str:
    """The name that the runs of the class's experiment carry in the store."""
    return f"class-{lesson[:20]}-{zlib.crc32(group.encode()):08x}"


def pooled(first: Sequence[Run], second: Sequence[Run]) -> list[Step]:
    """The difference of gains (nearest neighbours share the label), ``first`` minus ``second``, as
    seeds come in.

    Runs of two configurations, paired by seed, in the order in which the later of each pair ended.
    """
    a, b = (Group("", tuple(runs)).gains(KNN) if runs else {} for runs in (first, second))
    values = [a[seed] - b[seed] for seed in _order(first, second) if seed in a and seed in b]
    return [_step(values[:k]) for k in range(1, len(values) + 1)]


def sentence(steps: Sequence[Step], first: str, second: str) -> str:
    """What the pooled seeds show and do not show. first, second: names of the configurations.

    No claim below six pairs, whatever they are: a sign-flip test of fewer cannot reach p < .05.
    """
    last = steps[-1]
    difference = f"'{first}' {100 * last.mean:+.1f} points against '{second}'"
    if last.seeds == 1:
        return f"One seed: {difference}. One seed is an observation."
    said = f"Mean of {last.seeds} seeds: {difference}"
    said += f", between {100 * last.low:+.1f} and {100 * last.high:+.1f}, p = {last.p:.3f}."
    if last.seeds < FEWEST_TO_RANK:
        return f"{said} Fewer than {FEWEST_TO_RANK} seeds cannot show a difference."
    if last.p < LEVEL:
        higher = first if last.mean > 0 else second
        return f"{said} At this budget, on these data, '{higher}' scores higher."
    return f"{said} The seeds scatter too much to tell them apart."


def _held(taken: Mapping[str, Any], prefix: str, voter: str) -> int | None:
    mine = [int(key.removeprefix(prefix)) for key, owner in taken.items() if owner == voter]
    return min(mine, default=None)


def _order(first: Sequence[Run], second: Sequence[Run]) -> list[int]:
    ended: dict[int, float] = {}
    for run in (*first, *second):
        seed = int(run["config"]["seed"])
        ended[seed] = max(ended.get(seed, 0.0), float(run.get("ended") or 0.0))
    return sorted(ended, key=lambda seed: (ended[seed], seed))


def _step(values: Sequence[float]) -> Step:
    mean, half = float(np.mean(values)), half_of_seeds(values)
    p = sign_flip(values) if len(values) > 1 else 1.0
    return Step(len(values), mean, mean - half, mean + half, p)


def _prefix(group: str, lesson: str) -> str:
    return f"seed/{group.casefold()}/{lesson}/"
