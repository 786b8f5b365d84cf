"""The engine's ``encode``: new images or texts through a run's encoder."""

from __future__ import annotations

from pathlib import Path

from workbench.engine.requests import EncodeRequest
from workbench.engine.wire import Message
from workbench.stored_runs import stored_run

REQUEST = EncodeRequest


def handle(request: EncodeRequest, home: Path) -> Message:
    """``h``: float32 (n, dim), their representations."""
    from workbench.export.new_embeddings import embed_arrays

    run = stored_run.get(home, request.run)
    samples = request.images if request.images is not None else list(request.texts or ())
    return Message({}, {"h": embed_arrays(run, samples)})
