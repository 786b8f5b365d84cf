from __future__ import annotations

import numpy as np
from comparison_making import answers

from workbench.comparison import Predictions
from workbench.comparison.disagreement import disagreement


def test_as_counted_one_by_one() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(-1, 2, 50)
    rows_a, rows_b = np.arange(100, 150), np.arange(120, 170)
    a = Predictions(rows_a, truth, {"knn": rng.integers(0, 2, 50)})
    later = np.concatenate([truth[20:], rng.integers(0, 2, 20)])
    b = Predictions(rows_b, later, {"knn": rng.integers(0, 2, 50)})
    found = disagreement(a, b, "knn")
    assert found is not None
    want: dict[tuple[bool, bool], list[int]] = {}
    for i, row in enumerate(rows_a):
        if row in rows_b and truth[i] >= 0:
            j = int(np.flatnonzero(rows_b == row)[0])
            right = a.answers["knn"][i] == truth[i], b.answers["knn"][j] == truth[i]
            want.setdefault((bool(right[0]), bool(right[1])), []).append(int(row))
    assert found.only_a.tolist() == want[True, False]
    assert found.only_b.tolist() == want[False, True]
    assert found.both.tolist() == want[True, True]
    assert found.neither.tolist() == want[False, False]
    assert found.n == sum(map(len, want.values()))


def test_nothing_in_common_is_said() -> None:
    a = answers(30)
    assert disagreement(a, answers(40, linear_probe=20), "linear probe") is None
    elsewhere = Predictions(a.rows + 1000, a.truth, a.answers)
    assert disagreement(a, elsewhere, "knn") is None
    unlabelled = Predictions(a.rows, np.full(100, -1), a.answers)
    assert disagreement(unlabelled, unlabelled, "knn") is None
