"""The engine's ``quality``: duplicates and near duplicates across splits, and samples that show
nothing. Asked of the engine because comparing thousands of samples would hold up the server."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench.data.dataset import Dataset
from workbench.engine.handlers import samples
from workbench.engine.wire import Message

_MOST = 12


def quality(request: Message, home: Path) -> Message:
    """``duplicates``, ``twins`` and, of images, ``pictures``, of texts, ``short``."""
    return Message(_quality(samples.dataset(home, str(request.values["fingerprint"])).folder))


@lru_cache(maxsize=16)
def _quality(folder: Path) -> dict[str, Any]:
    from workbench.data import quality as known
    from workbench.data.near_copies import twins

    data = Dataset.open(folder)
    found: dict[str, Any] = {
        "duplicates": dataclasses.asdict(known.duplicates(data, _MOST)),
        "twins": dataclasses.asdict(twins(data, _MOST)),
    }
    found["duplicates"]["sentence"] = known.duplicates(data).sentence
    if data.info.modality == "image":
        pictures = known.pictures(data)
        found["pictures"] = {**dataclasses.asdict(pictures), "sentence": pictures.sentence}
    else:
        short = known.short_texts(data)
        found["short"] = {"count": len(short), "rows": list(short[:_MOST])}
    return found
