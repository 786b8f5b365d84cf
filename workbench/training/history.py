"""The checks and losses of a run so far, which the verdict is judged by."""

from __future__ import annotations

from typing import TypedDict

from workbench.diagnostics.verdict import Check, Verdict, judge
from workbench.training.checks import CheckResult

# Losses kept for the verdict; when there are more, every second one is dropped.
_MOST_LOSSES = 600


class HistoryRecord(TypedDict):
    """A ``History`` in a checkpoint. checks: [step, total steps, metrics of h, of z or null].
    losses: [step, loss]."""

    checks: list[tuple[int, int, dict[str, float], dict[str, float] | None]]
    losses: list[tuple[int, float]]


class History:
    """Collects checks and losses. ``judge`` gives the verdict; ``to_json`` goes into checkpoints.

    chance: the loss of guessing, None if the task has none.
    """

    def __init__(self, chance: float | None):
        self.chance = chance
        self.checks: list[Check] = []
        self.losses: list[tuple[int, float]] = []
        self.verdict = judge([])

    def loss(self, step: int, value: float) -> None:
        """Add the loss of a step."""
        self.losses.append((step, value))
        if len(self.losses) > _MOST_LOSSES:
            self.losses = self.losses[::2]

    def check(self, result: CheckResult, total_steps: int) -> None:
        """Add a check. A run that was resumed makes some checks again: the later one stays."""
        check = Check(result.step, total_steps, result.h_metrics, result.z_metrics)
        self.checks = [*(c for c in self.checks if c.step < check.step), check]

    def judge(self, *, final: bool = False) -> Verdict:
        """The verdict so far; final: the run has ended."""
        self.verdict = judge(self.checks, self.losses, chance=self.chance, final=final)
        return self.verdict

    def to_json(self) -> HistoryRecord:
        return {
            "checks": [
                (c.step, c.total_steps, dict(c.h), None if c.z is None else dict(c.z))
                for c in self.checks
            ],
            "losses": self.losses,
        }

    def restore(self, raw: HistoryRecord) -> None:
        """Go on from what ``to_json`` gave; nothing if a checkpoint has none."""
        self.checks = [Check(s, total, h, z) for s, total, h, z in raw.get("checks", ())]
        self.losses = [(int(step), float(value)) for step, value in raw.get("losses", ())]
