"""Where a home's engine listens, and starting it where none lives. Nothing heavy is imported."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from workbench.jobs.processes import Process, alive, detached

_AGAIN_SECONDS = 5.0
FILE = "engine.json"

_started: dict[Path, float] = {}


@dataclass(frozen=True)
class Address:
    """Where an engine listens, the token that opens it, and its process."""

    port: int
    token: str
    process: Process
    version: str


def address(home: Path) -> Address | None:
    """The engine of ``home`` if one lives, of whatever version, else None."""
    try:
        raw = json.loads((home / FILE).read_text("utf-8"))
        found = Address(raw["port"], raw["token"], Process(**raw["process"]), raw["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if alive(found.process) else None


def ensure(home: Path) -> None:
    """Start the engine of ``home`` if none lives. Does not wait for it; cheap enough to call
    every second."""
    home = home.resolve()
    early = time.monotonic() - _started.get(home, -1e9) < _AGAIN_SECONDS
    if early or address(home) is not None:
        return
    _started[home] = time.monotonic()
    home.mkdir(parents=True, exist_ok=True)
    with (home / "engine.log").open("ab") as log:
        detached(["-m", "workbench.engine.server", str(home)], log, dict(os.environ))
