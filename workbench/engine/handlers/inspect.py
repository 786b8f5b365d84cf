"""The engine's ``inspect``: what a source holds, before it is prepared."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.engine.requests import InspectRequest
from workbench.engine.wire import Message

REQUEST = InspectRequest
# Listing a large source takes long, and previews of other data must not wait for it.
PARALLEL = True


def handle(request: InspectRequest, home: Path) -> Message:
    """An ``InspectionRecord``."""
    from workbench import data

    inspection = data.inspect(request.data, home, within=request.within)
    return Message(_plain(dataclasses.asdict(inspection)))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return str(value) if isinstance(value, Path) else value
