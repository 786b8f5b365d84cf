"""Which classes are taken for which."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import confusion_matrix

from workbench.evaluation.confusion import Confusion, confusion, most_confused


def test_counts_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    truth, predicted = rng.integers(0, 7, 300), rng.integers(0, 7, 300)
    assert np.array_equal(
        confusion(truth, predicted, 7), confusion_matrix(truth, predicted, labels=range(7))
    )


def test_what_has_no_class_is_left_out() -> None:
    found = confusion(np.array([-1, 0, 1, 5]), np.array([0, 1, 9, 0]), 2)
    assert found.tolist() == [[0, 1], [0, 0]]


def test_the_most_frequent_mistakes_come_first_and_right_answers_are_none() -> None:
    matrix = np.array([[50, 3, 0], [2, 1, 3], [0, 1, 9]])
    assert most_confused(matrix, 3) == [
        Confusion(1, 2, 3, 0.5),
        Confusion(0, 1, 3, 3 / 53),
        Confusion(1, 0, 2, 2 / 6),
    ]
    assert most_confused(np.diag([4, 5])) == []
