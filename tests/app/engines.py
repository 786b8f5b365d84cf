"""Ending the engine that tests of one home have started."""

from __future__ import annotations

from pathlib import Path

from workbench.engine import address
from workbench.jobs.processes import kill


def end_engine(home: Path) -> None:
    engine = address.address(home)
    if engine is not None:
        kill(engine.process)
