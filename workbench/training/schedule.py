"""The training budget as progress in [0, 1], and the learning rate as a function of progress."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from workbench.config import Budget


def learning_rate_factor(progress: float, warmup: float) -> float:
    """Linear warm-up over the first ``warmup`` of the budget, then a half cosine to 0.

    progress in [0, 1]; the result is in [0, 1]. The whole schedule fits into the budget: a long
    schedule cut short would be a different experiment (Loshchilov & Hutter, 1608.03983).
    """
    if progress < warmup:
        return progress / warmup
    rest = (progress - warmup) / max(1e-12, 1.0 - warmup)
    return 0.5 * (1.0 + math.cos(math.pi * min(1.0, rest)))


# Fewer steps than these teach nothing that could be judged.
FEWEST_STEPS = 20


def too_few_steps(steps: float, seconds: float) -> str | None:
    """What to do if only ``steps`` steps fit into ``seconds`` of training, in a sentence or two;
    None if they are enough."""
    if steps >= FEWEST_STEPS:
        return None
    needed = FEWEST_STEPS * seconds / max(steps, 1e-9)
    words = f"{math.ceil(needed / 10) * 10:.0f} s" if needed < 600 else f"{needed / 60:.0f} min"
    fitting = f"About {steps:.0f} training steps fit" if steps >= 1.5 else "About one step fits"
    return (
        f"{fitting} into {seconds:.0f} s: too few to learn from. Give at least {words}, or take a "
        "smaller encoder."
    )


# A step counts so many seconds at most, or so many times the longest step before it if that is
# more. What takes longer is a machine that slept, not training.
_MOST_STEP_SECONDS = 30.0
_MOST_TIMES = 10.0


@dataclass
class Clock:
    """Counts training time only: it is stopped during checks, checkpoints and warm-up, and leaves
    out what a sleeping machine adds to a step.

    elapsed: seconds of training before the run was resumed.
    """

    elapsed: float = 0.0
    now: Callable[[], float] = time.perf_counter
    _since: float | None = None
    _step_since: float = 0.0
    _longest: float = 0.0

    def start(self) -> None:
        """Begin, or go on, to count."""
        self._since = self._step_since = self.now()

    def end_step(self) -> float:
        """Call it after each step; returns the seconds of the step that do not count, mostly 0."""
        if self._since is None:
            return 0.0
        now = self.now()
        took, self._step_since = now - self._step_since, now
        left_out = max(0.0, took - max(_MOST_STEP_SECONDS, _MOST_TIMES * self._longest))
        self._since += left_out
        if not left_out:
            self._longest = max(self._longest, took)
        return left_out

    def stop(self) -> None:
        """Stop counting."""
        if self._since is not None:
            self.elapsed += self.now() - self._since
            self._since = None

    @property
    def seconds(self) -> float:
        """Seconds of training so far."""
        running = 0.0 if self._since is None else self.now() - self._since
        return self.elapsed + running


@dataclass(frozen=True)
class Plan:
    """A training budget: seconds, or steps (epochs are counted in steps).

    most_steps: a budget of seconds also ends after so many; None for no limit.
    """

    seconds: float | None
    steps: int | None
    most_steps: int | None = None

    @classmethod
    def of(cls, budget: Budget, steps_per_epoch: int, passes: float | None = None) -> Plan:
        """The plan for ``budget``. passes: over the training samples, at most, where the budget is
        of seconds; None or 0 for no limit."""
        if budget.epochs is not None:
            return cls(None, max(1, round(budget.epochs * steps_per_epoch)))
        limited = bool(passes) and budget.seconds is not None
        most = max(1, round(passes * steps_per_epoch)) if passes and limited else None
        return cls(budget.seconds, budget.steps, most)

    def progress(self, step: int, seconds: float) -> float:
        """Share of the budget that is spent after ``step`` steps and ``seconds`` of training."""
        if self.steps is not None:
            return min(1.0, step / self.steps)
        if self.seconds is None:
            raise ValueError("a plan has seconds or steps")
        share = seconds / self.seconds
        if self.most_steps is not None:
            share = max(share, step / self.most_steps)
        return min(1.0, share)

    def eta(self, step: int, seconds: float) -> float | None:
        """Seconds of training left, or None before the first step."""
        if self.seconds is not None:
            left = max(0.0, self.seconds - seconds)
            if self.most_steps is None or step == 0:
                return left
            return min(left, seconds / step * max(0, self.most_steps - step))
        if self.steps is None or step == 0:
            return None
        return seconds / step * (self.steps - step)
