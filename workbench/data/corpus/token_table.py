"""The word vectors of a data set's training texts, made once and kept in its folder."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from workbench.data.corpus.npz_cache import Arrays, load_or_make
from workbench.data.corpus.part_vectors import part_vectors, parts_are_counted
from workbench.data.corpus.text_vectors import text_vectors
from workbench.data.corpus.word_vectors import word_vectors
from workbench.data.dataset import SPECIAL_TOKENS, Dataset
from workbench.data.tokenizer import vocabulary


@dataclass(frozen=True)
class TokenTable:
    """vectors: float32 (vocabulary, size), 0 for tokens of which nothing is known. seconds: what
    they took when they were made."""

    vectors: npt.NDArray[np.float32]
    seconds: float


Kind = Literal["corpus", "texts"]
# Goes up whenever the same texts would get other vectors.
_VERSION = 2


def token_table(data: Dataset, size: int, kind: Kind = "corpus") -> TokenTable:
    """Vectors of at most ``size`` dimensions for each token of the vocabulary.

    kind: corpus, from the words nearby (``word_vectors``); texts, from the texts that words share
    (``text_vectors``), and half of the dimensions from the texts that parts of words share
    (``part_vectors``), where the texts are short enough to count these.
    """
    found = load_or_make(_file(data, size, kind), lambda: _made(data, size, kind))
    return TokenTable(found["vectors"], float(found["seconds"]))


def _file(data: Dataset, size: int, kind: Kind) -> Path:
    return data.folder / f"word-vectors-{kind}-{size}-{_VERSION}.npz"


def _made(data: Dataset, size: int, kind: Kind) -> Arrays:
    rows = data.rows("train")
    began = time.perf_counter()
    offsets = np.asarray(data.offsets[rows.start : rows.stop + 1], np.int64)
    tokens = data.tokens[offsets[0] : offsets[-1]]
    counted = (tokens, offsets - offsets[0], len(data.continues))
    if kind == "corpus":
        vectors = word_vectors(*counted, size)
    else:
        texts = [data.texts[row] for row in range(rows.start, rows.stop)]
        if parts_are_counted(len(texts), sum(map(len, texts))):
            parts = part_vectors(texts, _written(data), data.continues, size // 2)
            words = text_vectors(*counted, size - size // 2)
            vectors = np.hstack([_scaled(words), _scaled(parts)])
        else:
            vectors = text_vectors(*counted, size)
    return {"vectors": vectors, "seconds": np.asarray(time.perf_counter() - began)}


def _written(data: Dataset) -> list[str]:
    """Every token as it is written in a text; nothing for the special ones."""
    tokenizer = vocabulary.load(data.folder)
    count = len(data.continues)
    names = [str(tokenizer.id_to_token(index) or "") for index in range(count)]
    plain = [name.removeprefix(vocabulary.CONTINUES) for name in names]
    return [""] * len(SPECIAL_TOKENS) + plain[len(SPECIAL_TOKENS) :]


def _scaled(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The vectors with a mean length of 1 where they are not 0, so that neither kind drowns the
    other."""
    lengths = np.linalg.norm(vectors, axis=1)
    known = lengths > 0
    return vectors / lengths[known].mean() if known.any() else vectors
