"""Word vectors from counts of the words nearby, and the nearest words by them.

O. Levy, Y. Goldberg, I. Dagan, "Improving Distributional Similarity with Lessons Learned from Word
Embeddings", TACL 2015, sections 2 and 3: co-occurrences within a window, weighted by 1 / distance
(section 3.1, dynamic window, as GloVe does it); positive pointwise mutual information with contexts
smoothed to the power .75 (section 3.2); truncated singular value decomposition with the singular
values to the power .5 (section 3.3).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.data.dataset import PAD

_WINDOW = 4
_SMOOTHING = 0.75
# More text makes the vectors little better and takes longer: this many tokens take about 6 s.
MOST_TOKENS = 2_000_000
_BLOCK = 1024
# Of the randomised decomposition. An exact one takes five times as long and is worth about a point.
_ITERATIONS = 5


def word_vectors(
    tokens: npt.NDArray[np.integer[Any]],
    offsets: npt.NDArray[np.int64],
    vocabulary: int,
    most: int,
) -> npt.NDArray[np.float32]:
    """float32 (vocabulary, at most ``most``): rows of length 1, or 0 for tokens that occur with no
    other.

    tokens: (T,), ids of all texts one after another; only the first two million count. offsets:
    (texts + 1,), where each begins. Equal texts give equal vectors, up to rounding.
    """
    from sklearn.utils.extmath import randomized_svd

    counted = np.asarray(tokens[:MOST_TOKENS], np.int64)
    weights = ppmi(cooccurrences(counted, offsets, vocabulary))
    size = min(most, vocabulary - 2)
    if weights.nnz == 0 or size < 1:
        return np.zeros((vocabulary, 1), np.float32)
    left, values, _ = randomized_svd(
        weights.astype(np.float32), size, n_iter=_ITERATIONS, random_state=0
    )
    # A direction and its opposite are one: the largest entry is made positive.
    largest = np.abs(left).argmax(axis=0)
    left = left * np.sign(left[largest, np.arange(size)])
    vectors = left * np.sqrt(np.maximum(values, 0.0))
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    alone = np.asarray(weights.sum(axis=1)).reshape(-1, 1) == 0
    unit = np.where(alone, 0.0, vectors / np.maximum(length, 1e-12))
    out: npt.NDArray[np.float32] = unit.astype(np.float32)
    return out


def cooccurrences(
    tokens: npt.NDArray[np.int64], offsets: npt.NDArray[np.int64], vocabulary: int
) -> Any:
    """Sparse float64 (vocabulary, vocabulary), symmetric: how often two tokens are within four
    places of each other in one text, each time weighted by 1 / distance."""
    from scipy.sparse import coo_matrix, csr_matrix

    text = np.searchsorted(offsets, np.arange(len(tokens)), side="right")
    total = csr_matrix((vocabulary, vocabulary), dtype=np.float64)
    for distance in range(1, _WINDOW + 1):
        same = text[distance:] == text[:-distance]
        first, second = tokens[:-distance][same], tokens[distance:][same]
        weight = np.full(len(first), 1.0 / distance)
        total = total + coo_matrix((weight, (first, second)), total.shape).tocsr()
    return total + total.T


def ppmi(counts: Any) -> Any:
    """Sparse max(0, log(p(w, c) / (p(w) p_.75(c)))) of sparse ``counts`` (V, V)."""
    pairs = counts.tocoo()
    row = np.asarray(counts.sum(axis=1)).ravel()
    context = np.asarray(counts.sum(axis=0)).ravel() ** _SMOOTHING
    share = row[pairs.row] * context[pairs.col] / max(context.sum(), 1e-12)
    pairs.data = np.maximum(0.0, np.log(pairs.data / share))
    out = pairs.tocsr()
    out.eliminate_zeros()
    return out


def nearest_words(
    vectors: npt.NDArray[np.float32], eligible: npt.NDArray[np.bool_], most: int
) -> npt.NDArray[np.int64]:
    """int64 (vocabulary, most): of each eligible token the nearest eligible ones by cosine.

    The nearest comes first; PAD where there are no more. vectors: float (vocabulary, d), rows of
    length 1 or 0. eligible: bool (vocabulary,).
    """
    out = np.full((len(vectors), most), PAD, np.int64)
    chosen = np.flatnonzero(eligible & vectors.any(axis=1))
    count = min(most, len(chosen) - 1)
    for start in range(0, len(chosen) if count > 0 else 0, _BLOCK):
        block = chosen[start : start + _BLOCK]
        cosine = vectors[block] @ vectors[chosen].T
        cosine[np.arange(len(block)), np.arange(start, start + len(block))] = -np.inf
        order = np.argsort(-cosine, axis=1, kind="stable")[:, :count]
        out[block[:, None], np.arange(count)] = chosen[order]
    return out
