"""Word vectors from the parts of words that texts share: latent semantic analysis of runs of
letters, read by word.

As ``text_vectors``, with runs of 2 to 4 letters in the place of words: "refund", "refunds" and
"refunded" are then alike, however seldom each occurs. A token's vector is the sum of the vectors of
its runs of letters (as P. Bojanowski et al., "Enriching Word Vectors with Subword Information",
arXiv 1607.04606, section 3.2, compose words).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

# Parts of words take five times as long as words. In long texts words repeat, and parts win little.
MOST_CHARACTERS, _LONG_TEXT = 1_500_000, 500
_MOST_COUNTED = 30_000
_ITERATIONS = 4


def parts_are_counted(texts: int, characters: float) -> bool:
    """Whether parts of words are counted in ``texts`` training texts of so many characters in all:
    not in texts of more than 500 on average, nor in more than 1.5 million together."""
    return characters <= min(MOST_CHARACTERS, _LONG_TEXT * texts)


def part_counter() -> Any:
    """An unfitted ``TfidfVectorizer`` of runs of 2 to 4 letters within words."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(2, 4),
        sublinear_tf=True,
        max_features=_MOST_COUNTED,
        dtype=np.float32,
    )


def part_vectors(
    texts: Sequence[str], tokens: Sequence[str], continues: npt.NDArray[np.bool_], most: int
) -> npt.NDArray[np.float32]:
    """float32 (vocabulary, at most ``most``): for each token the sum of its parts' vectors; 0 for
    tokens that have no known part.

    tokens: as they are written, without marks. continues: bool (vocabulary,), whether a token
    goes on with the word before it. (vocabulary, 1) of 0 where there are too few texts or parts for
    a direction. Equal texts give equal vectors, up to rounding.
    """
    from sklearn.utils.extmath import randomized_svd

    nothing = np.zeros((len(tokens), 1), np.float32)
    counter = part_counter()
    try:
        counts = counter.fit_transform(texts)
    except ValueError:
        # Nothing to count: texts without a letter.
        return nothing
    size = min(most, min(counts.shape) - 1)
    if size < 1:
        return nothing
    _, _, directions = randomized_svd(counts, size, n_iter=_ITERATIONS, random_state=0)
    by_part = (directions.T * counter.idf_[:, None]).astype(np.float32)
    parts_of, places = counter.build_analyzer(), counter.vocabulary_
    vectors = np.zeros((len(tokens), size), np.float32)
    for index, token in enumerate(tokens):
        # A run of letters that begins with a space begins a word.
        parts = [p for p in parts_of(token) if not (continues[index] and p.startswith(" "))]
        known = [places[part] for part in parts if part in places]
        vectors[index] = by_part[known].sum(axis=0)
    return vectors
