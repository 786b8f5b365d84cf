"""What texts are compared with that needs no pretext task: counts of words and of parts of words,
the strongest directions of either, and means of word vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench import letters
from workbench.data.corpus.frequency import frequency_weights
from workbench.data.corpus.part_vectors import part_counter, parts_are_counted
from workbench.data.corpus.token_counts import counts_by_text
from workbench.evaluation.forms import Forms, Splits

_MOST_COUNTED = 30_000
# Directions of LSA. Parts of words say less each, so that more of them are needed.
_WORD_DIRECTIONS, _PART_DIRECTIONS = 128, 300
_WORDS, _PARTS = "counts of words", "counts of parts of words"
# Dimensions of the word vectors: those of the widest encoder that starts from them.
VECTOR_SIZE = 256

Tokens = Sequence[npt.NDArray[np.integer[Any]]]


def word_features(
    texts: Mapping[str, Sequence[str]],
) -> tuple[dict[str, Splits | Forms], dict[str, tuple[str, ...]]]:
    """TF-IDF and LSA of the texts of each split, and notes on each.

    tf-idf: sparse rows of length 1, fitted on train; of words and pairs of words, and of parts of
    words (2 to 4 characters). lsa: float32 (n, up to 128, or 300 of parts), the strongest
    directions of either, rows of length 1. Without parts where ``parts_are_counted`` says so.
    Neither, with a note, where they hold no words.
    """
    words = _word_counts(texts)
    if words is None:
        return {}, {"tf-idf": ("The training texts hold no words: no TF-IDF and no LSA.",)}
    counts: dict[str, Splits] = {_WORDS: words}
    notes: dict[str, tuple[str, ...]] = {}
    if not parts_are_counted(len(texts["train"]), sum(map(len, texts["train"]))):
        notes["tf-idf"] = (
            "TF-IDF and LSA count words only: the texts are too long to count parts of words.",
        )
    elif (parts := _counted(texts, part_counter())) is not None:
        counts[_PARTS] = parts
    sizes = {_WORDS: _WORD_DIRECTIONS, _PARTS: _PART_DIRECTIONS}
    directions = {form: _directions(found, sizes[form]) for form, found in counts.items()}
    reduced = {form: found for form, found in directions.items() if found is not None}
    features: dict[str, Splits | Forms] = {"tf-idf": Forms(counts)}
    if reduced:
        features["lsa"] = Forms(reduced)
    else:
        notes["lsa"] = ("There are too few words for LSA.",)
    return features, notes


def word_directions(texts: Mapping[str, Sequence[str]]) -> Splits | None:
    """LSA of words alone, as the first form of ``lsa`` has it; None where there are too few."""
    counts = _word_counts(texts)
    return None if counts is None else _directions(counts, _WORD_DIRECTIONS)


def _word_counts(texts: Mapping[str, Sequence[str]]) -> Splits | None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    counter = TfidfVectorizer(
        ngram_range=(1, 2),
        tokenizer=letters.words,
        token_pattern=None,
        sublinear_tf=True,
        max_features=_MOST_COUNTED,
        dtype=np.float32,
    )
    return _counted(texts, counter)


def _counted(texts: Mapping[str, Sequence[str]], vectoriser: Any) -> Splits | None:
    """TF-IDF by split, or None where the training texts hold nothing to count."""
    try:
        counts = {"train": vectoriser.fit_transform(texts["train"])}
    except ValueError:
        return None
    return counts | {s: vectoriser.transform(part) for s, part in texts.items() if s != "train"}


def _directions(counts: Splits, most: int) -> Splits | None:
    """The strongest directions by split, or None where there are too few columns or texts."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.preprocessing import normalize

    size = min(most, min(counts["train"].shape) - 1)
    if size < 1:
        return None
    projection = TruncatedSVD(size, random_state=0).fit(counts["train"])
    return {split: normalize(projection.transform(part)) for split, part in counts.items()}


def vector_features(
    tokens: Mapping[str, Tokens], vectors: npt.NDArray[np.float32]
) -> dict[str, Splits | Forms]:
    """Means of word vectors over the tokens of each text, by split; nothing without vectors.

    vectors: float (vocabulary, d), rows of length 1 or 0. Forms: of all tokens alike, and of tokens
    weighted as ``frequency_weights`` has it. float32 (n, d).
    """
    if not vectors.any():
        return {}
    counts = {split: _counts(texts, len(vectors)) for split, texts in tokens.items()}
    weights = frequency_weights(np.asarray(counts["train"].sum(axis=0), np.float64).ravel())
    forms = {"means of all words alike": np.ones(len(vectors)), "weighted means": weights}
    return {
        "word vectors": Forms(
            {
                form: {split: _mean(rows, weight, vectors) for split, rows in counts.items()}
                for form, weight in forms.items()
            }
        )
    }


def _counts(texts: Tokens, vocabulary: int) -> Any:
    """Sparse float64 (n, vocabulary): how often each token occurs in each text."""
    offsets = np.concatenate([[0], np.cumsum([len(text) for text in texts])]).astype(np.int64)
    ids = np.concatenate([*texts, np.empty(0, np.int64)]).astype(np.int64)
    return counts_by_text(ids, offsets, vocabulary)


def _mean(
    counts: Any, weights: npt.NDArray[np.float64], vectors: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    weighted = counts.multiply(weights[None, :]).tocsr()
    total = np.asarray(weighted.sum(axis=1)).reshape(-1, 1)
    mean: npt.NDArray[np.float32] = ((weighted @ vectors) / np.maximum(total, 1e-12)).astype(
        np.float32
    )
    return mean
