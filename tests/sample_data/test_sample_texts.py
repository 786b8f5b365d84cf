from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

Cards = Callable[[str], dict[str, Any]]
Columns = Callable[[str, str], dict[str, list[Any]]]
SPLITS = ("train", "validation", "test")
both = pytest.mark.parametrize("name", ["intents", "tickets"])


@both
def test_there_are_enough_texts_of_each_intent(name: str, columns_of: Columns) -> None:
    counts = [Counter(columns_of(name, split)["label"]) for split in SPLITS]
    assert sum(sum(count.values()) for count in counts) >= 6000
    assert all(len(count) == 12 and len(set(count.values())) == 1 for count in counts)


@both
def test_no_template_is_in_two_splits(name: str, columns_of: Columns) -> None:
    used = [
        {part for cell in columns_of(name, split)["template"] for part in cell.split("+")}
        for split in SPLITS
    ]
    assert all(not first & second for first, second in combinations(used, 2))
    assert sum(map(len, used)) > 500


@both
def test_words_tell_the_intent_of_most_but_not_of_all(name: str, columns_of: Columns) -> None:
    train, test = columns_of(name, "train"), columns_of(name, "test")
    vectoriser = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    rows = vectoriser.fit_transform(train["text"])
    model = LogisticRegression(C=10, max_iter=300).fit(rows, train["label"])
    accuracy = model.score(vectoriser.transform(test["text"]), test["label"])
    assert 0.70 < accuracy < 0.95


@both
def test_texts_are_clean(name: str, columns_of: Columns) -> None:
    for split in SPLITS:
        for text in columns_of(name, split)["text"]:
            assert not re.search(r"[<>\[\]|_]|  |\ba [aeio]\w+|\.\.", text) or "a one" in text, text
            assert 5 <= len(text) <= 1200
            assert text == text.strip()


def test_messages_differ_in_length_and_manner(columns_of: Columns) -> None:
    texts = columns_of("intents", "train")["text"]
    lengths = sorted(len(text.split()) for text in texts)
    assert lengths[len(lengths) // 20] <= 8
    assert lengths[-len(lengths) // 20] >= 30
    small = sum(text == text.lower() for text in texts) / len(texts)
    assert 0.1 < small < 0.3


def test_tickets_have_three_to_eight_sentences(columns_of: Columns) -> None:
    for split in SPLITS:
        columns = columns_of("tickets", split)
        for text, count in zip(columns["text"], columns["sentences"], strict=True):
            assert len(re.split(r"(?<=[.!?])\s+", text)) == count, text
        assert set(columns["sentences"]) == set(range(3, 9))


def test_tickets_begin_and_end_as_stories_do(columns_of: Columns) -> None:
    """The opening comes before the request, and the closing after it."""
    for cell in columns_of("tickets", "test")["template"]:
        kinds = [re.sub(r"-\d+$", "", part) for part in cell.split("+")]
        kinds = [kind for kind in kinds if not kind.startswith("asides")]
        assert kinds[0].startswith("story-opening")
        assert not any(kind.startswith("story-opening") for kind in kinds[1:])
        assert "story-closing" not in kinds[:-1]
