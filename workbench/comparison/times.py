"""Tasks that were run for two times: whether each still rises, and whether their order held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from workbench.comparison.groups import Group, key, mean_gain
from workbench.comparison.reading import Row, gain_by, listed, main_gain, task_title


@dataclass(frozen=True)
class Growth:
    """One task, encoder and options at its shortest and its longest time: mean gains (value, low,
    high) there."""

    name: str
    short: str
    long: str
    before: dict[str, float]
    after: dict[str, float]

    @property
    def trend(self) -> str:
        """``still rising`` or ``falling`` if the two intervals lie apart."""
        if self.after["low"] > self.before["high"]:
            return "still rising"
        if self.after["high"] < self.before["low"]:
            return "falling"
        return "no change that can be told"


def growths(groups: Sequence[Group], protocol: str | None = None) -> dict[str, Growth]:
    """By what the groups share beside their budget: how the gain grew. Only those with two budgets
    of one unit or more; protocol: by default each run's first number."""
    lines: dict[str, list[Group]] = {}
    for group in groups:
        if _rows(group, protocol):
            lines.setdefault(line(group), []).append(group)
    out = {}
    for shared, members in lines.items():
        units = {tuple(member.runs[0]["config"]["budget"]) for member in members}
        if len(members) < 2 or len(units) > 1:
            continue
        members = sorted(members, key=amount)
        out[shared] = Growth(
            _name(members[0], groups),
            members[0].budget,
            members[-1].budget,
            _mean(members[0], protocol),
            _mean(members[-1], protocol),
        )
    return out


def line(group: Group) -> str:
    """What a configuration is told by, whatever its budget."""
    return key(group.runs[0], "budget")


def amount(group: Group) -> float:
    """The budget as a number, to sort by."""
    (value,) = group.runs[0]["config"]["budget"].values()
    return float(value)


def order_held(groups: Sequence[Group]) -> dict[str, Any] | None:
    """``times`` of the comparison object: whether the order held from the first time to the last.

    short, long: the times. order: {time: names, the highest gain first}. tau: Kendall's rank
    correlation of the two orders (1: the same, -1: reversed). swapped: pairs whose order changed,
    with ``clear``: whether their intervals lay apart at both times, so that noise does not explain
    it. open: how many pairs could not be told apart at one of the times. None without two tasks at
    the same two times.
    """
    found = list(growths(groups).values())
    times = {(growth.short, growth.long) for growth in found}
    if len(found) < 2 or len(times) != 1:
        return None
    ((short, long),) = times
    swapped, still_open, balance = [], 0, 0
    for a, b in combinations(found, 2):
        first = a.before["value"] - b.before["value"]
        last = a.after["value"] - b.after["value"]
        clear = _apart(a.before, b.before) and _apart(a.after, b.after)
        still_open += not clear
        balance += (first * last > 0) - (first * last < 0)
        if first * last < 0:
            swapped.append({"pair": [a.name, b.name], "clear": clear})
    pairs = len(found) * (len(found) - 1) // 2
    return {
        "short": short,
        "long": long,
        "order": {
            short: [g.name for g in sorted(found, key=lambda g: -g.before["value"])],
            long: [g.name for g in sorted(found, key=lambda g: -g.after["value"])],
        },
        "tau": balance / pairs,
        "swapped": swapped,
        "open": still_open,
        "pairs": pairs,
    }


def growth_sentences(groups: Sequence[Group]) -> list[str]:
    """How each task's gain grew, and whether the order held."""
    out = [
        f"{growth.name}: {100 * growth.before['value']:+.1f} points after {growth.short}, "
        f"{100 * growth.after['value']:+.1f} after {growth.long}: {growth.trend}."
        for growth in growths(groups).values()
    ]
    held = order_held(groups)
    return out if held is None else [*out, _order_sentence(held)]


def _order_sentence(held: dict[str, Any]) -> str:
    swapped = [" and ".join(row["pair"]) for row in held["swapped"]]
    between = f"from {held['short']} to {held['long']}"
    unsure = (
        f" {held['open']} of {held['pairs']} pairs could not be told apart at one of the times, so "
        "that their order may be noise."
        if held["open"]
        else ""
    )
    if not swapped:
        return f"The order held {between} (rank agreement {held['tau']:.2f}).{unsure}"
    clear = [" and ".join(row["pair"]) for row in held["swapped"] if row["clear"]]
    sure = f", {listed(clear)} beyond the noise" if clear else ", none beyond the noise"
    return (
        f"The order changed {between} (rank agreement {held['tau']:.2f}): {'; '.join(swapped)} "
        f"swapped{sure}.{unsure}"
    )


def _name(group: Group, groups: Sequence[Group]) -> str:
    """The task's title if no other line has it, else the group's own name."""
    title = task_title(group.runs[0])
    lines = {line(other) for other in groups if task_title(other.runs[0]) == title}
    return title if len(lines) == 1 else group.name


def _rows(group: Group, protocol: str | None) -> list[Row]:
    rows = [gain_by(run, protocol) if protocol else main_gain(run) for run in group.runs]
    return [row for row in rows if row is not None]


def _mean(group: Group, protocol: str | None) -> dict[str, float]:
    runs = [run for run in group.runs if (gain_by(run, protocol) if protocol else main_gain(run))]
    return mean_gain(runs, _rows(group, protocol))


def _apart(a: dict[str, float], b: dict[str, float]) -> bool:
    return a["low"] > b["high"] or b["low"] > a["high"]
