"""The engine's ``encode``: new arrays or texts through a run's encoder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from workbench.engine.wire import Message
from workbench.stored_runs import stored_run


def encode(request: Message, home: Path) -> Message:
    """Representations of new images or texts by a run's encoder."""
    from workbench.export.new_embeddings import embed_arrays

    run = stored_run.get(home, str(request.values["run"]))
    samples: Any = request.arrays.get("images")
    if samples is None:
        samples = [str(text) for text in request.values["texts"]]
    return Message({}, {"h": embed_arrays(run, samples)})
