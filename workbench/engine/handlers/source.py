"""Which source a request to the engine is about."""

from __future__ import annotations

from pathlib import Path

from workbench.config import DataConfig
from workbench.engine.wire import Message


def source(request: Message) -> tuple[DataConfig, Path | None]:
    """The source that is asked for, and the folder that its files must lie in."""
    known = dict(request.values["data"])
    for name in ("text", "channels"):
        if known.get(name) is not None:
            known[name] = tuple(known[name])
    within = request.values.get("within")
    return DataConfig(**known), None if within is None else Path(within)
