"""The engine's ``sizes``: sides of original images, or lengths of texts before they are cut."""

from __future__ import annotations

from pathlib import Path

from workbench.engine.handlers import samples, source
from workbench.engine.wire import Message


def sizes(request: Message, home: Path) -> Message:
    """Of at most 2,000 samples: ``heights`` and ``widths`` of originals, or ``tokens``."""
    from workbench.data import originals
    from workbench.data.quality import spread

    data = samples.dataset(home, str(request.values["fingerprint"]))
    if data.info.modality == "text":
        rows = spread(data.info.total, originals.MOST_MEASURED)
        counts = originals.token_counts(data, rows.tolist())
        return Message({"looked_at": len(rows)}, {"tokens": counts})
    config, within = source.source(request)
    found = originals.sizes(config, within=within)
    return Message(
        {"looked_at": found.looked_at}, {"heights": found.heights, "widths": found.widths}
    )
