"""kNN against the formula of the paper, one query at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from workbench.config import EvalOptions
from workbench.evaluation import knn


def naive(bank: Any, labels: Any, query: Any, k: int) -> int:
    """Equation 13 of Wu et al. 2018, one query at a time, in float64."""
    cosines = [b @ query / (np.linalg.norm(b) * np.linalg.norm(query)) for b in bank]
    votes: dict[int, float] = {}
    for i in sorted(range(len(bank)), key=lambda i: -cosines[i])[:k]:
        votes[labels[i]] = votes.get(labels[i], 0.0) + np.exp(cosines[i] / 0.07)
    return max(sorted(votes), key=lambda label: votes[label])


@pytest.mark.parametrize("k", [1, 5, 20])
def test_predictions_are_those_of_the_paper(blobs: Any, k: int) -> None:
    features, labels = blobs(apart=0.7)
    found = knn.predict(features["train"], labels["train"], features["test"], k)
    bank = features["train"].astype(np.float64)
    wanted = [naive(bank, labels["train"], q, k) for q in features["test"].astype(np.float64)]
    assert found.tolist() == wanted
    assert 0.4 < (found == labels["test"]).mean() < 1.0


def test_blocks_do_not_show(blobs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    features, labels = blobs(apart=0.7)
    whole = knn.predict(features["train"], labels["train"], features["test"])
    alone = knn.agreement(features["test"], labels["test"])
    monkeypatch.setattr(knn, "_BLOCK", 7)
    assert np.array_equal(whole, knn.predict(features["train"], labels["train"], features["test"]))
    assert knn.agreement(features["test"], labels["test"]) == alone


def test_neighbours_are_clamped_to_half_of_a_middling_class() -> None:
    assert knn.neighbours_for(np.repeat([0, 1, 2], 100)) == 20
    assert knn.neighbours_for(np.repeat([0, 1, 2], 10)) == 5
    assert knn.neighbours_for(np.repeat([0, 1, 2], [100, 100, 1])) == 20
    assert knn.neighbours_for(np.array([0, 1])) == 1
    assert knn.neighbours_for(np.repeat([0, 1, 2], 100), 7) == 7
    assert knn.neighbours_for(np.repeat([0, 1, 2], 100), 200) == 50


def test_the_default_is_that_of_the_option() -> None:
    assert EvalOptions().neighbours == knn.NEIGHBOURS


@pytest.mark.parametrize("k", [1, 5])
def test_agreement_is_the_formula_with_each_sample_left_out(blobs: Any, k: int) -> None:
    features, labels = blobs(apart=0.7)
    rows, truth = features["test"].astype(np.float64), labels["test"]
    right = [
        naive(np.delete(rows, i, axis=0), np.delete(truth, i), row, k) == truth[i]
        for i, row in enumerate(rows)
    ]
    assert knn.agreement(features["test"], truth, k) == pytest.approx(np.mean(right))


def test_agreement_leaves_the_sample_itself_out() -> None:
    twins = np.array([[1.0, 0], [1, 0.01], [0, 1], [0.01, 1]])
    assert knn.agreement(twins, np.array([0, 0, 1, 1])) == 1.0
    assert knn.agreement(twins, np.array([0, 1, 0, 1])) == 0.0


def test_agreement_ignores_missing_labels_and_needs_two_classes() -> None:
    twins = np.array([[1.0, 0], [1, 0.01], [0, 1], [0.01, 1], [1, 0]])
    assert knn.agreement(twins, np.array([0, 0, 1, 1, -1])) == 1.0
    assert knn.agreement(twins, np.array([0, 0, 0, 0, -1])) is None
    assert knn.agreement(twins, np.full(5, -1)) is None


def test_constant_and_zero_features_still_get_an_answer() -> None:
    for bank in (np.ones((6, 3)), np.zeros((6, 3))):
        assert knn.predict(bank, np.array([0, 0, 0, 0, 1, 1]), bank[:2], k=6).tolist() == [0, 0]


@pytest.mark.filterwarnings("error")
def test_half_precision_is_read_as_it_is_stored() -> None:
    stored = np.array([[3.0, 4.0], [60_000.0, 0.0], [0.0, 6e-8]], np.float16)
    found = knn.unit(stored)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[:2], [[0.6, 0.8], [1.0, 0.0]], rtol=1e-6)
    np.testing.assert_array_equal(found, knn.unit(stored.astype(np.float32)))
