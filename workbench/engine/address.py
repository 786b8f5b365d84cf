"""Where a home's engine listens, and starting it where none lives. Nothing heavy is imported."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from workbench.jobs.processes import Process, Starter, alive

FILE = "engine.json"
_starter = Starter("workbench.engine.server", "engine.log")


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
        engine = Address(raw["port"], raw["token"], Process(**raw["process"]), raw["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return engine if alive(engine.process) else None


def ensure(home: Path) -> None:
    """Start the engine of ``home`` if none lives. Does not wait for it; cheap enough to call
    every second."""
    home = home.resolve()
    if address(home) is None:
        _starter.start(home)
