"""The engine's ``quality``: copies and near copies across splits, and samples that show nothing.

Asked of the engine because comparing thousands of samples would hold up the server.
"""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt

from workbench.data.dataset import Dataset
from workbench.data.quality import Duplicates, Pictures
from workbench.engine.data_replies import (
    DuplicatesRecord,
    NearDuplicatesRecord,
    PicturesRecord,
    QualityRecord,
)
from workbench.engine.handlers.parts import samples
from workbench.engine.requests import QualityRequest
from workbench.engine.wire import Message

REQUEST = QualityRequest

_MOST = 12
_WORDS = 2048


def handle(request: QualityRequest, home: Path) -> Message:
    """A ``QualityRecord``."""
    return Message(_quality(samples.dataset(home, request.fingerprint).folder))


@lru_cache(maxsize=16)
def _quality(folder: Path) -> QualityRecord:
    from workbench.data import quality
    from workbench.data.split_overlap import near_duplicates

    data = Dataset.open(folder)
    duplicates = quality.duplicates(data, _MOST)
    twins = dataclasses.asdict(near_duplicates(data, features, _MOST))
    record: QualityRecord = {
        "duplicates": cast(DuplicatesRecord, _with_sentence(duplicates)),
        "twins": cast(NearDuplicatesRecord, twins),
    }
    if data.info.modality == "image":
        record["pictures"] = cast(PicturesRecord, _with_sentence(quality.pictures(data)))
    else:
        short = quality.short_texts(data)
        record["short"] = {"count": len(short), "rows": list(short[:_MOST])}
    return record


def _with_sentence(fact: Duplicates | Pictures) -> dict[str, object]:
    return {**dataclasses.asdict(fact), "sentence": fact.sentence}


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
