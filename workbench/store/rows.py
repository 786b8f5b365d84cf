"""A run as it is stored, its states, and its heartbeat."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from workbench.records import ConfigRecord, Summary

State = Literal["queued", "running", "stopping", "stopped", "finished", "failed"]
MapState = Literal["none", "queued", "running", "ready", "failed"]
ENDED: tuple[State, ...] = ("stopped", "finished", "failed")
LIVE: tuple[State, ...] = ("running", "stopping")
RUN_ID = re.compile(r"^[a-z0-9-]{6,40}$")


@dataclass(frozen=True)
class RunRow:
    """One run as it is stored.

    Times are seconds since the epoch. digest: equal for equal requests. summary: what the worker
    reported. pid, pid_created: of the worker. turn: when it was last taken from the queue; the
    owner whose latest turn is longest ago is served next. tags: sorted.
    """

    id: str
    name: str
    owner: str
    state: State
    config: ConfigRecord
    digest: str
    experiment: str | None
    created: float
    started: float | None
    ended: float | None
    reason: str | None
    note: str
    summary: Summary
    map_state: MapState
    pid: int | None
    pid_created: float | None
    stop_requested: bool
    turn: float
    tags: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str | None:
        """The content address of the run's data set; None if it has none."""
        return (self.config.get("data") or {}).get("fingerprint")


@dataclass(frozen=True)
class Heartbeat:
    """The last heartbeat of a run. at: seconds since the epoch. progress: 0 to 1 of ``phase``.
    eta_seconds: time left."""

    at: float
    phase: str
    progress: float
    eta_seconds: float | None
