"""Runs of equal time that made unequal steps, and the runs that would compare them by steps.

Equal time answers what a budget buys. But a run may have made few steps because its task costs
more, or because the machine was busy: only equal steps tell these apart from slow learning.
"""

from __future__ import annotations

from collections.abc import Sequence

from workbench.comparison.groups import Group
from workbench.comparison.records import NextRun, StepsRecord
from workbench.comparison.times import amount

# From this ratio on, unequal steps are flagged.
EXCESS = 1.25


def unequal_steps(groups: Sequence[Group]) -> StepsRecord | None:
    """The steps of the runs with the longest time, if they differ by more than ``EXCESS``.

    groups: fair to compare. None for budgets in steps or epochs.
    """
    timed = [group for group in groups if "seconds" in group.runs[0]["config"]["budget"]]
    if not timed:
        return None
    longest = max(map(amount, timed))
    steps = {
        group.name: counts
        for group in timed
        if amount(group) == longest and (counts := _steps(group))
    }
    every = [count for counts in steps.values() for count in counts]
    if not every or max(every) <= EXCESS * min(every):
        return None
    most = max(every)
    members = [group for group in timed if group.name in steps]
    members = [group for group in members if amount(group) == longest]
    return {
        "ratio": most / min(every),
        "steps": steps,
        "sentence": _sentence(steps, members[0].budget),
        "seconds": _seconds(members, most),
        "command": None,
        "runs": [
            NextRun(like=group.runs[0]["id"], seed=seed, budget={"steps": most})
            for group in members
            for seed in group.seeds
        ],
    }


def _steps(group: Group) -> list[int]:
    """Of the runs that finished."""
    finished = [run for run in group.runs if run["status"] == "finished"]
    return [steps for run in finished if (steps := int(run["training"].get("steps") or 0))]


def _sentence(steps: dict[str, list[int]], budget: str) -> str:
    most = max(steps, key=lambda name: max(steps[name]))
    fewest = min(steps, key=lambda name: min(steps[name]))
    high, low = max(steps[most]), min(steps[fewest])
    times = f"{high / low:.1f} times as many"
    made = (
        f"{most} made {low:,} to {high:,} steps"
        if most == fewest
        else f"{most} made {high:,} steps, {times} as {fewest} ({low:,})"
    )
    return f"Unequal steps: in {budget}, {made}. Equal steps would show what each step teaches."


def _seconds(groups: Sequence[Group], steps: int) -> float | None:
    """Seconds of training of all runs together; None if one has no time stored."""
    total = 0.0
    for group in groups:
        counts = _steps(group)
        seconds = max((float(run["training"].get("seconds") or 0) for run in group.runs), default=0)
        if not seconds:
            return None
        total += steps / max(counts) * seconds * len(group.seeds)
    return total
