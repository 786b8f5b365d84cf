"""Whether words or pixels alone are enough for a label, or up to how many labels they are not."""

from __future__ import annotations

from typing import Any

import pytest
from comparison_making import gain_row, run

from workbench import comparison
from workbench.comparison.simple_enough import enough_sentence


def scored(over: str, *, all_labels: float, few: dict[int, float], seed: int = 0) -> dict[str, Any]:
    """A run with gains over simple features, each with an interval of two points to either side."""
    made = run("mlm", seed=seed)
    rows = [(None, all_labels), *few.items()]
    for level, value in rows:
        row: dict[str, Any] = {"over": over, "protocol": "linear probe"}
        if level is not None:
            row |= {"protocol": "label efficiency", "labels_per_class": level}
        made["gains"].append(gain_row(value, value - 0.02, value + 0.02, **row))
    return made


@pytest.mark.parametrize(
    ("over", "words"), [("tf-idf", "words alone"), ("raw input", "the pixels alone")]
)
def test_no_win_at_any_number_of_labels_means_that_simple_features_are_enough(
    over: str, words: str
) -> None:
    runs = [scored(over, all_labels=-0.2, few={1: -0.1, 10: -0.15}), scored(
        over, all_labels=-0.3, few={1: 0.01, 10: -0.2}, seed=1
    )]  # fmt: skip
    sentence = enough_sentence(runs)
    assert sentence is not None
    assert sentence.startswith(f"For this label, {words} are enough")
    assert sentence in comparison.sentences(runs)


def test_wins_with_few_labels_are_named_with_the_largest_number() -> None:
    runs = [scored("tf-idf", all_labels=-0.2, few={1: 0.1, 5: 0.05, 10: -0.15})]
    sentence = enough_sentence(runs)
    assert sentence is not None
    assert "up to about 5 a class" in sentence


def test_a_win_over_one_kind_of_words_alone_is_no_win() -> None:
    made = scored("tf-idf", all_labels=-0.2, few={5: 0.1})
    made["gains"] += scored("lsa", all_labels=-0.1, few={5: -0.1})["gains"]
    sentence = enough_sentence([made])
    assert sentence is not None
    assert sentence.startswith("For this label, words alone are enough")


def test_nothing_is_said_without_such_scores_nor_where_a_run_wins_with_all_labels() -> None:
    assert enough_sentence([run("mlm")]) is None
    assert enough_sentence([scored("tf-idf", all_labels=0.1, few={5: 0.2})]) is None
    assert enough_sentence([scored("tf-idf", all_labels=0.0, few={5: 0.0})]) is None


def test_a_run_trained_with_labels_does_not_win_for_pretraining() -> None:
    runs = [scored("tf-idf", all_labels=-0.2, few={1: -0.1})]
    reference = scored("tf-idf", all_labels=0.3, few={1: 0.3}, seed=1)
    reference["config"]["task"] = "supervised"
    assert enough_sentence([*runs, reference]) == enough_sentence(runs)
    assert enough_sentence([reference]) is None
