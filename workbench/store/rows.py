"""A run as stored, its states, and its sign of life: what the parts of the store give back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

State = Literal["queued", "running", "stopping", "stopped", "finished", "failed"]
MapState = Literal["none", "queued", "running", "ready", "failed"]
ENDED: tuple[State, ...] = ("stopped", "finished", "failed")
LIVE: tuple[State, ...] = ("running", "stopping")
RUN_ID = re.compile(r"^[a-z0-9-]{6,40}$")


@dataclass(frozen=True)
class RunRow:
    """One run as stored. Times are seconds since the epoch; summary holds what the run told; tags
    are sorted."""

    id: str
    name: str
    owner: str
    state: State
    config: Mapping[str, Any]
    digest: str
    experiment: str | None
    created: float
    started: float | None
    ended: float | None
    reason: str | None
    note: str
    summary: Mapping[str, Any]
    map_state: MapState
    pid: int | None
    pid_created: float | None
    stop_requested: bool
    turn: float
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Heartbeat:
    """The last sign of life of a run: when, in which phase, how far."""

    at: float
    phase: str
    progress: float
    eta_seconds: float | None
