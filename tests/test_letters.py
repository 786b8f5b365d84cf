"""Words and letters of all scripts."""

from __future__ import annotations

import numpy as np
import pytest

from workbench import letters
from workbench.augment.parts.thesaurus import slips
from workbench.maps.word_counts import word_rows


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't stop_1, now", ["Don", "t", "stop_1", "now"]),
        ("हिन्दी में दिल", ["हिन्दी", "में", "दिल"]),
        ("Người Việt", ["Người", "Việt"]),
        ("cafe\u0301 noir", ["café", "noir"]),
        ("مَرْحَبًا بِالعَالَم؟", ["مَرْحَبًا", "بِالعَالَم"]),
        ("می‌خواهم بروم", ["می‌خواهم", "بروم"]),
        ("שָׁלוֹם עולם", ["שָׁלוֹם", "עולם"]),
        ("한국어, 텍스트", ["한국어", "텍스트"]),
        ("東京に。字", ["東京", "京に", "字"]),
        ("น้ำใจ 12", ["น้ำ", "ำใ", "ใจ", "12"]),
        ("", []),
    ],
)
def test_words_keep_their_marks(text: str, expected: list[str]) -> None:
    assert letters.words(text) == expected


def test_letters_keep_their_marks() -> None:
    assert letters.clusters("हिन्दी") == ["हि", "न्", "दी"]
    assert letters.clusters("word") == list("word")
    assert letters.all_letters("हिन्दी")
    assert not letters.all_letters("a1")
    assert not letters.all_letters("\u0301")
    # A slip of the pen moves a letter with its marks.
    assert "न्हिदी" in slips("हिन्दी")


def test_word_counts_tell_vowel_signs_apart() -> None:
    rows = word_rows(["दिल", "दल", "दिल", "दल"])
    assert np.allclose(rows @ rows.T, [[1, 0, 1, 0], [0, 1, 0, 1]] * 2)


def test_texts_without_spaces_share_words() -> None:
    rows = word_rows(["我去东京机场", "东京机场很远", "他喜欢吃苹果", "苹果很好吃"])
    similar = rows @ rows.T
    assert similar[0, 1] > 0
    assert similar[2, 3] > 0
    assert similar[0, 2] == 0
