"""The word vectors of a data set's training texts, made once and kept in its folder."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from workbench.data.corpus.npz_cache import Arrays, load_or_make
from workbench.data.corpus.text_vectors import text_vectors
from workbench.data.corpus.word_vectors import word_vectors
from workbench.data.dataset import Dataset


@dataclass(frozen=True)
class TokenTable:
    """vectors: float32 (vocabulary, size), 0 for tokens of which nothing is known. seconds: what
    they took when they were made."""

    vectors: npt.NDArray[np.float32]
    seconds: float


Kind = Literal["corpus", "texts"]
_MAKERS = {"corpus": word_vectors, "texts": text_vectors}


def token_table(data: Dataset, size: int, kind: Kind = "corpus") -> TokenTable:
    """Vectors of at most ``size`` dimensions for each token of the vocabulary.

    kind: corpus, from the words nearby (``word_vectors``); texts, from the texts that words share
    (``text_vectors``).
    """
    found = load_or_make(_file(data, size, kind), lambda: _made(data, size, kind))
    return TokenTable(found["vectors"], float(found["seconds"]))


def _file(data: Dataset, size: int, kind: Kind) -> Path:
    return data.folder / f"word-vectors-{kind}-{size}.npz"


def _made(data: Dataset, size: int, kind: Kind) -> Arrays:
    rows = data.rows("train")
    began = time.perf_counter()
    offsets = np.asarray(data.offsets[rows.start : rows.stop + 1], np.int64)
    tokens = data.tokens[offsets[0] : offsets[-1]]
    vectors = _MAKERS[kind](tokens, offsets - offsets[0], len(data.continues), size)
    return {"vectors": vectors, "seconds": np.asarray(time.perf_counter() - began)}
