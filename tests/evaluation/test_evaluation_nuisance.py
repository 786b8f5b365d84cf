"""The nuisance probe, against scikit-learn and on made-up values and groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score

from workbench.evaluation import nuisance
from workbench.evaluation.nuisance import PENALTIES, fit_groups, fit_values, of_images, of_texts
from workbench.evaluation.probe import scale

SIZES = {"train": 300, "validation": 100, "test": 200}


def made(noise: float, d: int = 12, **sizes: int) -> tuple[Any, Any]:
    """Features, and two values that are linear in them but for noise."""
    rng = np.random.default_rng(0)
    weights = rng.standard_normal((d, 2))
    features = {s: rng.standard_normal((n, d)) for s, n in (SIZES | sizes).items()}
    values = {
        s: x @ weights + 4.0 + noise * np.sqrt(d) * rng.standard_normal((len(x), 2))
        for s, x in features.items()
    }
    return features, values


def test_colour_and_brightness_are_means_of_pixels() -> None:
    images = np.random.default_rng(0).integers(0, 256, (5, 3, 4, 6), np.uint8)
    found = of_images(images, np.array([3, 1]))
    channels = images[[3, 1]].reshape(2, 3, -1).mean(axis=2) / 255
    assert found["brightness"][:, 0] == pytest.approx(channels.mean(axis=1))
    assert found["colour"] == pytest.approx(channels - channels.mean(axis=1, keepdims=True))
    assert set(of_images(images[:, :1], np.arange(5))) == {"brightness"}


def test_length_is_the_log_of_tokens() -> None:
    found = of_texts(np.array([0, 3, 3, 10]), np.array([0, 1, 2]))
    assert found["length"][:, 0] == pytest.approx(np.log([4, 1, 8]))


def test_r2_is_that_of_sklearns_ridge_with_the_penalty_of_validation() -> None:
    features, values = made(noise=1.0, d=80, train=120)
    fitted, chooser, queries = scale(features["train"], [features[s] for s in SIZES], "each")
    models = [Ridge(alpha=p * len(fitted)).fit(fitted, values["train"]) for p in PENALTIES]
    best = min(models, key=lambda m: ((m.predict(chooser) - values["validation"]) ** 2).sum())
    found = fit_values(features, values)
    assert found.test is not None
    assert found.validation is not None
    wanted = r2_score(values["test"], best.predict(queries), multioutput="variance_weighted")
    assert found.test.value == pytest.approx(wanted, abs=1e-4)
    assert found.test.low < found.test.value < found.test.high < 1
    assert found.validation.value == pytest.approx(found.test.value, abs=0.2)
    assert (found.n_test, found.n_validation) == (200, 100)


def test_noise_tells_nothing_and_rounding_is_told_exactly() -> None:
    features, values = made(noise=0.0)
    exact = fit_values(features, values).test
    noise = {s: np.random.default_rng(1).standard_normal(v.shape) for s, v in values.items()}
    nothing = fit_values(features, noise).test
    assert exact is not None
    assert nothing is not None
    assert exact.value > 0.999
    assert exact.high <= 1
    assert -0.1 < nothing.value < 0.05
    assert nothing.low < 0


def test_the_interval_covers_the_truth_about_95_times_in_100() -> None:
    rng = np.random.default_rng(0)
    share, hits = 0.6, []
    for _ in range(500):
        values = rng.standard_normal((300, 1))
        predicted = share * values + np.sqrt(share * (1 - share)) * rng.standard_normal((300, 1))
        found = nuisance._r2(((predicted - values) ** 2).sum(axis=1), values)
        assert found is not None
        hits.append(found.low <= share <= found.high)
    assert 0.92 < np.mean(hits) < 0.98


@pytest.mark.parametrize("sizes", [{"train": 3}, {"test": 2}, {"test": 1}])
def test_too_few_samples_are_said(sizes: dict[str, int]) -> None:
    features, values = made(0.5, **sizes)
    assert fit_values(features, values).test is None
    found = nuisance.score("trained", features, {"length": values})
    assert found.scores == ()
    assert "too few samples" in found.notes[0]


def test_what_does_not_vary_and_more_columns_than_samples_get_an_answer() -> None:
    features, values = made(0.5)
    assert fit_values(features, {s: np.ones_like(v) for s, v in values.items()}).test is None
    wide, of_wide = made(0.1, d=400, train=50)
    found = fit_values(wide, of_wide).test
    assert found is not None
    assert found.value < 0.7
    constant = {s: np.ones((len(v), 3)) for s, v in values.items()}
    nothing = fit_values(constant, values).test
    assert nothing is not None
    assert nothing.value == pytest.approx(0, abs=0.05)


def test_groups_that_shift_features_are_told_and_others_are_not() -> None:
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 6, 600)
    plain = rng.standard_normal((600, 10))
    shifted = plain + 3 * rng.standard_normal((6, 10))[groups]
    shifted_fit, plain_fit = fit_groups(shifted, groups), fit_groups(plain, groups)
    assert shifted_fit is not None
    assert plain_fit is not None
    assert shifted_fit.accuracy.value > 0.9
    assert plain_fit.accuracy.low < 1 / 6 < plain_fit.accuracy.high + 0.05
    assert shifted_fit.groups == 6
    assert shifted_fit.n == pytest.approx(150, abs=4)


def test_small_groups_and_missing_ones_are_left_out() -> None:
    rng = np.random.default_rng(0)
    groups = np.concatenate([np.repeat([0, 1], 20), [2, 2], np.full(10, -1)])
    found = fit_groups(rng.standard_normal((52, 3)), groups)
    assert found is not None
    assert found.groups == 2
    assert fit_groups(rng.standard_normal((40, 3)), np.arange(40)) is None
    features, values = made(0.5)
    alone = nuisance.score("trained", features, {"length": values}, np.arange(300))
    assert any("fewer than two" in note for note in alone.notes)


def test_rows_say_what_they_are_of() -> None:
    features, values = made(0.3)
    found = nuisance.score("trained", features, {"length": values}, np.arange(300) % 4)
    rows = [(r["protocol"], r["metric"], r["target"], r["split"], r["n"]) for r in found.scores]
    n = rows[1][-1]
    assert rows == [
        ("nuisance probe", "r2", "length", "test", 200),
        ("nuisance probe", "accuracy", "group", "train", n),
    ]
    assert found.validation is not None
    assert [r["split"] for r in found.validation.scores] == ["validation", "train"]
