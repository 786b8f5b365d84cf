"""BLEU: the paper's own examples, an independent count, and its interval."""

from __future__ import annotations

import math

import numpy as np
import pytest

from workbench.tasks.parts.held_out import bleu


def by_hand(answers: list[list[int]], references: list[list[int]]) -> float:
    """Papineni et al., section 2.3, in loops, for corpora in which every order matches."""
    logs = 0.0
    for n in (1, 2, 3, 4):
        matched = total = 0
        for answer, reference in zip(answers, references, strict=True):
            left = [tuple(reference[i : i + n]) for i in range(len(reference) - n + 1)]
            for i in range(len(answer) - n + 1):
                gram = tuple(answer[i : i + n])
                total += 1
                if gram in left:
                    left.remove(gram)
                    matched += 1
        logs += math.log(matched / total) / 4
    c, r = sum(map(len, answers)), sum(map(len, references))
    return math.exp(logs) * (1 if c > r else math.exp(1 - r / c))


def corpus(seed: int = 0, texts: int = 30) -> tuple[list[list[int]], list[list[int]]]:
    """References of 5 to 20 tokens of 6 kinds, and answers with a fifth of the tokens wrong."""
    rng = np.random.default_rng(seed)
    references = [rng.integers(0, 6, rng.integers(5, 21)).tolist() for _ in range(texts)]
    answers = [
        [t if rng.random() < 0.8 else int(rng.integers(0, 6)) for t in text][
            : len(text) - int(rng.integers(0, 3))
        ]
        for text in references
    ]
    return answers, references


def words(text: str) -> list[int]:
    return [sum(map(ord, word)) for word in text.split()]


@pytest.mark.parametrize("seed", range(3))
def test_it_agrees_with_an_independent_count(seed):
    answers, references = corpus(seed)
    value = bleu.score(answers, references).value
    assert 0.2 < value < 0.9
    assert value == pytest.approx(by_hand(answers, references), abs=1e-9)


def test_matches_are_clipped_as_in_the_papers_example():
    """Section 2.1: seven times "the" against two: 2 of 7."""
    counted = bleu.counts(words("the the the the the the the"), words("the cat is on the mat"))
    assert counted[:, 0].tolist() == [2, 7, 6]
    assert counted[0, 1:].tolist() == [0, 0, 0]


def test_the_same_text_is_1_and_another_0():
    text = [5, 6, 7, 8, 9]
    assert bleu.score([text], [text]).value == 1
    assert bleu.score([[10, 11, 12, 13, 14]], [text]).value == 0
    assert bleu.score([[]], [text]).value == 0


def test_short_answers_are_penalised_and_long_ones_by_precision():
    text = list(range(20))
    assert bleu.score([text[:10]], [text]).value == pytest.approx(math.exp(1 - 20 / 10))
    longer = [*text, *range(30, 50)]
    assert bleu.score([longer], [text]).value == pytest.approx(by_hand([longer], [text]))


def test_orders_without_a_match_are_halved_again_and_again():
    """Two words of four right, never together: 2/4, then 1/(2*3), 1/(4*2), 1/(8*1)."""
    value = bleu.score([[1, 9, 3, 8]], [[1, 2, 3, 4]]).value
    assert value == pytest.approx((2 / 4 * 1 / 6 * 1 / 8 * 1 / 8) ** 0.25)


def test_orders_that_no_reference_has_are_left_out():
    assert bleu.score([[1, 2]], [[1, 2]]).value == 1
    assert bleu.score([[1, 3]], [[1, 2]]).value == pytest.approx((1 / 2 * 1 / 2) ** 0.5)


def test_counts_are_of_the_corpus_and_not_means_of_texts():
    answers, references = [[1, 2, 3, 4, 5], [9, 9]], [[1, 2, 3, 4, 5], [7, 8]]
    assert bleu.score(answers, references).value == pytest.approx(
        (5 / 7 * 4 / 5 * 3 / 3 * 2 / 2) ** 0.25
    )


def test_the_interval_holds_the_value_repeats_and_shrinks_with_texts():
    few, many = bleu.score(*corpus(0, 20)), bleu.score(*corpus(0, 320))
    assert few == bleu.score(*corpus(0, 20))
    for score in (few, many):
        assert 0 <= score.low <= score.value <= score.high <= 1
    assert 0 < many.high - many.low < 0.5 * (few.high - few.low)


def test_no_texts_are_refused():
    with pytest.raises(ValueError, match="at least one text"):
        bleu.score([], [])
