"""Runs that differ by their seed alone: their gains, and the mean over seeds with its interval.

The interval is Student's t over seeds, joined with the noise of the evaluated samples (the squares
of the half widths add). Not BCa: whatever a bootstrap draws of k values has its mean between the
least and the greatest of them, and all k seeds lie on one side of a symmetric truth once in
2^(k-1) times, so that with three seeds no such interval can hold the truth more than 75 % of the
time. Student's t is exact for normal seeds, and honest by being wide for few.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import stdtrit

from workbench.comparison.differences import differences
from workbench.comparison.reading import (
    Row,
    Run,
    budget_words,
    gain_by,
    main_gain,
    task_title,
)

# What does not make another configuration: the seed, and where plugins lie.
_APART = ("seed", "plugins", "device")
_MOST_NAMED = 2


@dataclass(frozen=True)
class Group:
    """Runs of one configuration. name: what it is called among the others of a comparison."""

    name: str
    runs: tuple[Run, ...]

    @property
    def budget(self) -> str:
        return budget_words(self.runs[0]["config"]["budget"])

    @property
    def seeds(self) -> list[int]:
        return sorted({int(run["config"]["seed"]) for run in self.runs})

    def gains(self, protocol: str) -> dict[int, float]:
        """The gain of each seed; the mean of its runs where one was run twice."""
        found: dict[int, list[float]] = {}
        for run in self.runs:
            row = gain_by(run, protocol)
            if row is not None:
                found.setdefault(int(run["config"]["seed"]), []).append(float(row["value"]))
        return {seed: float(np.mean(values)) for seed, values in sorted(found.items())}


def grouped(runs: Sequence[Run]) -> list[Group]:
    """The runs by configuration, in the order in which each first occurs; no two have one name."""
    found: dict[str, list[Run]] = {}
    for run in runs:
        found.setdefault(key(run), []).append(run)
    members = [tuple(group) for group in found.values()]
    return [Group(n, m) for n, m in zip(_names(members), members, strict=True)]


def key(run: Run, *without: str) -> str:
    """What a configuration is told by: everything but seed, device and place of plugins, and but
    the fields ``without``."""
    left_out = (*_APART, *without)
    config = {name: value for name, value in run["config"].items() if name not in left_out}
    return json.dumps(config, sort_keys=True, default=str)


def mean_gain(runs: Sequence[Run], rows: Sequence[Row]) -> dict[str, float]:
    """value, low, high of the mean of ``rows``, the gains of ``runs`` of one configuration.

    One run: its own interval, of the evaluated samples. Several: see the module.
    """
    if len(rows) == 1:
        return {name: float(rows[0][name]) for name in ("value", "low", "high")}
    by_seed: dict[int, list[float]] = {}
    for run, row in zip(runs, rows, strict=True):
        by_seed.setdefault(int(run["config"]["seed"]), []).append(float(row["value"]))
    value = float(np.mean([np.mean(values) for values in by_seed.values()]))
    over_seeds = half_of_seeds([float(np.mean(values)) for values in by_seed.values()])
    of_samples = float(np.mean([(row["high"] - row["low"]) / 2 for row in rows]))
    half = float(np.hypot(over_seeds, of_samples))
    return {"value": value, "low": max(-1.0, value - half), "high": min(1.0, value + half)}


def half_of_seeds(values: Sequence[float]) -> float:
    """Half width of the 95 % interval of the mean by Student's t; 0 for a single value."""
    k = len(values)
    if k < 2:
        return 0.0
    return float(stdtrit(k - 1, 0.975) * np.std(values, ddof=1) / np.sqrt(k))


def summaries(groups: Sequence[Group]) -> list[dict[str, Any]]:
    """``seeds`` of the comparison object: one entry a configuration whose runs have a gain."""
    out = []
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
                "interval": "samples" if len(rows) == 1 else "samples and seeds",
            }
        )
    return out


def _names(groups: Sequence[Sequence[Run]]) -> list[str]:
    """The shared name of each group's runs or its task's title; where two are the same, with what
    differs."""
    names = []
    for members in groups:
        given = {str(run.get("name") or "") for run in members}
        names.append(given.pop() if len(given) == 1 and "" not in given else task_title(members[0]))
    out = list(names)
    for name in {name for name in names if names.count(name) > 1}:
        same = [i for i, other in enumerate(names) if other == name]
        fields = [
            row
            for row in differences([groups[i][0] for i in same])
            if row.field not in ("seed", "data.fingerprint")
        ]
        for place, i in enumerate(same):
            told = [word for row in fields if (word := _told(row.field, row.values[place]))]
            out[i] = f"{name} ({', '.join(told[:_MOST_NAMED])})" if told else name
    return [n if out.count(n) == 1 else f"{n} #{i + 1}" for i, n in enumerate(out)]


def _told(field: str, value: Any) -> str:
    room, _, last = field.partition(".")
    if room == "budget":
        return "" if value is None else f"{value:g} {last}"
    return f"{last or room} {value}"
