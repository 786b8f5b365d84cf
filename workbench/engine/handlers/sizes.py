"""The engine's ``sizes``: sides of original images, or lengths of texts before they are cut."""

from __future__ import annotations

from pathlib import Path

from workbench.engine.handlers.parts import samples
from workbench.engine.requests import SizesRequest
from workbench.engine.wire import Message

REQUEST = SizesRequest


def handle(request: SizesRequest, home: Path) -> Message:
    """``looked_at``, at most 2,000; ``heights`` and ``widths`` of originals, or ``tokens``."""
    from workbench.data import originals
    from workbench.data.quality import spread

    data = samples.dataset(home, request.fingerprint)
    if data.info.modality == "text":
        rows = spread(data.info.total, originals.MOST_MEASURED)
        counts = originals.token_counts(data, rows.tolist())
        return Message({"looked_at": len(rows)}, {"tokens": counts})
    sizes = originals.sizes(request.data, within=request.within)
    return Message(
        {"looked_at": sizes.looked_at}, {"heights": sizes.heights, "widths": sizes.widths}
    )
