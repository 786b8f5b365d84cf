"""The word vectors of a data set's training texts, made once and kept in its folder."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.data.corpus.kept_arrays import Arrays, kept
from workbench.data.corpus.word_vectors import word_vectors
from workbench.data.dataset import Dataset


@dataclass(frozen=True)
class TokenTable:
    """vectors: float32 (vocabulary, size), rows of length 1 or 0. seconds: what they took when they
    were made."""

    vectors: npt.NDArray[np.float32]
    seconds: float


def token_table(data: Dataset, size: int) -> TokenTable:
    """Vectors of at most ``size`` dimensions for each token of the vocabulary."""
    found = kept(data.folder / f"word-vectors-{size}.npz", lambda: _made(data, size))
    return TokenTable(found["vectors"], float(found["seconds"]))


def _made(data: Dataset, size: int) -> Arrays:
    rows = data.rows("train")
    began = time.perf_counter()
    offsets = data.offsets[rows.start : rows.stop + 1]
    tokens = np.asarray(data.tokens[offsets[0] : offsets[-1]], np.int64)
    vectors = word_vectors(tokens, offsets - offsets[0], len(data.continues), size)
    return {"vectors": vectors, "seconds": np.asarray(time.perf_counter() - began)}
