"""A class's experiment: each student gets a seed of their own, and all seeds are pooled.

Every student runs the same two configurations with their seed. The differences are paired by seed,
so their mean and a sign-flip test compare the two methods rather than two trained models.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.comparison import numbers
from workbench.comparison.groups import gains_by_seed, half_of_seeds
from workbench.comparison.records import SeededRun
from workbench.comparison.run_fields import KNN, gain_by
from workbench.comparison.run_pairs import LEVEL
from workbench.comparison.seed_tests import FEWEST_TO_RANK
from workbench.evaluation.significance import sign_flip
from workbench.store.queue import PAIRS
from workbench.store.store import Store

# Stored runs have seeds below this one: a class adds to them and repeats none.
FIRST = 11


class PooledRun(SeededRun):
    """A finished run of a class's experiment. ended: seconds since the epoch."""

    ended: float | None


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
    """This person's seed in the class's experiment: the next free one, and the same ever after.

    Each seed is claimed by one transaction. So no two people get the same seed, and one person in
    two windows gets one.
    """
    prefix = _prefix(group, lesson)
    # Read once. If this were read again, a seed that the person's other window claims in between
    # would be skipped here as taken. Seeds are given out without gaps, so it is met on the way up.
    taken = store.settings_under(prefix)
    mine = _seed_among(taken, prefix, voter)
    if mine is not None:
        return mine
    seed = int(store.setting(_first_key(group, lesson)) or FIRST)
    while True:
        key = f"{prefix}{seed}"
        if key not in taken and store.claim_setting(key, voter) == voter:
            return seed
        seed += 1


def seed_of(store: Store, group: str, lesson: str, voter: str) -> int | None:
    """The seed that this person has claimed, None before."""
    prefix = _prefix(group, lesson)
    return _seed_among(store.settings_under(prefix), prefix, voter)


def all_seeds(store: Store, group: str, lesson: str) -> list[int]:
    """The seeds given out to the class, ascending."""
    prefix = _prefix(group, lesson)
    return sorted(int(key.removeprefix(prefix)) for key in store.settings_under(prefix))


def forget(store: Store, group: str, lesson: str) -> None:
    """Take all seeds of a class back, and withdraw their queued runs. Others stay.

    Who takes a seed next gets one that nobody had: else they would find another's runs.
    """
    taken = all_seeds(store, group, lesson)
    if taken:
        store.set_setting(_first_key(group, lesson), taken[-1] + 1)
    for key in store.settings_under(_prefix(group, lesson)):
        store.drop_setting(key)
    queued = store.runs(experiment=experiment(group, lesson), states=("queued",), summaries=False)
    for row in queued:
        store.request_stop(row.id)


def experiment(group: str, lesson: str) -> str:
    """The name that the runs of the class's experiment carry in the store."""
    return f"{PAIRS}{lesson[:20]}-{zlib.crc32(group.encode()):08x}"


def pool(first: Sequence[PooledRun], second: Sequence[PooledRun]) -> list[Step]:
    """The difference of gains by nearest neighbours, ``first`` minus ``second``, seed after seed.

    Runs of two configurations, paired by seed, in the order in which the later of each pair ended.
    """
    a, b = (gains_by_seed([(run, gain_by(run, KNN)) for run in runs]) for runs in (first, second))
    values = [a[seed] - b[seed] for seed in _order(first, second) if seed in a and seed in b]
    return [_step(values[:k]) for k in range(1, len(values) + 1)]


def sentence(steps: Sequence[Step], first: str, second: str) -> str:
    """What the pooled seeds show and what not. first, second: names of the configurations.

    Nothing is claimed below six pairs: a sign-flip test of fewer cannot reach p < .05.
    """
    last = steps[-1]
    difference = f"'{first}' {numbers.points(last.mean)} points against '{second}'"
    if last.seeds == 1:
        return f"One seed: {difference}. It may be luck."
    if last.seeds < FEWEST_TO_RANK:
        return (
            f"Mean of {last.seeds} seeds: {difference}. Too few to tell: at least "
            f"{FEWEST_TO_RANK} are needed."
        )
    ends = f"{numbers.points(last.low)} and {numbers.points(last.high)}"
    p = numbers.p_statement(last.p)
    mean = f"Mean of {last.seeds} seeds: {difference}, between {ends}, {p}."
    if last.p < LEVEL:
        higher = first if last.mean > 0 else second
        return f"{mean} At this budget, on these data, '{higher}' scores higher."
    return f"{mean} The seeds scatter too much: no clear difference."


def _seed_among(taken: Mapping[str, Any], prefix: str, voter: str) -> int | None:
    mine = [int(key.removeprefix(prefix)) for key, owner in taken.items() if owner == voter]
    return min(mine, default=None)


def _order(first: Sequence[PooledRun], second: Sequence[PooledRun]) -> list[int]:
    ended: dict[int, float] = {}
    for run in (*first, *second):
        seed = int(run["config"]["seed"])
        ended[seed] = max(ended.get(seed, 0.0), float(run["ended"] or 0.0))
    return sorted(ended, key=lambda seed: (ended[seed], seed))


def _step(values: Sequence[float]) -> Step:
    mean, half = float(np.mean(values)), half_of_seeds(values)
    p = sign_flip(values) if len(values) > 1 else 1.0
    return Step(len(values), mean, mean - half, mean + half, p)


def _prefix(group: str, lesson: str) -> str:
    return f"seed/{group.casefold()}/{lesson}/"


def _first_key(group: str, lesson: str) -> str:
    return f"first-seed/{group.casefold()}/{lesson}"
