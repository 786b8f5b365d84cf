"""The engine's ``frames``: the maps of all checks of a run in one frame of reference."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from workbench.engine.requests import FramesRequest
from workbench.engine.wire import Message
from workbench.stored_runs import check_maps, stored_run

REQUEST = FramesRequest


def handle(request: FramesRequest, home: Path) -> Message:
    """The arrays of ``CheckMaps``."""
    maps = check_maps.of_run(stored_run.get(home, request.run), request.space)
    names = [field.name for field in dataclasses.fields(maps)]
    return Message({}, {name: getattr(maps, name) for name in names})
