from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from workbench.evaluation.logistic import fit_path
from workbench.evaluation.probe import DENSE, SPARSE, probe, scale

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
    mine = fit_path(given, y, [penalty])[0]
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


def test_the_penalty_is_the_best_on_validation_and_the_strongest_of_equals(blobs: Any) -> None:
    features, labels = blobs(apart=0.35, train=60, dim=30)
    parts = [features[s] for s in ("train", "validation", "test")]
    found = probe(parts[0], labels["train"], parts[1], labels["validation"], parts[2])
    train, validation, test = scale(parts[0], parts, "each")
    models = fit_path(train, labels["train"], DENSE)
    hits = [(m.predict(validation) == labels["validation"]).mean() for m in models]
    best = int(np.argmax(hits))
    assert len(set(hits)) > 1
    assert found.penalty == DENSE[best]
    assert np.array_equal(found.predicted, models[best].predict(test))
    assert found.at_edge == (best in (0, len(DENSE) - 1))


def test_without_validation_a_middle_penalty_is_taken_and_said(blobs: Any) -> None:
    features, labels = blobs()
    found = probe(features["train"], labels["train"], features["train"][:0], NONE, features["test"])
    assert not found.chosen
    assert found.penalty == DENSE[2]
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
        scaling="none",
    )
    assert found.penalty in SPARSE
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
    (same,) = scale(train, (train,), "none")
    assert same is train
