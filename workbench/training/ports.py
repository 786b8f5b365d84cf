"""The three ports through which a worker touches the world: events, artifacts, control.

``workbench.jobs.worker.run(config, events, artifacts, control)`` uses nothing else, so that
another store, another executor or a notebook needs no worker of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, Protocol

from workbench.records import Summary

Phase = Literal["preparing", "warming up", "training", "evaluating", "done"]


class Events(Protocol):
    """What a run reports: scalars, its phase, notes and its summary."""

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """Scalars of one step. Buffered and written at most once a second."""

    def phase(
        self, phase: Phase, *, progress: float = 0.0, eta_seconds: float | None = None
    ) -> None:
        """The run's phase, progress in [0, 1] of its budget, and seconds of training left."""

    def note(self, text: str) -> None:
        """A decision made for the user (device, precision, batch): printed and stored."""

    def summary(self, values: Summary) -> None:
        """Merge ``values`` into what the store keeps of the run: training, verdict, scores, ..."""


class Artifacts(Protocol):
    """The folder of a run. Files appear whole or not at all."""

    def put(self, name: str, write: Callable[[Path], object], size: int | None = None) -> Path:
        """Have ``write`` fill a temporary path, then rename it to ``name``. Returns the path.

        size: about how many bytes the file will have, where that is known before.
        """

    def path(self, name: str) -> Path:
        """The path of ``name``, which may not exist."""


class Control(Protocol):
    """Requests to a run."""

    def should_stop(self) -> bool:
        """Whether to stop at the next step, writing a checkpoint. Cheap enough for every step."""

    def exclusive(self) -> Callable[[], None]:
        """Take the training device for timed training; returns a function that releases it."""
