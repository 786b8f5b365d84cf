"""The engine's ``quality``: duplicates and near duplicates across splits, and samples that show
nothing. Asked of the engine because comparing thousands of samples would hold up the server."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.data.dataset import Dataset
from workbench.engine.handlers import samples
from workbench.engine.wire import Message

_MOST = 12
_WORDS = 2048


def quality(request: Message, home: Path) -> Message:
    """``duplicates``, ``twins`` and, of images, ``pictures``, of texts, ``short``."""
    return Message(_quality(samples.dataset(home, str(request.values["fingerprint"])).folder))


@lru_cache(maxsize=16)
def _quality(folder: Path) -> dict[str, Any]:
    from workbench.data import quality as known
    from workbench.data.near_copies import near_copies

    data = Dataset.open(folder)
    found: dict[str, Any] = {
        "duplicates": dataclasses.asdict(known.duplicates(data, _MOST)),
        "twins": dataclasses.asdict(near_copies(data, features, _MOST)),
    }
    found["duplicates"]["sentence"] = known.duplicates(data).sentence
    if data.info.modality == "image":
        pictures = known.pictures(data)
        found["pictures"] = {**dataclasses.asdict(pictures), "sentence": pictures.sentence}
    else:
        short = known.short_texts(data)
        found["short"] = {"count": len(short), "rows": list(short[:_MOST])}
    return found


def features(data: Dataset, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """float32 (n, d) of the samples at ``rows``, rows of length 1, or 0 for what shows nothing.

    Their products are the correlation of pixels, which brightness and contrast do not change, or
    the cosine of word counts (TF-IDF).
    """
    if data.info.modality == "text":
        from workbench.maps.word_counts import word_rows

        texts = data.texts
        return word_rows([texts[row] for row in rows.tolist()], _WORDS)
    from workbench.evaluation.pixels import raw_input

    pixels = raw_input(data.images, rows)
    pixels -= pixels.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(pixels, axis=1, keepdims=True)
    unit: npt.NDArray[np.float32] = pixels / np.maximum(lengths, np.float32(1e-6))
    return unit
