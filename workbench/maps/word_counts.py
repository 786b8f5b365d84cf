"""Texts as word counts, by numpy alone, so that the app's server can search neighbours in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from workbench import letters

MOST_WORDS = 4096


def word_rows(texts: Sequence[str], most: int = MOST_WORDS) -> npt.NDArray[np.float32]:
    """TF-IDF of texts, float32 (n, v): rows of length 1, or 0 for a text without a known word.

    A word counts 1 + log(times in the text), weighted by 1 + log((1 + n) / (1 + texts with it)),
    as scikit-learn's ``TfidfVectorizer(sublinear_tf=True)`` has it. Words are in lower case. The
    ``most`` words that occur in most texts are kept, except those of a single text, which cannot
    bring two texts together.
    """
    counted = [Counter(letters.words(text.lower())) for text in texts]
    spread = Counter(word for words in counted for word in words)
    common = sorted((-times, word) for word, times in spread.items() if times > 1)
    shared = [word for _, word in common[:most]]
    place = {word: column for column, word in enumerate(shared)}
    rows = np.zeros((len(texts), len(shared)), np.float32)
    for row, words in enumerate(counted):
        for word, times in words.items():
            column = place.get(word)
            if column is not None:
                rows[row, column] = 1.0 + np.log(times)
    holding = np.array([spread[word] for word in shared], np.float64)
    rows *= 1.0 + np.log((1.0 + len(texts)) / (1.0 + holding))
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.where(lengths > 0, lengths, 1)
    return rows
