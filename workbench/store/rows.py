"""A run as it is stored, its states, and its heartbeat."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping

from workbench.records import ConfigRecord, Summary
from workbench.store import documents
from workbench.store.documents import MapState as MapState
from workbench.store.documents import State as State

ENDED: tuple[State, ...] = ("stopped", "finished", "failed")
LIVE: tuple[State, ...] = ("running", "stopping")
RUN_ID = re.compile(r"^[a-z0-9-]{6,40}$")


@dataclass(frozen=True)
class RunRow:
    """One run as it is stored.

    Times are seconds since the epoch. digest: equal for equal requests. summary: what the worker
    reported. pid, pid_created: of the worker. turn: when it was last taken from the queue; the
    owner whose latest turn is longest ago is served next. tags: sorted. damage: what of the row is
    damaged and was replaced by a default, None if nothing is.
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
    damage: str | None = None

    @classmethod
    def read(cls, row: RowMapping | Mapping[str, Any]) -> RunRow:
        """The run of a row of the store, with defaults for what is damaged in it."""
        return cls(**documents.repair_row(dict(row)))

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
