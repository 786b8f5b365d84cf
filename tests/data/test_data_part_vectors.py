"""Word vectors from the parts of words that texts share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import workbench as wb
from workbench import paths
from workbench.data.corpus.part_vectors import part_vectors, parts_are_counted
from workbench.data.corpus.token_table import token_table
from workbench.data.dataset import SPECIAL_TOKENS, Dataset
from workbench.data.tokenizer import vocabulary

# Forms of two words; no two texts share a whole word.
REFUNDS = [f"refund{end}" for end in ("", "s", "ed", "ing", "able", "er", "ers", "ation")]
PARCELS = [f"parcel{end}" for end in ("", "s", "led", "ling", "wise", "let", "lets", "less")]


def cosines(vectors: np.ndarray) -> np.ndarray:
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    product: np.ndarray = unit @ unit.T
    return product


def begins(count: int) -> np.ndarray:
    return np.zeros(count, bool)


def test_forms_of_one_word_lie_together() -> None:
    tokens = [*REFUNDS, *PARCELS]
    alike = cosines(part_vectors(tokens * 3, tokens, begins(16), 2))
    assert alike[:8, :8].min() > 0.8
    assert np.abs(alike[:8, 8:]).max() < 0.5


def test_a_token_within_a_word_has_no_part_that_begins_one() -> None:
    texts = ["able cable", "table able", "cable table"] * 5
    vectors = part_vectors(texts, ["able", "able", ""], np.array([False, True, False]), 3)
    assert vectors[1].any()
    assert not np.allclose(vectors[0], vectors[1])
    assert not vectors[2].any()


@pytest.mark.parametrize("texts", [[], [""], ["  "], ["a"], ["one"], ["one", "one"]])
def test_too_few_texts_give_no_nonsense(texts: list[str]) -> None:
    vectors = part_vectors(texts, ["one", "two"], begins(2), 4)
    assert len(vectors) == 2
    assert np.isfinite(vectors).all()


def test_equal_texts_give_equal_vectors() -> None:
    first, second = (part_vectors(REFUNDS * 2, REFUNDS, begins(8), 3) for _ in range(2))
    assert np.array_equal(first, second)


def test_parts_are_counted_in_short_texts_that_are_not_too_many() -> None:
    assert parts_are_counted(1_000, 100_000)
    assert not parts_are_counted(1_000, 600_000)
    assert not parts_are_counted(100_000, 2_000_000)


@pytest.mark.parametrize("counted", [True, False])
def test_a_table_of_short_texts_is_half_of_words_and_half_of_their_parts(
    counted: bool, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    long = 1 if counted else 60
    texts = [" ".join(rng.choice([*REFUNDS, *PARCELS], 5 * long)) for _ in range(80)]
    loaded = wb.load(texts, home=tmp_path)
    data = Dataset.open(paths.cache_dir(tmp_path) / loaded.info.fingerprint)
    vectors = token_table(data, 8, "texts").vectors
    assert vectors.shape == (len(data.continues), 8)
    assert not vectors[: len(SPECIAL_TOKENS)].any()
    lengths = [np.linalg.norm(half, axis=1) for half in np.split(vectors, 2, axis=1)]
    means = [length[length > 0].mean() for length in lengths]
    assert (means == pytest.approx([1.0, 1.0], rel=1e-4)) == counted
    if counted:
        known = [data.texts[row] for row in range(data.rows("train").stop)]
        tokenizer = vocabulary.load(data.folder)
        written = [tokenizer.id_to_token(i).removeprefix("##") for i in range(len(vectors))]
        alone = part_vectors(known, written, data.continues, 4)[len(SPECIAL_TOKENS) :]
        np.testing.assert_allclose(
            cosines(vectors[len(SPECIAL_TOKENS) :, 4:]), cosines(alone), atol=1e-4
        )
