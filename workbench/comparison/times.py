"""Tasks trained for several times: whether each still rises, and whether their order held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from workbench.comparison import numbers
from workbench.comparison.groups import Group, key, mean_gain
from workbench.comparison.records import SwappedPair, TimesRecord
from workbench.comparison.run_fields import gain_by, main_gain, name_list, task_title
from workbench.records import Gain, Interval


@dataclass(frozen=True)
class Growth:
    """One task, encoder and options at its shortest and its longest time. before, after: the mean
    gains there."""

    name: str
    short: str
    long: str
    before: Interval
    after: Interval

    @property
    def trend(self) -> str:
        """``still rising`` or ``falling`` if the two intervals lie apart."""
        if self.after["low"] > self.before["high"]:
            return "still rising"
        if self.after["high"] < self.before["low"]:
            return "falling"
        return "no clear change"


def growths(groups: Sequence[Group], protocol: str | None = None) -> dict[str, Growth]:
    """How the gain grew, by ``line``: what the groups share beside their budget. Only those with
    two budgets or more of one unit. protocol: by default each run's first number."""
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
    """The configuration without its budget, as text: equal for one task trained longer."""
    return key(group.runs[0], "budget")


def amount(group: Group) -> float:
    """The budget as a number, to sort by."""
    (value,) = group.runs[0]["config"]["budget"].values()
    return float(value)


def order_change(groups: Sequence[Group]) -> TimesRecord | None:
    """Whether the order held from the shortest time to the longest. None without two tasks at the
    same two times."""
    tasks = list(growths(groups).values())
    times = {(growth.short, growth.long) for growth in tasks}
    if len(tasks) < 2 or len(times) != 1:
        return None
    ((short, long),) = times
    swapped: list[SwappedPair] = []
    still_open, balance = 0, 0
    for a, b in combinations(tasks, 2):
        first = a.before["value"] - b.before["value"]
        last = a.after["value"] - b.after["value"]
        clear = _apart(a.before, b.before) and _apart(a.after, b.after)
        still_open += not clear
        balance += (first * last > 0) - (first * last < 0)
        if first * last < 0:
            swapped.append({"pair": [a.name, b.name], "clear": clear})
    pairs = len(tasks) * (len(tasks) - 1) // 2
    return {
        "short": short,
        "long": long,
        "order": {
            short: [g.name for g in sorted(tasks, key=lambda g: -g.before["value"])],
            long: [g.name for g in sorted(tasks, key=lambda g: -g.after["value"])],
        },
        "tau": balance / pairs,
        "swapped": swapped,
        "open": still_open,
        "pairs": pairs,
    }


def growth_sentences(groups: Sequence[Group]) -> list[str]:
    """How each task's gain grew, and whether the order held."""
    out = [
        f"{growth.name}: {numbers.points(growth.before['value'])} points after {growth.short}, "
        f"{numbers.points(growth.after['value'])} after {growth.long}: {growth.trend}."
        for growth in growths(groups).values()
    ]
    change = order_change(groups)
    return out if change is None else [*out, _order_sentence(change)]


def _order_sentence(change: TimesRecord) -> str:
    swapped = [" and ".join(row["pair"]) for row in change["swapped"]]
    between = f"from {change['short']} to {change['long']}"
    unsure = (
        f" {change['open']} of {change['pairs']} pairs were too close at one of the times: their "
        "order may be luck."
        if change["open"]
        else ""
    )
    if not swapped:
        return f"The order held {between} (rank agreement {change['tau']:.2f}).{unsure}"
    clear = [" and ".join(row["pair"]) for row in change["swapped"] if row["clear"]]
    sure = f", {name_list(clear)} beyond the noise" if clear else ", none beyond the noise"
    return (
        f"The order changed {between} (rank agreement {change['tau']:.2f}): {'; '.join(swapped)} "
        f"swapped{sure}.{unsure}"
    )


def _name(group: Group, groups: Sequence[Group]) -> str:
    """The task's title if no other line has it, else the group's own name."""
    title = _task(group)
    lines = {line(other) for other in groups if _task(other) == title}
    return title if len(lines) == 1 else group.name


def _task(group: Group) -> str:
    return task_title(group.runs[0]["config"])


def _rows(group: Group, protocol: str | None) -> list[Gain]:
    rows = [gain_by(run, protocol) if protocol else main_gain(run) for run in group.runs]
    return [row for row in rows if row is not None]


def _mean(group: Group, protocol: str | None) -> Interval:
    runs = [run for run in group.runs if (gain_by(run, protocol) if protocol else main_gain(run))]
    return mean_gain(runs, _rows(group, protocol))


def _apart(a: Interval, b: Interval) -> bool:
    return a["low"] > b["high"] or b["low"] > a["high"]
