"""The engine's ``new_samples``: image files or texts through a run's encoder, read as training's
samples were, so that a training image that comes again gives the same representation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy.typing as npt

from workbench.engine.handlers.originals import images_of
from workbench.engine.wire import Message
from workbench.stored_runs import stored_run

_MOST = 256
_SIDE = 192


def new_samples(request: Message, home: Path) -> Message:
    """``h``, and what the encoder got: ``pixels`` (with ``kept`` and a note a file), or pieces.

    Files are arrays of bytes ``file0``, ``file1``...; texts are a list.
    """
    from workbench.data.new_files import images_like, texts_like
    from workbench.data.originals import original
    from workbench.export.encoder import run_data
    from workbench.export.new_embeddings import embed_prepared

    run = stored_run.get(home, str(request.values["run"]))
    reference = run_data(run)
    if "texts" in request.values:
        texts = texts_like([str(text) for text in request.values["texts"][:_MOST]], reference)
        values = {"pieces": [list(one) for one in texts.pieces], "cut": list(texts.cut)}
        return Message(values, {"h": embed_prepared(run, texts.tokens)})
    count = min(int(request.values["files"]), _MOST)
    files = [request.arrays[f"file{at}"].tobytes() for at in range(count)]
    images = images_like(files, reference)
    h = embed_prepared(run, images.pixels)
    told, pictures = images_of([original("", data, _SIDE) for data in files])
    arrays: dict[str, npt.NDArray[Any]] = {"h": h, "pixels": images.pixels, "kept": images.kept}
    arrays |= pictures
    return Message({"notes": list(images.notes), "images": told}, arrays)
