"""Word vectors from the texts that words share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from workbench.data.corpus import text_vectors as made
from workbench.data.corpus.text_vectors import text_vectors

VOCABULARY = 12
Ints = npt.NDArray[np.int64]


def drawn(texts: int) -> list[list[int]]:
    """Texts of two topics: tokens 1 to 5, or 6 to 10; token 11 never occurs."""
    rng = np.random.default_rng(0)
    return [(rng.integers(1, 6, 8) + 5 * (i % 2)).tolist() for i in range(texts)]


def flat(texts: list[list[int]]) -> tuple[Ints, Ints]:
    offsets = np.concatenate([[0], np.cumsum([len(text) for text in texts])]).astype(np.int64)
    return np.array([token for text in texts for token in text], np.int64), offsets


def test_tokens_of_one_topic_lie_together() -> None:
    vectors = text_vectors(*flat(drawn(100)), VOCABULARY, 2)
    unit = vectors[1:11] / np.linalg.norm(vectors[1:11], axis=1, keepdims=True)
    cosine = unit @ unit.T
    assert cosine[:5, :5].min() > 0.9
    assert np.abs(cosine[:5, 5:]).max() < 0.5
    assert not vectors[[0, 11]].any()


def test_sums_of_vectors_are_the_texts_of_latent_semantic_analysis() -> None:
    texts = [sorted(set(text)) for text in drawn(60)]
    vectors = text_vectors(*flat(texts), VOCABULARY, 5)
    counted = TfidfVectorizer(
        analyzer=lambda text: [str(token) for token in text],
        sublinear_tf=True,
        vocabulary=[str(token) for token in range(VOCABULARY)],
    ).fit_transform(texts)
    left, values, _ = np.linalg.svd(counted.toarray(), full_matrices=False)
    wanted = left[:, :5] * values[:5]
    # In texts where no token comes twice, a sum is the analysis but for the row's length.
    found = np.array([vectors[text].sum(axis=0) for text in texts])
    found *= (np.linalg.norm(wanted, axis=1) / np.linalg.norm(found, axis=1))[:, None]
    np.testing.assert_allclose(found @ found.T, wanted @ wanted.T, atol=2e-2)


def test_equal_texts_give_equal_vectors() -> None:
    first, second = (text_vectors(*flat(drawn(40)), VOCABULARY, 4) for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize("texts", [[[3]], [[]], [[3], [3]]])
def test_too_few_texts_give_no_nonsense(texts: list[list[int]]) -> None:
    vectors = text_vectors(*flat(texts), VOCABULARY, 4)
    assert np.isfinite(vectors).all()
    assert len(vectors) == VOCABULARY


def test_of_many_texts_some_count_evenly_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "_MOST_TEXTS", 50)
    texts = drawn(200)
    chosen = [texts[i] for i in np.linspace(0, 199, 50).astype(int)]
    some, whole = (text_vectors(*flat(given), VOCABULARY, 2) for given in (chosen, texts))
    np.testing.assert_allclose(some, whole, atol=1e-6)
