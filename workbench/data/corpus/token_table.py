"""The word vectors of a data set's training texts, made once and kept in its folder."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
import numpy.typing as npt

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
    path = data.folder / f"word-vectors-{size}.npz"
    if path.exists():
        with np.load(path, allow_pickle=False) as kept:
            return TokenTable(kept["vectors"], float(kept["seconds"]))
    rows = data.rows("train")
    began = time.perf_counter()
    offsets = data.offsets[rows.start : rows.stop + 1]
    tokens = np.asarray(data.tokens[offsets[0] : offsets[-1]], np.int64)
    vectors = word_vectors(tokens, offsets - offsets[0], len(data.continues), size)
    made = TokenTable(vectors, time.perf_counter() - began)
    _write(made, path)
    return made


def _write(made: TokenTable, path: Path) -> None:
    """Write ``path`` whole or not at all; other processes may write the same at the same time."""
    temporary = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with temporary.open("wb") as file:
            np.savez(file, vectors=made.vectors, seconds=np.float64(made.seconds))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
