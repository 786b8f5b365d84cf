"""The engine's ``new_samples``: image files or texts through a run's encoder, read as training's
samples were, so that a training image that comes again gives the same representation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy.typing as npt

from workbench.engine.data_replies import pack_originals
from workbench.engine.requests import NewSamplesRequest
from workbench.engine.wire import Message
from workbench.stored_runs import stored_run

REQUEST = NewSamplesRequest
_MOST = 256
_SIDE = 192


def handle(request: NewSamplesRequest, home: Path) -> Message:
    """``h``, and what the encoder got: ``pixels`` (with ``kept`` and a note a file), or ``pieces``
    (with ``cut``, tokens left out)."""
    from workbench.data.new_files import images_like, texts_like
    from workbench.data.originals import original
    from workbench.export.encoder import run_data
    from workbench.export.new_embeddings import embed_prepared

    run = stored_run.get(home, request.run)
    reference = run_data(run)
    if request.files is None:
        texts = texts_like((request.texts or ())[:_MOST], reference)
        values = {"pieces": [list(pieces) for pieces in texts.pieces], "cut": list(texts.cut)}
        return Message(values, {"h": embed_prepared(run, texts.tokens)})
    files = request.files[:_MOST]
    images = images_like(files, reference)
    h = embed_prepared(run, images.pixels)
    records, pictures = pack_originals([original("", data, _SIDE) for data in files])
    arrays: dict[str, npt.NDArray[Any]] = {"h": h, "pixels": images.pixels, "kept": images.kept}
    return Message({"notes": list(images.notes), "images": records}, arrays | pictures)
