"""What a run has shown so far, as far as the verdict needs it: checks and losses."""

from __future__ import annotations

from typing import Any

from workbench.diagnostics.verdict import Check, Verdict, judge
from workbench.training.checks import CheckResult

# Losses kept for the verdict; when there are more, every second one is dropped.
_MOST_LOSSES = 600


class History:
    """Collects checks and losses; ``judge`` gives the verdict, ``to_json`` survives a resume."""

    def __init__(self, chance: float | None):
        self.chance = chance
        self.checks: list[Check] = []
        self.losses: list[tuple[int, float]] = []
        self.verdict = judge([])

    def loss(self, step: int, value: float) -> None:
        self.losses.append((step, value))
        if len(self.losses) > _MOST_LOSSES:
            self.losses = self.losses[::2]

    def check(self, result: CheckResult, total_steps: int) -> None:
        check = Check(result.step, total_steps, result.h_metrics, result.z_metrics)
        self.checks = [*(c for c in self.checks if c.step < check.step), check]

    def judge(self, *, final: bool = False) -> Verdict:
        self.verdict = judge(self.checks, self.losses, chance=self.chance, final=final)
        return self.verdict

    def to_json(self) -> dict[str, Any]:
        return {
            "checks": [[c.step, c.total_steps, dict(c.h), c.z and dict(c.z)] for c in self.checks],
            "losses": self.losses,
        }

    def restore(self, raw: dict[str, Any]) -> None:
        """Take up what ``to_json`` gave."""
        self.checks = [Check(s, total, h, z) for s, total, h, z in raw.get("checks", ())]
        self.losses = [(int(step), float(value)) for step, value in raw.get("losses", ())]
