"""What to do next with every task of a pilot, by stated criteria.

A decision is a choice. So it is made on validation samples wherever the runs have validation
scores, and the test split takes no part in it. In this order:

- ``ruled out``: no run finished, or the collapse check says collapsed or not learning for most
  seeds.
- ``run next``: the interval of its gain lies above 0 and above that of every other task that is
  not ruled out yet.
- ``still rising``: the accuracy of its neighbours on validation samples still rises over the last
  third of training, or its gain after the longer time lies above that after the shorter one. A
  rising task is not ruled out for being behind, because a short run does not tell where it ends.
- ``ruled out``: its gain's interval lies wholly below the highest task's, or below 0.
- ``indistinguishable``: none of these; the intervals overlap.

Where the tasks' families are read out differently, "above" and "below" have to hold both by nearest
neighbours and by the simple classifier.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.comparison import numbers
from workbench.comparison.evidence import Curve, Evidence
from workbench.comparison.groups import Group, mean_gain
from workbench.comparison.guard import readouts
from workbench.comparison.records import Decision
from workbench.comparison.run_fields import (
    ANOMALY,
    KNN,
    PROBE,
    closed,
    gain_by,
    name_list,
    validation_gain,
    verdict_label,
)
from workbench.comparison.times import amount, line
from workbench.records import Gain, Interval, RunRecord

RULED_OUT, RISING, SAME, NEXT = "ruled out", "still rising", "indistinguishable", "run next"
_FAULTS = ("complete collapse", "dimensional collapse", "not learning")
_FEWEST_POINTS = 4
_LEAST_RISE = 0.01

# Mean gain by protocol.
Means = dict[str, Interval]


def decisions(groups: Sequence[Group], evidence: Evidence) -> list[Decision]:
    """One decision for each task, at its longest budget."""
    lines: dict[str, list[Group]] = {}
    for group in groups:
        lines.setdefault(line(group), []).append(group)
    members = [sorted(line_groups, key=amount) for line_groups in lines.values()]
    latest = [line_groups[-1] for line_groups in members]
    split = basis(latest)
    protocols = _protocols(latest, split)
    means = [_means(group, split, protocols) for group in latest]
    verdicts = [_fault(group) for group in latest]
    rising = [_rising(line_groups, split, protocols, evidence) for line_groups in members]
    out: list[Decision] = []
    for i, group in enumerate(latest):
        others = [
            (latest[j].name, means[j])
            for j in range(len(latest))
            if j != i and means[j] and not verdicts[j]
        ]
        decision, reason = (
            (RULED_OUT, verdicts[i]) if verdicts[i] else _decide(means[i], others, rising[i])
        )
        task = group.runs[0]["config"]["task"]
        out.append(
            Decision(name=group.name, task=task, decision=decision, reason=reason, split=split)
        )
    return out


def basis(groups: Sequence[Group]) -> str:
    """The split to decide on: ``validation`` if every run that has a gain has one of validation
    samples too, else the split that the runs show."""
    scored = [run for group in groups for run in group.runs if run.get("gains")]
    stored = [
        run
        for run in scored
        if any(validation_gain(run, name) is not None for name in (KNN, ANOMALY))
    ]
    if scored and len(stored) == len(scored):
        return "validation"
    splits = {str(row.get("split", "test")) for run in scored for row in run["gains"]}
    return "validation" if splits == {"validation"} else "test"


def rises(curve: Curve) -> bool:
    """Whether a learning curve still rises over its last third.

    A straight line through the points after two thirds of the steps gains a point (0.01) or more
    there, and its slope is more than twice its standard error. Four points at least.
    """
    if not curve:
        return False
    steps, values = np.asarray(curve, np.float64).T
    last = steps >= steps[0] + 2 * (steps[-1] - steps[0]) / 3
    x, y = steps[last], values[last]
    if len(x) < _FEWEST_POINTS or x[0] == x[-1]:
        return False
    x = (x - x.mean()) / (x[-1] - x[0])
    slope = float(x @ y / (x @ x))
    rest = y - y.mean() - slope * x
    error = float(np.sqrt(rest @ rest / (len(x) - 2) / (x @ x)))
    return slope >= _LEAST_RISE and slope > 2 * error


def _decide(means: Means, others: list[tuple[str, Means]], rising: str) -> tuple[str, str]:
    if not means:
        if rising:
            return RISING, rising
        return SAME, "There are no labels to score with: look at the maps and the collapse check."
    gains = _gain_words(means)
    if all(_leads(p, means, others) for p in means):
        than = " and above every other task's" if others else ""
        more = f" {rising}" if rising else ""
        return NEXT, f"{gains}, above the untrained encoder{than}.{more}"
    if rising:
        return RISING, f"{rising} {gains}."
    better = [
        name
        for name, other in others
        if all(p in other and other[p]["low"] > means[p]["high"] for p in means)
    ]
    if better:
        return RULED_OUT, f"{gains}, below {name_list(better)}, and no longer rising."
    if all(mean["high"] < 0 for mean in means.values()):
        return RULED_OUT, f"{gains}, below the untrained encoder, and no longer rising."
    close = [name for name, other in others if any(_overlap(other.get(p), means[p]) for p in means)]
    if close:
        return SAME, f"{gains}, not told apart from {name_list(close)}."
    if others and any(mean["low"] > 0 for mean in means.values()):
        return SAME, f"{gains}; the readouts do not agree on whether it is ahead."
    return SAME, f"{gains}, not told apart from the untrained encoder."


def _leads(protocol: str, means: Means, others: list[tuple[str, Means]]) -> bool:
    low = means[protocol]["low"]
    return low > 0 and all(
        protocol in other and low > other[protocol]["high"] for _, other in others
    )


def _fault(group: Group) -> str:
    """Why a task is out whatever its scores, or an empty text."""
    finished = [run for run in group.runs if run.get("status", "finished") == "finished"]
    if not finished:
        reason = next((str(run["reason"]) for run in group.runs if run.get("reason")), "")
        return f"No run of it finished. {reason}".strip()
    bad = [run for run in finished if verdict_label(run) in _FAULTS]
    if 2 * len(bad) <= len(finished):
        return ""
    label = verdict_label(bad[0])
    seeds = f" for {len(bad)} of {len(finished)} seeds" if len(finished) > 1 else ""
    return f"The collapse check says {label}{seeds}."


def _rising(
    members: Sequence[Group], split: str, protocols: Sequence[str], evidence: Evidence
) -> str:
    """Why a task counts as still rising, or an empty text."""
    first, last = members[0], members[-1]
    if len(members) > 1:
        before, after = _means(first, split, protocols), _means(last, split, protocols)
        if after and all(p in before and after[p]["low"] > before[p]["high"] for p in after):
            return f"Its gain rose from {first.budget} to {last.budget}."
    curves = [evidence.curves[run["id"]] for run in last.runs if evidence.curves.get(run["id"])]
    up = [curve for curve in curves if rises(curve)]
    if curves and 2 * len(up) > len(curves):
        return "Its neighbours' accuracy on validation samples still rose in the last third."
    return ""


def _means(group: Group, split: str, protocols: Sequence[str]) -> Means:
    """Mean gain by protocol; empty unless the group has all of ``protocols``."""
    out: Means = {}
    for protocol in protocols:
        scored = [(run, row) for run in group.runs if (row := _row(run, split, protocol))]
        if scored:
            out[protocol] = mean_gain([run for run, _ in scored], [row for _, row in scored])
    return out if len(out) == len(protocols) else {}


def _row(run: RunRecord, split: str, protocol: str) -> Gain | None:
    if split != "validation":
        return gain_by(run, protocol)
    # Never the test row instead, should the validation split lack a protocol.
    return validation_gain(run, protocol) or (gain_by(run, protocol) if closed(run) else None)


def _protocols(groups: Sequence[Group], split: str) -> list[str]:
    runs = [run for group in groups for run in group.runs]
    scored = {p for p in (KNN, PROBE, ANOMALY) if any(_row(run, split, p) for run in runs)}
    if scored == {ANOMALY}:
        return [ANOMALY]
    both = len(readouts(runs)) > 1 and PROBE in scored
    return [KNN, PROBE] if both else [KNN]


def _gain_words(means: Means) -> str:
    names = {KNN: "nearest neighbours", PROBE: "simple classifier", ANOMALY: "finding the unusual"}
    parts = [
        numbers.gain_in_points(mean) + (f" by {names[protocol]}" if len(means) > 1 else "")
        for protocol, mean in means.items()
    ]
    return f"Gain {name_list(parts)}"


def _overlap(a: Interval | None, b: Interval) -> bool:
    return a is not None and a["low"] <= b["high"] and b["low"] <= a["high"]
