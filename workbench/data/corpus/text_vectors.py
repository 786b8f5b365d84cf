"""Word vectors from the texts that words share: latent semantic analysis, read by word.

S. Deerwester, S. T. Dumais, G. W. Furnas, T. K. Landauer, R. Harshman, "Indexing by Latent Semantic
Analysis", JASIS 41 (1990): the strongest directions of the matrix of texts and words, here weighted
by TF-IDF. A text's place among these directions is the sum of its words' vectors, so that an
encoder that adds up vectors starts from this analysis.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.data.corpus.token_counts import counts_by_text

# More texts make the vectors little better and take longer.
_MOST_TEXTS = 20_000
_ITERATIONS = 4


def text_vectors(
    tokens: npt.NDArray[np.integer[Any]],
    offsets: npt.NDArray[np.int64],
    vocabulary: int,
    most: int,
) -> npt.NDArray[np.float32]:
    """float32 (vocabulary, at most ``most``): each token's part of every direction, times its
    inverse document frequency; 0 for tokens that do not occur.

    tokens: (T,), ids of all texts one after another. offsets: (texts + 1,), where each begins; at
    most 20,000 texts count, evenly spread. (vocabulary, 1) of 0 where there are too few texts or
    tokens for a direction. Equal texts give equal vectors, up to rounding.
    """
    from sklearn.utils.extmath import randomized_svd

    counts = counts_by_text(*_some(tokens, offsets), vocabulary)
    size = min(most, min(counts.shape) - 1)
    if counts.nnz == 0 or size < 1:
        return np.zeros((vocabulary, 1), np.float32)
    rarity = inverse_document_frequency(counts)
    _, _, directions = randomized_svd(
        tf_idf(counts, rarity), size, n_iter=_ITERATIONS, random_state=0
    )
    vectors: npt.NDArray[np.float32] = (directions.T * rarity[:, None]).astype(np.float32)
    vectors[np.asarray(counts.sum(axis=0)).ravel() == 0] = 0.0
    return vectors


def inverse_document_frequency(counts: Any) -> npt.NDArray[np.float64]:
    """float64 (vocabulary,): log((1 + texts) / (1 + texts with the token)) + 1."""
    present = np.asarray((counts > 0).sum(axis=0)).ravel()
    rarity: npt.NDArray[np.float64] = np.log((1 + counts.shape[0]) / (1 + present)) + 1
    return rarity


def tf_idf(counts: Any, rarity: npt.NDArray[np.float64]) -> Any:
    """Sparse float32 (texts, vocabulary): (1 + log count) times ``rarity``, rows of length 1."""
    from scipy.sparse import diags

    weighted = counts.copy()
    weighted.data = 1 + np.log(weighted.data)
    weighted = weighted @ diags(rarity)
    length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    return (diags(1 / np.maximum(length, 1e-12)) @ weighted).astype(np.float32).tocsr()


def _some(
    tokens: npt.NDArray[np.integer[Any]], offsets: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.integer[Any]], npt.NDArray[np.int64]]:
    """(tokens, offsets) of at most ``_MOST_TEXTS`` of the texts, evenly spread."""
    if len(offsets) - 1 <= _MOST_TEXTS:
        return tokens, offsets
    chosen = np.linspace(0, len(offsets) - 2, _MOST_TEXTS).astype(np.int64)
    parts = [np.asarray(tokens[offsets[text] : offsets[text + 1]]) for text in chosen]
    ends = np.cumsum([len(part) for part in parts])
    return np.concatenate(parts), np.concatenate([[0], ends])
