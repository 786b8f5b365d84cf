"""The losses of a run: kept on the device, and read, checked and written twice a second."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

import torch

from workbench.training.checkpoint import Counters
from workbench.training.checks import NotFiniteError
from workbench.training.history import History
from workbench.training.ports import Events
from workbench.training.schedule import Plan

# Points of the loss curve a run.
_POINTS = 1000
_SECONDS = 0.5


class LossLog:
    """Writes losses, samples a second and progress to ``events``, and losses to ``history``."""

    def __init__(self, plan: Plan, events: Events, history: History):
        self._plan, self._events, self._history = plan, events, history
        self._pending: list[tuple[int, Mapping[str, torch.Tensor]]] = []
        self._last_point = self._last_written = -math.inf

    def add(self, counters: Counters, seconds: float, logs: Mapping[str, torch.Tensor]) -> None:
        """Keep the losses of the last step if its point of the curve is due.

        seconds: of training so far. Raises NotFiniteError as ``write`` does.
        """
        step = counters.step
        if self._plan.steps is not None:
            due = step % max(1, math.ceil(self._plan.steps / _POINTS)) == 0 or step == 1
        else:
            due = seconds - self._last_point >= (self._plan.seconds or 0.0) / _POINTS
        if due:
            self._pending.append((step, logs))
            self._last_point = seconds
        now = time.perf_counter()
        if now - self._last_written > _SECONDS:
            self._last_written = now
            self.write(counters, seconds)
            self._events.phase(
                "training",
                progress=self._plan.progress(step, seconds),
                eta_seconds=self._plan.eta(step, seconds),
            )

    def write(self, counters: Counters, seconds: float) -> None:
        """Read the kept losses off the device and write them.

        Raises NotFiniteError for the first loss that is NaN or Inf.
        """
        for step, logs in self._pending:
            values = {name: float(value) for name, value in logs.items()}
            if not math.isfinite(values["loss"]):
                raise NotFiniteError(f"the loss became {values['loss']}", step)
            self._history.loss(step, values["loss"])
            self._events.metrics(step, values)
        self._pending.clear()
        if counters.step and seconds:
            rate = counters.samples / seconds
            self._events.metrics(counters.step, {"samples_per_second": rate})
