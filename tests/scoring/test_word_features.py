"""Texts as counts of words and of parts of words, their strongest directions, and word vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from workbench.data.corpus import part_vectors
from workbench.evaluation.forms import Forms, first_form
from workbench.evaluation.scores import evaluate
from workbench.scoring.word_features import (
    vector_features,
    word_directions,
    word_features,
)

TOPICS = (["goal", "match", "team"], ["rain", "sun", "cloud"])


def made_texts(topics: Any = TOPICS) -> tuple[dict[str, list[str]], dict[str, Any]]:
    """Texts of two topics and their labels, by split."""
    rng = np.random.default_rng(0)
    texts, labels = {}, {}
    for split, n in (("train", 80), ("validation", 30), ("test", 40)):
        labels[split] = rng.integers(0, 2, n)
        texts[split] = [" ".join(rng.choice([*topics[y], "the", "a"], 6)) for y in labels[split]]
    return texts, labels


def test_words_and_their_directions_tell_topics_apart() -> None:
    texts, labels = made_texts()
    features, notes = word_features(texts)
    assert set(features) == {"tf-idf", "lsa"}
    assert notes == {}
    assert first_form(features["lsa"])["test"].shape[0] == 40
    found = evaluate(features, labels, target="label", n_classes=2)
    assert {row["protocol"] for row in found.scores} == {
        "linear probe",
        "label efficiency",
        "clustering",
        "guess",
    }
    assert all(row["value"] > 0.9 for row in found.scores if row["protocol"] == "linear probe")


def test_parts_of_words_are_chosen_where_words_do_not_come_again() -> None:
    rng = np.random.default_rng(1)
    ends = ("berg", "tal")
    texts, labels = {}, {}
    for split, n in (("train", 120), ("validation", 60), ("test", 60)):
        labels[split] = rng.integers(0, 2, n)
        starts = ["".join(rng.choice(list("bcdfghklmnprs"), 4)) for _ in range(n)]
        texts[split] = [a + ends[y] for a, y in zip(starts, labels[split], strict=True)]
    features, _ = word_features(texts)
    found = evaluate(features, labels, target="label", n_classes=2)
    for name in ("tf-idf", "lsa"):
        assert (
            f"Of '{name}' for 'label', counts of parts of words were chosen on validation."
            in found.notes
        )
    probed = [row["value"] for row in found.scores if row["protocol"] == "linear probe"]
    assert min(probed) > 0.95


def test_long_texts_are_counted_by_words_alone_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(part_vectors, "MOST_CHARACTERS", 100)
    features, notes = word_features(made_texts()[0])
    assert isinstance(features["tf-idf"], Forms)
    assert set(features["tf-idf"].by_name) == {"counts of words"}
    assert "too long" in notes["tf-idf"][0]


@pytest.mark.parametrize("texts", [["", "..."], ["", ""]])
def test_texts_without_words_are_said(texts: list[str]) -> None:
    features, notes = word_features({"train": texts, "test": ["word"]})
    assert features == {}
    assert "no words" in notes["tf-idf"][0]
    assert word_directions({"train": texts, "test": ["word"]}) is None


def test_one_word_alone_has_its_parts() -> None:
    features, notes = word_features({"train": ["hello", "hello"], "test": ["hello"]})
    lsa = features["lsa"]
    assert isinstance(lsa, Forms)
    assert list(lsa.by_name) == ["counts of parts of words"]
    assert notes == {}


def test_means_of_word_vectors_are_those_of_the_formula() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((6, 3)).astype(np.float32)
    texts = {"train": [np.array([1, 1, 2]), np.array([3, 4])], "test": [np.array([5])]}
    forms = vector_features(texts, vectors)["word vectors"]
    assert isinstance(forms, Forms)
    alike, weighted = forms.by_name.values()
    np.testing.assert_allclose(alike["train"][0], (2 * vectors[1] + vectors[2]) / 3, rtol=1e-5)
    share = np.array([0, 2, 1, 1, 1, 0]) / 5
    weight = 1e-3 / (1e-3 + share)
    wanted = (2 * weight[1] * vectors[1] + weight[2] * vectors[2]) / (2 * weight[1] + weight[2])
    np.testing.assert_allclose(weighted["train"][0], wanted, rtol=1e-5)
    np.testing.assert_allclose(weighted["test"][0], vectors[5], rtol=1e-5)


def test_without_vectors_and_for_empty_texts_nothing_is_invented() -> None:
    assert vector_features({"train": [np.array([1])]}, np.zeros((3, 1), np.float32)) == {}
    texts = {"train": [np.empty(0, np.int64), np.array([1])]}
    forms = vector_features(texts, np.ones((3, 2), np.float32))["word vectors"]
    assert (first_form(forms)["train"][0] == 0).all()
