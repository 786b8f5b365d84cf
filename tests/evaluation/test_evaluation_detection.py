"""AUROC, AUPRC and FPR at 95 % TPR, against scikit-learn and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from workbench.evaluation.detection import auprc, auroc, auroc_gain, fpr95, placements

MEASURES = (auroc, auprc, fpr95)


def test_auroc_is_sklearns_with_ties_counted_half() -> None:
    rng = np.random.default_rng(0)
    strange = rng.random(300) < 0.3
    scores = np.round(rng.standard_normal(300) + strange, 1)
    value, low, high = auroc(scores, strange)
    assert value == pytest.approx(roc_auc_score(strange, scores))
    assert 0 < low < value < high < 1


def test_placements_are_counted_pair_by_pair() -> None:
    scores, strange = np.array([1.0, 2, 2, 3]), np.array([False, True, False, True])
    above, below = placements(scores, strange)
    assert above.tolist() == [0.75, 1.0]
    assert below.tolist() == [1.0, 0.75]


def test_the_interval_covers_the_truth_about_95_times_in_100() -> None:
    rng = np.random.default_rng(0)
    strange = np.arange(160) < 60
    truth = 0.7602  # of unit Gaussians one apart
    found = [auroc(rng.standard_normal(160) + strange, strange) for _ in range(600)]
    assert 0.92 < np.mean([low <= truth <= high for _, low, high in found]) < 0.98


@pytest.mark.parametrize("flip", [1.0, -1.0])
def test_perfect_separation_keeps_a_width(flip: float) -> None:
    strange = np.arange(20) < 8
    value, low, high = auroc(flip * strange.astype(float), strange)
    assert value == (flip > 0)
    assert 0 <= low < high <= 1


def test_one_anomaly_is_scored_with_a_wide_interval() -> None:
    strange = np.arange(30) == 3
    value, low, high = auroc(np.where(strange, 1.5, np.arange(30) / 10.0), strange)
    assert low <= value <= high
    assert high - low > 0.4


def test_gains_are_zero_for_equal_scores_and_seen_where_there_is_one() -> None:
    rng = np.random.default_rng(0)
    strange = rng.random(400) < 0.5
    poor, good = rng.standard_normal(400), rng.standard_normal(400) + 3 * strange
    value, low, high = auroc_gain(poor, poor, strange)
    assert low < value == 0 < high
    gain = auroc_gain(good, poor, strange)
    assert gain.low > 0.2
    assert gain.value == pytest.approx(auroc(good, strange).value - auroc(poor, strange).value)


@pytest.mark.parametrize("seed", range(4))
def test_average_precision_is_sklearns_with_and_without_ties(seed: int) -> None:
    rng = np.random.default_rng(seed)
    strange = rng.random(300) < 0.2
    scores = rng.standard_normal(300) + strange
    for given in (scores, np.round(scores, 1)):
        value, low, high = auprc(given, strange)
        assert value == pytest.approx(average_precision_score(strange, given))
        assert 0 < low < value < high < 1


@pytest.mark.parametrize("seed", range(4))
def test_false_alarms_are_read_off_sklearns_curve(seed: int) -> None:
    rng = np.random.default_rng(seed)
    strange = rng.random(300) < 0.2
    scores = np.round(rng.standard_normal(300) + 2 * strange, 2)
    alarms, found, _ = roc_curve(strange, scores, drop_intermediate=False)
    value, low, high = fpr95(scores, strange)
    assert value == pytest.approx(alarms[np.argmax(found >= 0.95)])
    assert 0 <= low < value < high <= 1


def test_the_derivative_of_average_precision_is_that_of_a_weight() -> None:
    """Against weights changed by hand: the variance by the jackknife's infinitesimal version."""
    rng = np.random.default_rng(0)
    strange = np.arange(120) < 40
    scores = rng.standard_normal(120) + strange
    value, low, high = auprc(scores, strange)

    def moved(kind: np.ndarray) -> np.ndarray:
        out = []
        for i in np.flatnonzero(kind):
            weights = np.ones(120)
            weights[i] += 1e-4
            # The two shares stay as they are.
            weights[kind] *= kind.sum() / weights[kind].sum()
            changed = average_precision_score(strange, scores, sample_weight=weights)
            out.append((changed - value) / 1e-4 * kind.sum())
        return np.array(out)

    variance = sum(np.var(moved(kind), ddof=1) / kind.sum() for kind in (strange, ~strange))
    half = 1.959964 * np.sqrt(variance) / (value * (1 - value))
    logits = [np.log(p / (1 - p)) for p in (low, value, high)]
    assert np.diff(logits) == pytest.approx([half, half], rel=2e-3)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(("n", "strange"), [(2, 1), (30, 1), (30, 29), (40, 20)])
@pytest.mark.parametrize("kind", ["perfect", "inverse", "equal", "noise"])
def test_odd_cases_have_an_interval_inside_0_and_1(
    measure: object, n: int, strange: int, kind: str
) -> None:
    is_strange = np.arange(n) < strange
    made = {
        "perfect": is_strange.astype(float),
        "inverse": -is_strange.astype(float),
        "equal": np.zeros(n),
        "noise": np.random.default_rng(0).standard_normal(n),
    }
    value, low, high = measure(made[kind], is_strange)  # type: ignore[operator]
    assert 0 <= low <= value <= high <= 1
    assert low < high
