"""Two trained models on the same samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from comparison_making import answers, around, run
from scipy.stats import binomtest

from workbench.comparison import Evidence, Predictions
from workbench.comparison.run_pairs import (
    difference_of_gains,
    paired_difference,
    pairs,
    sign_beyond_noise,
)
from workbench.evaluation import intervals
from workbench.evaluation.significance import holm


def evidence(*predicted: tuple[dict[str, Any], Predictions]) -> Evidence:
    return Evidence({run["id"]: predictions for run, predictions in predicted})


def test_the_difference_is_that_of_the_evaluation_from_counts() -> None:
    for only_a, only_b, n in ((12, 3, 100), (0, 0, 40), (40, 0, 40), (1, 9, 500)):
        each = np.repeat([1.0, -1.0, 0.0], [only_a, only_b, n - only_a - only_b])
        expected = intervals.paired(each)
        found = paired_difference(only_a, only_b, n)
        assert tuple(found.values()) == pytest.approx(tuple(expected))


def test_two_models_of_one_encoder_meet_on_their_samples() -> None:
    a, b = run("simclr"), run("moco_v2")
    (row,) = pairs([a, b], evidence((a, answers(80)), (b, answers(70, first=5))))
    # a is right on 0 to 79, b on 5 to 74.
    assert (row["only_a"], row["only_b"], row["n"]) == (10, 0, 100)
    assert row["difference"] == pytest.approx(0.10)
    assert row["p"] == pytest.approx(binomtest(0, 10).pvalue)
    assert row["p_holm"] == row["p"]
    assert row["basis"] == "same samples"
    assert sign_beyond_noise(row) == 1


def test_holm_is_over_all_pairs_of_a_protocol() -> None:
    runs = [run("a"), run("b"), run("c")]
    both = evidence(*zip(runs, (answers(90), answers(82), answers(81)), strict=True))
    rows = pairs(runs, both)
    assert [(row["a"][0], row["b"][0]) for row in rows] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert [row["p_holm"] for row in rows] == pytest.approx(holm([row["p"] for row in rows]))
    # Eight against none: below .05 alone, and after three tests still.
    assert rows[0]["p"] == pytest.approx(2 / 2**8)
    assert sign_beyond_noise(rows[2]) == 0


def test_encoders_that_differ_meet_by_their_gains() -> None:
    a, b = run("simclr", around(0.2)), run("i_jepa", around(0.1), encoder="vit_mini")
    (row,) = pairs([a, b], evidence((a, answers(80)), (b, answers(70))))
    assert row["basis"] == "gains"
    assert row["p"] is None
    half = np.hypot(0.02, 0.02)
    assert (row["low"], row["high"]) == pytest.approx((0.1 - half, 0.1 + half))
    assert sign_beyond_noise(row) == 1


def test_limits_of_a_difference_of_gains_are_recovered_from_both() -> None:
    found = difference_of_gains(
        {"value": 0.3, "low": 0.27, "high": 0.31}, {"value": 0.1, "low": 0.08, "high": 0.14}
    )
    assert found["difference"] == pytest.approx(0.2)
    assert found["low"] == pytest.approx(0.15)
    assert found["high"] == pytest.approx(0.2 + np.hypot(0.01, 0.02))


@pytest.mark.parametrize(
    "other",
    [
        run("byol", seed=1),
        run("byol", budget={"seconds": 60.0}),
        run("byol", data={"source": "x", "fingerprint": "xyz"}),
        run("byol", test="closed"),
        run("byol", None),
        run("simclr"),
    ],
)
def test_what_does_not_meet_gives_no_pair(other: dict[str, Any]) -> None:
    assert pairs([run("simclr"), other], Evidence()) == []


def test_other_samples_are_no_pair_of_samples() -> None:
    a, b = run("simclr"), run("moco_v2")
    other = answers(70)
    moved = Predictions(other.rows + 1, other.truth, other.answers)
    (row,) = pairs([a, b], evidence((a, answers(80)), (b, moved)))
    assert row["basis"] == "gains"


def test_both_readouts_are_compared_where_both_were_scored() -> None:
    a, b = (run(task, probe=around(0.1)) for task in ("simclr", "mae"))
    both = evidence((a, answers(80, linear_probe=60)), (b, answers(70, linear_probe=75)))
    rows = {row["protocol"]: row for row in pairs([a, b], both)}
    assert rows["knn"]["difference"] == pytest.approx(0.10)
    assert rows["linear probe"]["difference"] == pytest.approx(-0.15)
