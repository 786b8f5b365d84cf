"""The linear probe: its fit against scikit-learn, its scalings and its choices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from workbench.evaluation.logistic import fit_path
from workbench.evaluation.probe import DENSE, SPARSE, best_of, ended, halves, probe, scale

NONE = np.empty(0, np.int64)


def loss(weights: Any, bias: Any, x: Any, labels: Any, penalty: float) -> float:
    """The objective, written again in float64."""
    logits = (x @ weights.astype(np.float64)) + bias
    logits -= logits.max(axis=1, keepdims=True)
    chosen = logits[np.arange(len(labels)), labels] - np.log(np.exp(logits).sum(axis=1))
    return float(-chosen.mean() + penalty / 2 * (weights.astype(np.float64) ** 2).sum())


@pytest.mark.parametrize("penalty", [1.0, 1e-1, 1e-2, 1e-3])
@pytest.mark.parametrize("kind", ["dense", "wide", "correlated", "sparse"])
def test_the_minimum_is_sklearns(blobs: Any, kind: str, penalty: float) -> None:
    features, labels = blobs(apart=0.5, dim=300 if kind == "wide" else 12)
    x, y = features["train"], labels["train"]
    if kind == "correlated":
        x = (x @ np.diag(np.logspace(0, -3, 12)) + x[:, :1]).astype(np.float32)
    given = sparse.csr_matrix(np.maximum(x, 0)) if kind == "sparse" else x
    if kind == "sparse":
        x = np.maximum(x, 0)
    (mine,) = fit_path(given, y, [penalty])
    theirs = LogisticRegression(C=1 / (penalty * len(y)), tol=1e-9, max_iter=5000).fit(x, y)
    best = loss(theirs.coef_.T, theirs.intercept_, x, y, penalty)
    assert loss(mine.weights, mine.bias, x, y, penalty) <= best + 1e-3
    agree = (mine.predict(given) == theirs.predict(x)).mean()
    assert agree >= 0.98


def test_two_classes_with_odd_names_and_a_word_that_never_occurs() -> None:
    x = sparse.csr_matrix(np.array([[1.0, 0, 0], [0, 1, 0], [1, 0, 0], [0, 1, 0]], np.float32))
    (model,) = fit_path(x, np.array([3, 7, 3, 7]), [1e-2])
    assert model.classes.tolist() == [3, 7]
    assert model.predict(x).tolist() == [3, 7, 3, 7]
    assert (model.weights[2] == 0).all()


def test_constant_features_give_the_most_frequent_class() -> None:
    x = np.ones((5, 3), np.float32)
    found = probe(x, np.array([1, 1, 1, 0, 0]), x[:0], NONE, x)
    assert found.predicted.tolist() == [1] * 5


def searched(features: Any, labels: Any, mask: Any = slice(None)) -> tuple[str, float]:
    """The whole search again, without leaving a path early, by the validation samples ``mask``."""
    found = []
    for number, scaling in enumerate(("each", "unit")):
        fitted, chooser = scale(
            features["train"], (features["train"], features["validation"]), scaling
        )
        for place, model in enumerate(fit_path(fitted, labels["train"], DENSE)):
            right = (model.predict(chooser) == labels["validation"])[mask].sum()
            found.append((-int(right), number, place, scaling, model))
    best = min(found, key=lambda row: row[:3])
    return best[3], DENSE[best[2]]


def probed(features: Any, labels: Any) -> Any:
    parts = [features[s] for s in ("train", "validation", "test")]
    return probe(parts[0], labels["train"], parts[1], labels["validation"], parts[2])


def uneven(blobs: Any, seed: int) -> tuple[Any, Any]:
    """Classes that lengths hide, so that scaling and penalty matter."""
    features, labels = blobs(apart=0.35, train=60, dim=30, validation=300, seed=seed)
    rng = np.random.default_rng(seed)
    return {s: x * rng.lognormal(0, 1.5, (len(x), 1)) for s, x in features.items()}, labels


def test_scaling_and_penalty_are_the_best_on_validation(blobs: Any) -> None:
    for seed in range(3):
        features, labels = uneven(blobs, seed)
        found = probed(features, labels)
        assert (found.choice.scaling, found.choice.penalty) == searched(features, labels)
        assert found.choice.chosen
        assert found.choice.at_edge == (found.choice.penalty in (DENSE[0], DENSE[-1]))
        known, tested = scale(
            features["train"], (features["train"], features["test"]), found.choice.scaling
        )
        (*_, model) = fit_path(
            known, labels["train"], DENSE[: DENSE.index(found.choice.penalty) + 1]
        )
        assert np.array_equal(found.predicted, model.predict(tested))


def test_rows_of_length_one_win_where_lengths_are_noise(blobs: Any) -> None:
    assert probed(*uneven(blobs, 0)).choice.scaling == "unit"
    features, labels = blobs(apart=1.0)
    features = {s: x + 20 for s, x in features.items()}
    lengths = {
        s: np.where(y[:, None] % 2, x, 3 * x)
        for (s, x), y in zip(features.items(), labels.values(), strict=True)
    }
    assert probed(lengths, labels).choice.scaling == "each"


def test_labels_of_one_half_of_validation_change_no_answer_on_it(blobs: Any) -> None:
    """A validation score is not of the samples that chose: only the other half's labels did."""
    features, labels = uneven(blobs, 1)
    first = halves(labels["validation"])
    found = probed(features, labels)
    moved = labels["validation"].copy()
    # Moved among the classes' own samples of the half, the halves stay what they are.
    for known in np.unique(moved):
        moved[first & (labels["validation"] == known)] = known
    noise = np.where(first, 0, moved)
    assert found.validated.shape == moved.shape
    scaling, penalty = searched(features, labels, ~first)
    fitted, chooser = scale(features["train"], (features["train"], features["validation"]), scaling)
    (*_, model) = fit_path(fitted, labels["train"], DENSE[: DENSE.index(penalty) + 1])
    assert np.array_equal(found.validated[first], model.predict(chooser)[first])
    assert not np.array_equal(noise, moved)


def test_halves_divide_every_class_alike() -> None:
    labels = np.repeat([0, 1, 2], [10, 7, 1])
    first = halves(labels)
    assert np.bincount(labels[first], minlength=3).tolist() in ([5, 4, 0], [5, 3, 1], [5, 4, 1])
    assert np.array_equal(first, halves(labels))
    assert halves(np.empty(0, np.int64)).shape == (0,)


def test_a_path_is_left_after_two_falls_and_not_for_equals() -> None:
    assert not ended([5])
    assert not ended([5, 4])
    assert ended([5, 4, 3])
    assert not ended([5, 5, 5])
    assert not ended([5, 4, 5])
    assert best_of([[5, 4, 3, 9]]) == (0, 0)
    assert best_of([[5, 4, 6, 9]]) == (0, 3)
    assert best_of([[1, 3, 3], [3, 2, 4]]) == (1, 2)
    assert best_of([[1, 3, 3], [3, 3, 1]]) == (0, 1)


def test_without_validation_a_middle_penalty_is_taken_and_said(blobs: Any) -> None:
    features, labels = blobs()
    found = probe(features["train"], labels["train"], features["train"][:0], NONE, features["test"])
    assert not found.choice.chosen
    assert (found.choice.scaling, found.choice.penalty) == ("each", DENSE[3])
    assert found.validated.shape == (0,)
    assert (found.predicted == labels["test"]).mean() > 0.9


def test_one_validation_sample_is_enough(blobs: Any) -> None:
    features, labels = blobs(validation=1)
    found = probed(features, labels)
    assert found.validated.shape == (1,)
    assert (found.predicted == labels["test"]).mean() > 0.9


def test_sparse_features_have_a_grid_of_their_own(blobs: Any) -> None:
    features, labels = blobs()
    rows = {s: sparse.csr_matrix(np.maximum(x, 0)) for s, x in features.items()}
    found = probe(
        rows["train"],
        labels["train"],
        rows["validation"],
        labels["validation"],
        rows["test"],
        scalings=("none",),
    )
    assert found.choice.penalty in SPARSE
    assert (found.predicted == labels["test"]).mean() > 0.8


def test_scaling_uses_the_training_statistics() -> None:
    rng = np.random.default_rng(0)
    train, test = (
        (rng.standard_normal((n, 3)) * [1, 10, 0] + [5, -3, 2]).astype(np.float32)
        for n in (400, 50)
    )
    each, moved = scale(train, (train, test), "each")
    assert each.mean(axis=0) == pytest.approx(0, abs=1e-5)
    assert each.std(axis=0) == pytest.approx([1, 1, 0], abs=1e-5)
    assert abs(moved.mean(axis=0)).max() > 1e-3
    (common,) = scale(train, (train,), "common")
    assert common.std(axis=0)[1] / common.std(axis=0)[0] == pytest.approx(
        train.std(axis=0)[1] / train.std(axis=0)[0], rel=1e-4
    )
    assert np.sqrt((common**2).mean()) == pytest.approx(1, rel=1e-4)
    (short,) = scale(train, (train,), "unit")
    rows = train / np.linalg.norm(train, axis=1, keepdims=True)
    wanted = (rows - rows.mean(axis=0)) / np.sqrt(rows.var(axis=0).mean())
    assert short == pytest.approx(wanted, abs=1e-4)
    (same,) = scale(train, (train,), "none")
    assert same is train
