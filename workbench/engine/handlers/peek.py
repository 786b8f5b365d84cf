"""The engine's ``peek``: columns, first rows and some images of a source before it is prepared."""

from __future__ import annotations

from pathlib import Path

from workbench.engine.data_replies import pack_originals, plain
from workbench.engine.requests import PeekRequest
from workbench.engine.wire import Message

REQUEST = PeekRequest


def handle(request: PeekRequest, home: Path) -> Message:
    """A ``PeekRecord``; needs no column to be chosen."""
    from workbench.data.peek import peek

    found = peek(request.data, within=request.within)
    records, arrays = pack_originals(found.images)
    values = {
        "kind": found.kind,
        "columns": found.columns,
        "texts": found.texts,
        "rows": found.rows,
        "images": records,
        "classes": found.classes,
    }
    return Message(plain(values), arrays)
