"""The verdict over the collapse checks of a run, with the numbers behind it.

``zones`` gives the zone of one check; here the history of checks decides whether it is an alarm.
docs/verdict.md reports how often the verdict is right.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt

from workbench.diagnostics import verdict_words
from workbench.diagnostics.metrics import summarise
from workbench.diagnostics.verdict_words import ADVICE
from workbench.diagnostics.zones import (
    COMPLETE_STD,
    ELSEWHERE_STD,
    NARROWED,
    Label,
    Metrics,
    centred_zone,
    zone,
)
from workbench.records import VerdictRecord

# Checks in a row that an alarm needs. Few directions need more: healthy SimSiam runs pass through
# that zone for two checks.
IN_A_ROW = 3
NEEDED = {"complete collapse": IN_A_ROW, "dimensional collapse": 5}
# After the end of a run no check follows, so fewer are enough.
NEEDED_AT_END = {"complete collapse": 2, "dimensional collapse": 3}
# Share of the run in which every run looks collapsed.
GRACE = 0.05
# Every run begins in an alarm zone, because untrained embeddings lie close together: no alarm
# before this many steps, nor while the spread still grows by this factor from check to check.
FEWEST_STEPS = 30
SPREADING = 1.02
# In the second half of a run a growing spread no longer holds back the alarm.
EXCUSED = 0.5
# A loss counts as flat at chance when the last third of its curve stays this close to it.
FLAT = 0.02
FEWEST_LOSSES = 30

ALARMS: tuple[Label, ...] = ("complete collapse", "dimensional collapse")


@dataclass(frozen=True)
class Check:
    """One check of a run. z: metrics of the projections, None for tasks without; h: of h."""

    step: int
    total_steps: int
    h: Metrics
    z: Metrics | None = None


@dataclass(frozen=True)
class Verdict:
    """label; reason, with numbers; since_step: the step from which it holds, None before any check;
    metrics: of the last check; advice: what to try."""

    label: Label
    reason: str
    since_step: int | None = None
    metrics: Metrics = field(default_factory=dict)
    advice: str = ""

    def to_json(self) -> VerdictRecord:
        return {
            "label": self.label,
            "reason": self.reason,
            "since_step": self.since_step,
            "metrics": dict(self.metrics),
            "advice": self.advice,
        }


def judge(
    checks: Sequence[Check],
    losses: Sequence[tuple[int, float]] = (),
    *,
    chance: float | None = None,
    final: bool = False,
) -> Verdict:
    """The verdict over the checks so far, in order of their steps.

    An alarm needs the alarm zones to hold over the last ``NEEDED`` checks, after the grace period:
    the first 5 % of the run, unless a check has been outside the alarm zones before. final: the run
    has ended. losses: (step, loss), for ``not learning``; chance: the loss of guessing.
    """
    if not checks:
        return Verdict("too early to say", "There has been no check yet.")
    last = checks[-1]
    zones = [(check, _zone_of(check, checks[0])) for check in checks]
    since_training = [pair for pair in zones if pair[0].step > 0]
    label = zones[-1][1]
    metrics = _named(last)
    early = _too_early(since_training, last, final=final)
    if early is not None:
        advice = ADVICE["too early to say"] if final else ""
        return Verdict("too early to say", early, metrics=metrics, advice=advice)
    stuck = None if label in ALARMS else _flat_at_chance(losses, chance)
    if stuck is not None:
        return Verdict(
            "not learning",
            f"The loss has stayed at {stuck[1]:.3g}, the level of guessing ({chance:.3g}).",
            stuck[0],
            metrics,
            ADVICE["not learning"],
        )
    since = _streak(since_training)[0].step
    return Verdict(label, _reason(label, last), since, metrics, ADVICE.get(label, ""))


def _too_early(zones: Sequence[tuple[Check, Label]], last: Check, *, final: bool) -> str | None:
    """Why there is no verdict yet, or None. zones: of the checks since training began."""
    if len(zones) < IN_A_ROW:
        return f"Only {len(zones)} of {IN_A_ROW} checks have been made since training began."
    label = zones[-1][1]
    if label not in ALARMS:
        return None
    if last.step < FEWEST_STEPS:
        return f"Every run looks collapsed at its start, and this one has made {last.step} steps."
    first_half = last.step <= EXCUSED * last.total_steps
    if label == "complete collapse" and first_half and _still_spreads([c for c, _ in zones]):
        return verdict_words.spreading(_judged(last))
    streak = len(_streak(zones))
    was_outside = any(zone not in ALARMS for _, zone in zones)
    in_grace = last.step < GRACE * last.total_steps and not was_outside
    enough = final and streak >= NEEDED_AT_END[label]
    if enough or not (streak < NEEDED[label] or in_grace):
        return None
    if in_grace:
        return "Every run looks collapsed at its start."
    return (
        f"{label.capitalize()} showed in {streak} of the {NEEDED[label]} checks in a row that "
        "an alarm needs."
    )


def judge_array(z: npt.NDArray[Any]) -> Verdict:
    """The verdict on embeddings from elsewhere, of which there is one state and no history.

    z: (n, d). Raises RequestError as ``summarise`` does.
    """
    metrics = summarise(z)
    check = Check(step=1, total_steps=1, h=metrics, z=metrics)
    close, label = metrics["std_sqrt_d"] < COMPLETE_STD, zone(metrics)
    if metrics["std_sqrt_d"] >= ELSEWHERE_STD and label == "complete collapse":
        label = centred_zone(metrics)
    reason = _reason(label, check)
    if close and label != "complete collapse":
        reason += (
            " All rows share a large common part. That is no fault in an encoder's output; in "
            "projections it is a complete collapse."
        )
    if metrics["n"] < 4 * metrics["d"]:
        reason += (
            f" There are {metrics['n']:.0f} rows for {metrics['d']:.0f} columns: with fewer than "
            "four rows a column the number of directions is uncertain."
        )
    return Verdict(label, reason, None, metrics, ADVICE.get(label, ""))


def _zone_of(check: Check, first: Check) -> Label:
    """The zone of a check, given the run's first check, which is of the untrained encoder."""
    label = zone(_judged(check), projected=check.z is not None)
    if check.z is not None or label != "dimensional collapse" or first.step > 0:
        return label
    lost = (check.h["participation_ratio"] - 1) < NARROWED * (first.h["participation_ratio"] - 1)
    return label if lost else "low rank"


def _judged(check: Check) -> Metrics:
    """The metrics that the verdict is about: of z if the task has projections."""
    return check.h if check.z is None else check.z


def _named(check: Check) -> dict[str, float]:
    """All metrics of a check, with ``h.`` or ``z.`` before their names."""
    named = {f"h.{name}": float(value) for name, value in check.h.items()}
    if check.z is not None:
        named |= {f"z.{name}": float(value) for name, value in check.z.items()}
    return named


def _streak(zones: Sequence[tuple[Check, Label]]) -> list[Check]:
    """The last checks in a row that lie in the zone of the last one. Both alarm zones count as one,
    so that a run that flickers between them is in alarm all the time."""
    label = zones[-1][1]
    same = ALARMS if label in ALARMS else (label,)
    out: list[Check] = []
    for check, zone_label in reversed(zones):
        if zone_label not in same:
            break
        out.append(check)
    return out[::-1]


def _still_spreads(checks: Sequence[Check]) -> bool:
    """Whether the spread has grown at each of the last checks."""
    stds = [_judged(check)["std_sqrt_d"] for check in checks[-IN_A_ROW:]]
    pairs = itertools.pairwise(stds)
    return len(stds) == IN_A_ROW and all(later > SPREADING * before for before, later in pairs)


def _flat_at_chance(
    losses: Sequence[tuple[int, float]], chance: float | None
) -> tuple[int, float] | None:
    """(first step, mean loss) of the last third of the curve if all of it lies at chance."""
    if chance is None or chance == 0 or len(losses) < FEWEST_LOSSES:
        return None
    tail = losses[-(len(losses) // 3) :]
    mean = sum(loss for _, loss in tail) / len(tail)
    start = sum(loss for _, loss in tail[: len(tail) // 2]) / max(1, len(tail) // 2)
    at_chance = mean > (1 - FLAT) * abs(chance)
    return (tail[0][0], mean) if at_chance and mean > start - FLAT * abs(chance) else None


def _reason(label: Label, check: Check) -> str:
    """The sentence with the numbers that a label rests on."""
    sentence = verdict_words.reason(label, _judged(check)) or ""
    return verdict_words.with_space(sentence, projected=check.z is not None)
