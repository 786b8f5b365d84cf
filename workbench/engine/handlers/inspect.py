"""The engine's ``inspect``: what a source holds, before it is prepared."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from workbench.engine.data_replies import plain
from workbench.engine.requests import InspectRequest
from workbench.engine.wire import Message

REQUEST = InspectRequest
# Listing a large source takes long, and previews of other data must not wait for it.
PARALLEL = True


def handle(request: InspectRequest, home: Path) -> Message:
    """An ``InspectionRecord``."""
    from workbench import data

    inspection = data.inspect(request.data, home, within=request.within)
    return Message(plain(dataclasses.asdict(inspection)))
