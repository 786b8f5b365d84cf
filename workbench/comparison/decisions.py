"""What to do next with every task of a comparison, by stated criteria.

A decision is a choice. So it is made on validation samples wherever the runs have validation
scores, and the test split takes no part in it. Two tasks are compared by the one rule of
``relations.py``. In this order:

- ``ruled out``: no run finished, or the collapse check says collapsed or not learning for most
  seeds. One whose scores are higher than those of all tasks without a fault is not ruled out; its
  reason says both.
- ``run next``: its gain lies above 0, and it is higher than every other task that is not ruled out.
- ``still rising``: the accuracy of its neighbours on validation samples still rises over the last
  third of training, or its gain after the longer time lies above that after the shorter one. A
  rising task is not ruled out for being behind, because a short run does not tell where it ends.
- ``ruled out``: another task is higher, or its gain lies below 0.
- ``alike``: its gain lies above 0, and it differs from the others by less than the margin.
- ``not enough evidence``: none of these.
- ``not scored``: there are no labels to score with, or the time was too short for scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.comparison import numbers
from workbench.comparison.analysis import Analysis
from workbench.comparison.basis import gain_on
from workbench.comparison.evidence import Curve, Evidence
from workbench.comparison.groups import Group
from workbench.comparison.guard import readouts
from workbench.comparison.lead_metric import ACCURACY, AUROC, METRIC_WORDS, lead_metric
from workbench.comparison.records import Decision
from workbench.comparison.relations import MARGIN, Relations, both_ways
from workbench.comparison.run_fields import (
    ANOMALY,
    KNN,
    PROBE,
    name_list,
    verdict_label,
    why_unscored,
)
from workbench.comparison.times import amount, line
from workbench.records import Interval

RULED_OUT, RISING, ALIKE, NEXT = "ruled out", "still rising", "alike", "run next"
OPEN, NOT_SCORED = "not enough evidence", "not scored"
_FAULTS = ("complete collapse", "dimensional collapse", "not learning")
_FEWEST_POINTS = 4
_LEAST_RISE = 0.01

# Mean gain by protocol.
Means = dict[str, Interval]


@dataclass(frozen=True)
class _Candidate:
    """A task at its longest budget. means: on ``split``, empty without labels. fault, rising: why
    it is out, or counts as rising; else empty."""

    group: Group
    means: Means
    fault: str
    rising: str
    split: str

    @property
    def name(self) -> str:
        return self.group.name

    @property
    def gains(self) -> str:
        """``Gain on test samples +3.1 points [+1.4, +4.7]``, with the readout if there are two."""
        names = {KNN: "nearest neighbours", PROBE: "a simple classifier", ANOMALY: "the unusual"}
        parts = [
            numbers.gain_in_points(mean) + (f" by {names[protocol]}" if len(self.means) > 1 else "")
            for protocol, mean in self.means.items()
        ]
        metric = lead_metric(self.group.runs[0], next(iter(self.means), KNN))
        of = "" if metric in (ACCURACY, AUROC) else f" in {METRIC_WORDS[metric]}"
        return f"Gain{of} on {self.split} samples {name_list(parts)}"

    @property
    def above_untrained(self) -> bool:
        return bool(self.means) and all(mean["low"] > 0 for mean in self.means.values())

    @property
    def below_untrained(self) -> bool:
        return bool(self.means) and all(mean["high"] < 0 for mean in self.means.values())


def decisions(analysis: Analysis) -> list[Decision]:
    """One decision for each task, at its longest budget."""
    lines: dict[str, list[Group]] = {}
    for group in analysis.groups:
        lines.setdefault(line(group), []).append(group)
    members = [sorted(line_groups, key=amount) for line_groups in lines.values()]
    split = analysis.split
    protocols = _protocols([line_groups[-1] for line_groups in members], split)
    candidates = [
        _Candidate(
            line_groups[-1],
            _means(line_groups[-1], split, protocols),
            _fault(line_groups[-1]),
            _rising(line_groups, split, protocols, analysis.evidence),
            split,
        )
        for line_groups in members
    ]
    known = both_ways(analysis.relations)
    scored = [candidate for candidate in candidates if candidate.means]
    rivals = [one for one in scored if not one.fault or _outdoes(one, scored, known)]
    out: list[Decision] = []
    for candidate in candidates:
        decision, reason = _judge(candidate, rivals, known)
        task = candidate.group.runs[0]["config"]["task"]
        row = Decision(
            name=candidate.name, task=task, decision=decision, reason=reason, split=split
        )
        out.append(row)
    return out


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


def _judge(one: _Candidate, rivals: Sequence[_Candidate], known: Relations) -> tuple[str, str]:
    """The decision and its reason. rivals: the scored tasks that are not ruled out by their fault,
    maybe ``one`` among them."""
    if not one.fault:
        return _decide(one, rivals, known)
    if one in rivals:
        decision, reason = _decide(one, rivals, known)
        return decision, f"{reason} But: {one.fault}"
    if one.above_untrained:
        return RULED_OUT, f"{one.fault} Yet: {one.gains}, above the untrained encoder."
    return RULED_OUT, one.fault


def _outdoes(one: _Candidate, scored: Sequence[_Candidate], known: Relations) -> bool:
    """Whether a faulty task is higher than every faultless one, and than one other at least."""
    others = [other for other in scored if other is not one]
    lower = [other for other in others if _related(one, other, known) == "higher"]
    return (
        one.above_untrained
        and bool(lower)
        and all(other.fault or other in lower for other in others)
    )


def _decide(one: _Candidate, rivals: Sequence[_Candidate], known: Relations) -> tuple[str, str]:
    """As ``_judge``, without the fault."""
    if not one.means:
        if one.rising:
            return RISING, one.rising
        return NOT_SCORED, f"{why_unscored(one.group.runs)} Compare neighbours and maps."
    others = [other for other in rivals if other is not one]
    if _leads(one, rivals, known):
        than = " and every other task" if others else ""
        return NEXT, f"{one.gains}, above the untrained encoder{than}. {one.rising}".strip()
    if one.rising:
        return RISING, f"{one.rising} {one.gains}."
    better = [other.name for other in others if _related(other, one, known) == "higher"]
    if better:
        return RULED_OUT, f"{one.gains}, below {name_list(better)}, and no longer rising."
    if one.below_untrained:
        return RULED_OUT, f"{one.gains}, below the untrained encoder, and no longer rising."
    close = [other.name for other in others if _related(one, other, known) == "open"]
    if close:
        return OPEN, f"{one.gains}; no clear difference from {name_list(close)}."
    alike = [other.name for other in others if _related(one, other, known) == "alike"]
    if alike and one.above_untrained:
        margin = numbers.distance(MARGIN)
        return ALIKE, f"{one.gains}, within {margin} points of {name_list(alike)}."
    return OPEN, f"{one.gains}; no clear difference from the untrained encoder."


def _leads(one: _Candidate, candidates: Sequence[_Candidate], known: Relations) -> bool:
    return one.above_untrained and all(
        _related(one, other, known) == "higher" for other in candidates if other is not one
    )


def _related(one: _Candidate, other: _Candidate, known: Relations) -> str:
    row = known.get((one.name, other.name))
    return "open" if row is None else row["relation"]


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
    means = {protocol: group.mean(protocol, split) for protocol in protocols}
    known = {protocol: mean for protocol, mean in means.items() if mean is not None}
    return known if len(known) == len(protocols) else {}


def _protocols(groups: Sequence[Group], split: str) -> list[str]:
    runs = [run for group in groups for run in group.runs]
    scored = {p for p in (KNN, PROBE, ANOMALY) if any(gain_on(run, p, split) for run in runs)}
    if scored == {ANOMALY}:
        return [ANOMALY]
    both = len(readouts(runs)) > 1 and PROBE in scored
    return [KNN, PROBE] if both else [KNN]
