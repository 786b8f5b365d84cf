"""The verdict: what the collapse checks of a run say over time, with the numbers behind it.

``zones`` says what one check shows; here its history decides whether that is an alarm.
docs/verdict.md says how often it is right.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt

from workbench.diagnostics.metrics import summarise
from workbench.diagnostics.zones import (
    COMPLETE_STD,
    ELSEWHERE_STD,
    NARROWED,
    Label,
    Metrics,
    centred_zone,
    zone,
)

# Checks in a row before an alarm, and the share of the run in which every run looks collapsed. Few
# directions need more: healthy SimSiam runs pass through that zone for two checks.
IN_A_ROW = 3
NEEDED = {"complete collapse": IN_A_ROW, "dimensional collapse": 5}
# The last checks of a run that has ended are followed by no other.
NEEDED_AT_END = {"complete collapse": 2, "dimensional collapse": 3}
GRACE = 0.05
# Every run begins in an alarm zone, because untrained embeddings lie close together: no alarm
# before this many steps, nor while the spread still grows by this factor from check to check.
FEWEST_STEPS = 30
SPREADING = 1.02
# In the second half of a run, growing is no excuse any more.
EXCUSED = 0.5
# A loss counts as flat at chance when the last third of its curve stays this close to it.
FLAT = 0.02
FEWEST_LOSSES = 30

ALARMS: tuple[Label, ...] = ("complete collapse", "dimensional collapse")

_ADVICE = {
    "complete collapse": "Look at what keeps the embeddings apart: stop-gradient and predictor, "
    "the variance term, negatives; then at the learning rate.",
    "dimensional collapse": "Look at what keeps the directions apart: the covariance or redundancy "
    "term, stronger or more varied augmentations, a wider projection head.",
    "low rank": "Look at the scores: few directions are no fault if there are few classes.",
    "not learning": "Try a higher learning rate, more training time, or an easier task; compare "
    "with the untrained encoder.",
}


@dataclass(frozen=True)
class Check:
    """One check of a run. z: metrics of the projections, None for tasks without; h: of h."""

    step: int
    total_steps: int
    h: Metrics
    z: Metrics | None = None


@dataclass(frozen=True)
class Verdict:
    """label, why (with numbers), since which step it holds, the numbers, and what to try."""

    label: Label
    reason: str
    since_step: int | None = None
    metrics: Metrics = field(default_factory=dict)
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
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
    has ended, so that no further check will come. losses: (step, loss), for ``not learning``.
    """
    if not checks:
        return Verdict("too early to say", "There has been no check yet.")
    last = checks[-1]
    seen = [(check, _zone_of(check, checks[0])) for check in checks]
    after = [pair for pair in seen if pair[0].step > 0]
    metrics = _named(last)
    subject = "the projections z" if last.z is not None else "the representations h"
    if len(after) < IN_A_ROW:
        return Verdict(
            "too early to say",
            f"Only {len(after)} of {IN_A_ROW} checks have been made since training began.",
            metrics=metrics,
        )
    label = seen[-1][1]
    streak = _streak(after)
    alarm = label in ALARMS
    if alarm and last.step < FEWEST_STEPS:
        return Verdict(
            "too early to say",
            f"Every run looks collapsed at its start, and this one has made {last.step} steps.",
            metrics=metrics,
        )
    early = last.step <= EXCUSED * last.total_steps
    if label == "complete collapse" and early and _still_spreads([c for c, _ in after]):
        return Verdict(
            "too early to say",
            f"{subject[0].upper()}{subject[1:]} lie close together, but still spread: std times "
            f"sqrt(d) has grown to {_judged(last)['std_sqrt_d']:.2f}.",
            metrics=metrics,
        )
    was_outside = any(found not in ALARMS for _, found in after)
    in_grace = last.step < GRACE * last.total_steps and not was_outside
    needed = NEEDED.get(label, 0)
    enough = final and len(streak) >= NEEDED_AT_END.get(label, 0)
    if alarm and (len(streak) < needed or in_grace) and not enough:
        return Verdict(
            "too early to say",
            f"{label.capitalize()} showed in {len(streak)} of the {needed} checks in a row that "
            "an alarm needs."
            if not in_grace
            else "Every run looks collapsed at its start.",
            metrics=metrics,
        )
    if alarm:
        return Verdict(
            label, _reason(label, last, subject), streak[0].step, metrics, _ADVICE[label]
        )
    stuck = _flat_at_chance(losses, chance)
    if stuck is not None:
        return Verdict(
            "not learning",
            f"The loss has stayed at {stuck[1]:.3g}, the level of guessing ({chance:.3g}).",
            stuck[0],
            metrics,
            _ADVICE["not learning"],
        )
    since = streak[0].step
    return Verdict(label, _reason(label, last, subject), since, metrics, _ADVICE.get(label, ""))


def judge_array(z: npt.NDArray[Any]) -> Verdict:
    """The verdict on embeddings from elsewhere, of which there is one state and no history."""
    metrics = summarise(z)
    check = Check(step=1, total_steps=1, h=metrics, z=metrics)
    near, label = metrics["std_sqrt_d"] < COMPLETE_STD, zone(metrics)
    if metrics["std_sqrt_d"] >= ELSEWHERE_STD and label == "complete collapse":
        label = centred_zone(metrics)
    reason = _reason(label, check, "the embeddings")
    if near and label != "complete collapse":
        reason += (
            " They share a large common part: no fault of an encoder's representations, but of "
            "projections it would be a complete collapse."
        )
    if metrics["n"] < 4 * metrics["d"]:
        reason += (
            f" There are {metrics['n']:.0f} rows for {metrics['d']:.0f} columns: with fewer than "
            "four rows a column the rank is uncertain."
        )
    return Verdict(label, reason, None, metrics, _ADVICE.get(label, ""))


def _zone_of(check: Check, first: Check) -> Label:
    """The zone of a check of a run whose first check is ``first``, of the untrained encoder."""
    label = zone(_judged(check), projected=check.z is not None)
    if check.z is not None or label != "dimensional collapse" or first.step > 0:
        return label
    lost = (check.h["participation_ratio"] - 1) < NARROWED * (first.h["participation_ratio"] - 1)
    return label if lost else "low rank"


def _judged(check: Check) -> Metrics:
    return check.h if check.z is None else check.z


def _named(check: Check) -> dict[str, float]:
    named = {f"h.{name}": float(value) for name, value in check.h.items()}
    if check.z is not None:
        named |= {f"z.{name}": float(value) for name, value in check.z.items()}
    return named


def _streak(seen: Sequence[tuple[Check, Label]]) -> list[Check]:
    """The last checks in a row that lie in the zone of the last one; a run that flickers between
    both alarm zones has been in alarm all the time."""
    label = seen[-1][1]
    same = ALARMS if label in ALARMS else (label,)
    out: list[Check] = []
    for check, found in reversed(seen):
        if found not in same:
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


def _reason(label: Label, check: Check, subject: str) -> str:
    m = _judged(check)
    std, cosine = m["std_sqrt_d"], m["mean_cosine"]
    share, ratio, pr = m["top_share"], m["rankme_ratio"], m["participation_ratio"]
    numbers = {
        "complete collapse": f"All of {subject} lie in one place: std times sqrt(d) is {std:.2f} "
        f"(1 is healthy), mean cosine {cosine:.2f} (0 is healthy).",
        "dimensional collapse": f"{subject.capitalize()} are spread out (std times sqrt(d) "
        f"{std:.2f}) but use few directions: the strongest holds {share:.0%} of the variance, "
        f"participation ratio {pr:.1f}, RankMe {ratio:.0%} of isotropic data's.",
        "low rank": f"{subject.capitalize()} use few directions: RankMe is {ratio:.0%} of "
        f"isotropic data's, participation ratio {pr:.1f}; std times sqrt(d) {std:.2f}, mean cosine "
        f"{cosine:.2f}.",
        "no sign of collapse": f"Std times sqrt(d) of {subject} is {std:.2f}, mean cosine "
        f"{cosine:.2f}, RankMe {ratio:.0%} of isotropic data's.",
    }
    text = numbers[label]
    if check.z is None:
        text += (
            " This task has no projection: h alone is judged, by thresholds that were made for "
            "projections."
        )
    return text
