"""The engine's ``peek``: columns, first rows and some images of a source before it is prepared."""

from __future__ import annotations

from pathlib import Path

from workbench.engine.handlers import source
from workbench.engine.handlers.originals import images_of
from workbench.engine.wire import Message


def peek(request: Message, home: Path) -> Message:
    """What ``data.peek`` finds; needs no column to be chosen."""
    from workbench.data.peek import peek as look

    config, within = source.source(request)
    found = look(config, within=within)
    told, arrays = images_of(found.images)
    values = {
        "kind": found.kind,
        "columns": found.columns,
        "texts": list(found.texts),
        "rows": list(found.rows),
        "images": told,
    }
    return Message(values, arrays)
