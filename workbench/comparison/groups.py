"""Runs of one configuration, which differ by their seed alone: their gains and the mean gain.

With three seeds or more, the interval of the mean is Student's t over seeds, joined with the noise
of the evaluated samples (the squares of the half widths add). Student's t is exact for normally
distributed seeds, and wide for few. A bootstrap (BCa) would be too narrow: its interval lies
between the least and the greatest of the k values, and all k lie on one side of a symmetric truth
once in 2^(k-1) times. With three seeds it would hold the truth at most 75 % of the time.

Two seeds say next to nothing of how much seeds vary: Student's t with one degree of freedom is
seven times as wide as the two values lie apart. So their interval reaches from the lower end of one
run's own interval to the upper end of the other's, and both values are shown.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import stdtrit

from workbench.comparison.basis import gain_on
from workbench.comparison.differences import change_words, differences
from workbench.comparison.records import SeededRun, SeedSummary
from workbench.comparison.run_fields import (
    budget_words,
    distinct,
    main_gain,
    task_title,
)
from workbench.records import Gain, Interval, RunRecord

# What does not make another configuration: the seed, the device, and where plugins lie.
_NOT_CONFIGURATION = ("seed", "plugins", "device")
_MOST_NAMED = 2
# From so many seeds on, the spread over seeds gives an interval.
FEWEST_SEEDS = 3


@dataclass(frozen=True)
class Group:
    """Runs of one configuration. name: its name within a comparison."""

    name: str
    runs: tuple[RunRecord, ...]

    @property
    def budget(self) -> str:
        return budget_words(self.runs[0]["config"]["budget"])

    @property
    def seeds(self) -> list[int]:
        return sorted({int(run["config"]["seed"]) for run in self.runs})

    def gains(self, protocol: str, split: str) -> dict[int, float]:
        """The gain of each seed on ``split``, see ``gains_by_seed``."""
        return gains_by_seed([(run, gain_on(run, protocol, split)) for run in self.runs])

    def mean(self, protocol: str, split: str) -> Interval | None:
        """The mean gain on ``split``; None if no run has one."""
        rows = [(run, gain_on(run, protocol, split)) for run in self.runs]
        scored = [(run, row) for run, row in rows if row is not None]
        return mean_gain([run for run, _ in scored], [row for _, row in scored]) if scored else None


def group_runs(runs: Sequence[RunRecord]) -> list[Group]:
    """The runs by configuration, in the order in which each first occurs; no two have one name."""
    by_key: dict[str, list[RunRecord]] = {}
    for run in runs:
        by_key.setdefault(key(run), []).append(run)
    members = [tuple(same) for same in by_key.values()]
    return [Group(n, m) for n, m in zip(_names(members), members, strict=True)]


def gains_by_seed(rows: Sequence[tuple[SeededRun, Gain | None]]) -> dict[int, float]:
    """The gain of each seed of one configuration; the mean of its runs where one was run twice.

    rows: runs with their gains; those without one are left out.
    """
    by_seed: dict[int, list[float]] = {}
    for run, row in rows:
        if row is not None:
            by_seed.setdefault(int(run["config"]["seed"]), []).append(float(row["value"]))
    return {seed: float(np.mean(values)) for seed, values in sorted(by_seed.items())}


def key(run: RunRecord, *without: str) -> str:
    """The configuration as text: equal for runs that differ by nothing but seed, device, place of
    plugins and the fields ``without``."""
    left_out = (*_NOT_CONFIGURATION, *without)
    config = {name: value for name, value in run["config"].items() if name not in left_out}
    return json.dumps(config, sort_keys=True, default=str)


def mean_gain(runs: Sequence[RunRecord], rows: Sequence[Gain]) -> Interval:
    """The mean of ``rows``, the gains of ``runs`` of one configuration.

    One run: its own interval, of the evaluated samples. Several: see the module.
    """
    if len(rows) == 1:
        (row,) = rows
        return {"value": float(row["value"]), "low": float(row["low"]), "high": float(row["high"])}
    by_seed = gains_by_seed(list(zip(runs, rows, strict=True)))
    value = float(np.mean(list(by_seed.values())))
    if len(by_seed) == FEWEST_SEEDS - 1:
        low, high = min(row["low"] for row in rows), max(row["high"] for row in rows)
        return {"value": value, "low": float(low), "high": float(high)}
    over_seeds = half_of_seeds(list(by_seed.values()))
    of_samples = float(np.mean([(row["high"] - row["low"]) / 2 for row in rows]))
    half = float(np.hypot(over_seeds, of_samples))
    return {"value": value, "low": max(-1.0, value - half), "high": min(1.0, value + half)}


def half_of_seeds(values: Sequence[float]) -> float:
    """Half width of the 95 % interval of the mean by Student's t; 0 for a single value."""
    k = len(values)
    if k < 2:
        return 0.0
    return float(stdtrit(k - 1, 0.975) * np.std(values, ddof=1) / np.sqrt(k))


def summaries(groups: Sequence[Group]) -> list[SeedSummary]:
    """One summary for each configuration whose runs have a gain."""
    out: list[SeedSummary] = []
    for group in groups:
        scored = [(run, row) for run in group.runs if (row := main_gain(run)) is not None]
        if not scored:
            continue
        first = scored[0][1]
        rows = [row for _, row in scored]
        out.append(
            {
                "name": group.name,
                "task": group.runs[0]["config"]["task"],
                "budget": group.budget,
                "encoder": group.runs[0]["config"]["encoder"],
                "protocol": first["protocol"],
                "metric": first["metric"],
                "runs": [run["id"] for run, _ in scored],
                "seeds": [int(run["config"]["seed"]) for run, _ in scored],
                "gains": [float(row["value"]) for row in rows],
                **mean_gain([run for run, _ in scored], rows),
                "interval": _interval_of(len({run["config"]["seed"] for run, _ in scored})),
            }
        )
    return out


def _interval_of(seeds: int) -> Literal["samples", "both seeds", "samples and seeds"]:
    if seeds < FEWEST_SEEDS:
        return "samples" if seeds == 1 else "both seeds"
    return "samples and seeds"


def _names(groups: Sequence[Sequence[RunRecord]]) -> list[str]:
    """The shared name of each group's runs or its task's title; where two are the same, with what
    differs between them."""
    names = []
    for members in groups:
        given = {str(run.get("name") or "") for run in members}
        shared = given.pop() if len(given) == 1 else ""
        names.append(shared or task_title(members[0]["config"]))
    out = list(names)
    for name in {name for name in names if names.count(name) > 1}:
        same = [i for i, other in enumerate(names) if other == name]
        fields = [
            row
            for row in differences([groups[i][0] for i in same])
            if row.field not in ("seed", "data.fingerprint")
        ]
        for place, i in enumerate(same):
            words = [word for row in fields if (word := change_words(row.field, row.values[place]))]
            out[i] = f"{name} ({', '.join(words[:_MOST_NAMED])})" if words else name
    return distinct(out, [f" #{i + 1}" for i in range(len(out))])
