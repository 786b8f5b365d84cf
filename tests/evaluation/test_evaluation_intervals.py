"""Intervals: their limits, and how often they cover the truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import balanced_accuracy_score, f1_score

from workbench.evaluation import f1, intervals
from workbench.evaluation.significance import holm, mcnemar, sign_flip, smallest_p


@pytest.mark.parametrize(("right", "n"), [(0, 1), (1, 1), (0, 10), (7, 10), (10, 10), (481, 500)])
def test_wilson_is_scipys(right: int, n: int) -> None:
    theirs = binomtest(right, n).proportion_ci(0.95, method="wilson")
    value, low, high = intervals.wilson(right, n)
    assert value == right / n
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert low < high


def test_one_draw_is_wilson() -> None:
    correct = np.arange(50)[None] % 3 > 0
    assert intervals.mean_over_draws(correct) == pytest.approx(intervals.wilson(33, 50), abs=1e-9)


def test_draws_that_differ_widen_the_interval() -> None:
    rng = np.random.default_rng(0)
    alike = np.tile(rng.random(200) < 0.7, (5, 1))
    differ = rng.random((5, 200)) < np.array([0.4, 0.6, 0.7, 0.8, 1.0])[:, None]
    narrow, wide = intervals.mean_over_draws(alike), intervals.mean_over_draws(differ)
    assert wide.high - wide.low > narrow.high - narrow.low
    assert 0 <= wide.low < wide.value < wide.high <= 1
    perfect = intervals.mean_over_draws(np.ones((5, 20), bool))
    assert perfect == pytest.approx(intervals.wilson(20, 20))


@pytest.mark.parametrize(
    ("better", "worse", "n"), [(0, 0, 20), (5, 2, 30), (30, 0, 30), (3, 9, 50)]
)
def test_paired_is_bonett_and_price(better: int, worse: int, n: int) -> None:
    differences = np.array([1.0] * better + [-1.0] * worse + [0.0] * (n - better - worse))
    value, low, high = intervals.paired(differences)
    p, q = (better + 1) / (n + 2), (worse + 1) / (n + 2)
    half = 1.959964 * np.sqrt((p + q - (p - q) ** 2) / (n + 2))
    assert value == pytest.approx((better - worse) / n)
    assert low == pytest.approx(max(-1, p - q - half), abs=1e-6)
    assert high == pytest.approx(min(1, p - q + half), abs=1e-6)


def test_equal_features_gain_nothing_with_an_interval_around_it() -> None:
    for shape in ((40,), (5, 40)):
        value, low, high = intervals.paired(np.zeros(shape))
        assert low < value == 0 < high
    truth = np.arange(40) % 3
    value, low, high = f1.gain(truth, truth[::-1].copy(), truth[::-1].copy())
    assert low < value == 0 < high


def test_wilson_covers_the_truth_about_95_times_in_100() -> None:
    rng = np.random.default_rng(0)
    found = [intervals.wilson(x, 200) for x in rng.binomial(200, 0.9, 2000)]
    assert 0.93 < np.mean([low <= 0.9 <= high for _, low, high in found]) < 0.97


def test_intervals_hold_the_truth_about_95_times_in_100_on_average() -> None:
    """What ``benchmarks/intervals.py`` measures at length."""
    rng = np.random.default_rng(0)
    shares = (0.5, 0.8, 0.95, 0.98)
    plain = [
        np.mean([low <= p <= high for _, low, high in map(intervals.wilson, x, [n] * 300)])
        for p in shares
        for n in (200, 2000)
        for x in [rng.binomial(n, p, 300)]
    ]
    assert 0.93 < np.mean(plain) < 0.97
    averaged: dict[str, list[bool]] = {"macro F1": [], "balanced accuracy": [], "gain": []}
    for _ in range(400):
        truth = rng.integers(0, 5, 600)
        predicted = [(truth + (rng.random(600) > right)) % 5 for right in (0.95, 0.92)]
        # Errors go to the next class, so that each class loses as many as it gets.
        for name, (value, low, high) in (
            ("macro F1", (0.95, *f1.interval(truth, predicted[0])[1:])),
            ("balanced accuracy", (0.95, *f1.balanced_accuracy(truth, predicted[0])[1:])),
            ("gain", (0.03, *f1.gain(truth, *predicted)[1:])),
        ):
            averaged[name].append(low <= value <= high)
    for name, covered in averaged.items():
        assert 0.91 < np.mean(covered) < 0.985, name


def test_balanced_accuracy_is_sklearns() -> None:
    rng = np.random.default_rng(0)
    truth = rng.choice(4, 300, p=(0.6, 0.3, 0.08, 0.02))
    predicted = np.where(rng.random(300) < 0.7, truth, 0)
    value, low, high = f1.balanced_accuracy(truth, predicted)
    assert value == pytest.approx(balanced_accuracy_score(truth, predicted))
    assert low < value < high
    accuracy = intervals.wilson(int((truth == predicted).sum()), 300)
    # Rare classes count as much as common ones, so that less is known.
    assert high - low > accuracy.high - accuracy.low
    perfect = f1.balanced_accuracy(truth, truth)
    assert perfect == pytest.approx(intervals.wilson(300, 300))


def test_macro_f1_is_sklearns_over_the_classes_that_occur() -> None:
    rng = np.random.default_rng(0)
    truth, predicted = rng.integers(0, 4, 300), rng.integers(0, 6, 300)
    wanted = f1_score(truth, predicted, labels=np.unique(truth), average="macro")
    assert f1.macro_f1(truth, predicted) == pytest.approx(wanted)
    value, low, high = f1.interval(truth, predicted)
    assert value == pytest.approx(wanted)
    assert 0 < low < value < high < 1


def test_the_bootstrap_is_that_of_samples() -> None:
    """Against resampling the samples themselves, the plain way."""
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 3, 120)
    predicted = np.where(rng.random(120) < 0.7, truth, rng.integers(0, 3, 120))
    _, low, high = f1.interval(truth, predicted)
    drawn = [
        f1_score(truth[rows], predicted[rows], average="macro")
        for rows in rng.integers(0, 120, (1000, 120))
    ]
    assert (low, high) == pytest.approx(np.percentile(drawn, (2.5, 97.5)), abs=0.015)


def test_a_gain_of_macro_f1_is_paired_and_repeats() -> None:
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 3, 300)
    worse = np.where(rng.random(300) < 0.6, truth, (truth + 1) % 3)
    better = np.where(rng.random(300) < 0.5, truth, worse)
    gain = f1.gain(truth, better, worse)
    assert gain == f1.gain(truth, better, worse)
    assert gain.low > 0
    one, two = f1.interval(truth, better), f1.interval(truth, worse)
    assert gain.high - gain.low < (one.high - one.low) + (two.high - two.low)


def test_a_gain_of_balanced_accuracy_is_paired_and_counts_every_class_the_same() -> None:
    truth = np.repeat([0, 1], (90, 10))
    guess = np.zeros(100, np.int64)
    rare = np.where(np.arange(100) < 95, 0, 1)
    gain = f1.balanced_gain(truth, rare, guess)
    assert gain.value == pytest.approx(0.25)
    assert gain.value == pytest.approx(
        f1.balanced_accuracy(truth, rare).value - f1.balanced_accuracy(truth, guess).value
    )
    assert 0 < gain.low < 0.25 < gain.high
    drawn = f1.balanced_gain(truth, np.stack([rare, guess]), np.stack([guess, guess]))
    assert drawn.value == pytest.approx(0.125)
    assert drawn.low < 0.125 < drawn.high


def test_perfect_and_several_draws_keep_a_width() -> None:
    truth = np.arange(30) % 3
    value, low, high = f1.interval(truth, truth)
    assert value == high == 1.0
    assert 0.8 < low < 1
    drawn = f1.interval(truth, np.stack([truth, (truth + 1) % 3]))
    assert drawn.value == pytest.approx(0.5)
    assert 0 <= drawn.low < drawn.high <= 1


def test_three_seeds_cannot_be_significant_and_six_can() -> None:
    assert smallest_p(3) == sign_flip([1.0, 2.0, 3.0]) == 0.25
    assert smallest_p(6) == sign_flip([1.0] * 6) == 0.03125
    assert sign_flip([1.0, -1.0]) == 1.0
    assert sign_flip([]) == 1.0
    assert sign_flip([1.0] * 20) < 0.001


def test_mcnemar_is_the_binomial_test_and_holm_adjusts() -> None:
    assert mcnemar(10, 3) == pytest.approx(binomtest(3, 13).pvalue)
    for pair in ((1300, 1150), (2600, 2400), (30, 4000)):
        expected = binomtest(min(pair), sum(pair)).pvalue
        assert mcnemar(*pair) == pytest.approx(expected, rel=1e-9), pair
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(4, 4) == 1.0
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
